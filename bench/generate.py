"""A deterministic SARIF report for the pipeline benchmark, and the same with one hundredth changed."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any

FOLDERS = ("api", "billing", "core", "jobs", "users", "web")
FILES = ("client", "handler", "model", "query", "session", "view")
SINKS = ("db.execute", "os.system", "eval", "open", "requests.get", "yaml.load")
RULES = [
    {
        "id": f"bench/rule-{number:02d}",
        "shortDescription": {"text": f"Rule {number}: untrusted data reaches {SINKS[number % len(SINKS)]}"},
        "fullDescription": {
            "text": "Data from outside the program reaches a sensitive call without being checked first."
        },
        "defaultConfiguration": {"level": ("error", "warning", "note")[number % 3]},
        "helpUri": f"https://example.org/rules/{number}",
        "properties": {
            "tags": ["security", f"external/cwe/cwe-{20 + number}"],
            "security-severity": str(2 + number % 8),
        },
    }
    for number in range(40)
]


def result(random_: random.Random, number: int) -> dict[str, Any]:
    """Make one result; its snippet names its number, so that no two are alike."""
    rule = random_.randrange(len(RULES))
    path = f"src/{random_.choice(FOLDERS)}/{random_.choice(FILES)}_{random_.randrange(60)}.py"
    line = random_.randrange(1, 2000)
    snippet = f"    value_{number} = {SINKS[rule % len(SINKS)]}(request.args['p{number}'])"
    return {
        "ruleId": RULES[rule]["id"],
        "ruleIndex": rule,
        "message": {"text": f"The parameter p{number} flows into {SINKS[rule % len(SINKS)]} without being checked."},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": path, "uriBaseId": "SRCROOT"},
                    "region": {"startLine": line, "startColumn": 5, "endColumn": 60, "snippet": {"text": snippet}},
                }
            }
        ],
        "partialFingerprints": {"benchHash/v1": hashlib.sha256(f"{path}{snippet}".encode()).hexdigest()},
    }


def write(folder: Path, size: int) -> None:
    """Write ``sarif-<size>.json`` and ``sarif-<size>-delta.json``: one hundredth gone, as many new."""
    random_ = random.Random(size)
    results = [result(random_, number) for number in range(size + size // 100)]
    gone = set(random_.sample(range(size), size // 100))
    old, new = results[:size], [r for n, r in enumerate(results) if n not in gone]
    for name, chosen in ((f"sarif-{size}.json", old), (f"sarif-{size}-delta.json", new)):
        run = {"tool": {"driver": {"name": "Bench", "version": "1.0", "rules": RULES}}, "results": chosen}
        (folder / name).write_text(json.dumps({"version": "2.1.0", "runs": [run]}))
