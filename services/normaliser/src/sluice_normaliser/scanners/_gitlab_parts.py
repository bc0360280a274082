"""What is in the parts of a GitLab report: the functions of its maps."""

import base64
import binascii
import re
from typing import Any

from sluice_normaliser.kit import Reading, construct, image_name
from sluice_normaliser.kit.identifiers import find, make
from sluice_normaliser.kit.packages import purl_type, versions
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj, objs, words
from sluice_shared.contracts.finding import Identifier, ImageRef, Observation

_PRIMARY_BY_NAME = frozenset({"cwe", "owasp", "wasc", "capec"})
_UPGRADE = re.compile(
    r"\bto (?:versions? )?(?P<versions>v?\d.*?)(?: or (?:above|higher|later|newer)|\.?\s*$|\. )", re.IGNORECASE
)
_DATABASE = re.compile(r"gemnasium-db/-/blob/[^/]+/(?P<ecosystem>\w+)/")
_MANIFESTS = {
    **dict.fromkeys(("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "package.json"), "npm"),
    **dict.fromkeys(("requirements.txt", "pipfile.lock", "poetry.lock", "pipfile", "setup.py", "uv.lock"), "pypi"),
    **dict.fromkeys(("pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "gradle.lockfile"), "maven"),
    **dict.fromkeys(("go.sum", "go.mod"), "golang"),
    **dict.fromkeys(("gemfile.lock", "gems.locked"), "gem"),
    "composer.lock": "composer",
    "packages.lock.json": "nuget",
    "conan.lock": "conan",
    "cargo.lock": "cargo",
}


def _objects(value: Any) -> list[dict[str, Any]]:
    return objs(items_of(value))


def identifiers(listed: Any) -> list[Identifier]:
    found: list[Identifier] = []
    for each_ in _objects(listed):
        sort = (words(each_.get("type")) or words(each_.get("external_type")) or "").lower()
        value = words(each_.get("value")) or words(each_.get("external_id"))
        address = words(each_.get("url"))
        named = find(value or "") or find(words(each_.get("name")) or "")
        if not named and sort == "cwe" and (value or "").isdigit():
            named = (("cwe", f"CWE-{int(value or 0)}"),)
        if named:
            found += [make(scheme, canonical, url=address) for scheme, canonical in named]
        elif value:
            found.append(make("vendor", value, source=sort or None, url=address))
    return found


def rule(listed: Any) -> str | None:
    """Return the name of a vulnerability, else the primary identifier, which is the first."""
    named = _objects(listed)
    for each_ in named:
        if (words(each_.get("type")) or words(each_.get("external_type")) or "").lower() in {"cve", "ghsa"}:
            return words(each_.get("value")) or words(each_.get("external_id"))
    primary = named[0] if named else {}
    if (words(primary.get("type")) or words(primary.get("external_type")) or "").lower() in _PRIMARY_BY_NAME:
        return words(primary.get("name"))
    return words(primary.get("value")) or words(primary.get("external_id")) or words(primary.get("name"))


def rule_name(listed: Any) -> str | None:
    named = _objects(listed)
    return words(named[0].get("name")) if named else None


def fixed(solution: Any) -> list[str]:
    found = _UPGRADE.search(words(solution) or "")
    return versions(found["versions"].replace(" and ", ", ").rstrip(".")) if found else []


def ecosystem(listed: Any, file: Any, files: Any) -> str | None:
    for each_ in _objects(listed):
        found = _DATABASE.search(words(each_.get("url")) or "")
        if found:
            return found["ecosystem"]
    for each_ in _objects(files):
        if each_.get("path") == file and words(each_.get("package_manager")):
            return words(each_.get("package_manager"))
    return _MANIFESTS.get((words(file) or "").rpartition("/")[2].lower())


def distribution(system: Any, name: Any) -> str | None:
    """Return the distribution of an image's package; a name with a path or a group is of a language."""
    if not isinstance(name, str) or "/" in name or ":" in name:
        return None
    first_word = re.split(r"[:\s]", words(system) or "", maxsplit=1)[0].lower()
    return first_word if purl_type(first_word) else None


def image(name: Any, system: Any) -> ImageRef | None:
    told = words(name)
    if told is None:
        return None
    said = image_name(told)
    values = {"name": said.name, "tag": said.tag, "digest": said.digest, "os": words(system)}
    return construct(ImageRef, {key: value for key, value in values.items() if value})


def patch(identifier: Any, compare_key: Any, remedies: Any) -> str | None:
    for remedy in _objects(remedies):
        ids = {words(each_.get(key)) for each_ in _objects(remedy.get("fixes")) for key in ("id", "cve")} - {None}
        diff = words(remedy.get("diff"))
        if diff and ids & {words(identifier), words(compare_key)}:
            try:
                return base64.b64decode(diff, validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return diff
    return None


def message(exchange: Any) -> str | None:
    """Return an HTTP request or response as text."""
    said = obj(exchange)
    head = " ".join(str(said[key]) for key in ("method", "url", "status_code", "reason_phrase") if said.get(key))
    lines = [f"{each_.get('name')}: {each_.get('value')}" for each_ in _objects(said.get("headers"))]
    body = words(said.get("body"))
    return "\n".join([*([head] if head else []), *lines, *(["", body] if body else [])]) or None


def address(host: Any, path: Any) -> str | None:
    name, rest = words(host), words(path) or ""
    if name is None:
        return rest if "://" in rest else None
    return f"{name.rstrip('/')}/{rest.lstrip('/')}" if rest else name


def _signatures(tracking: Any) -> dict[str, str]:
    """Return the fingerprints by which GitLab follows a finding through changes of its file."""
    found: dict[str, str] = {}
    for item in _objects(obj(tracking).get("items")):
        for signature in _objects(item.get("signatures")):
            name, value = words(signature.get("algorithm")), words(signature.get("value"))
            if name and value:
                found.setdefault(f"gitlab_{name}", value)
    return found


def fingerprints(identifier: Any, compare_key: Any, tracking: Any) -> dict[str, str]:
    given = {"gitlab_id": words(identifier), "gitlab_compare_key": words(compare_key)}
    return {name: value for name, value in given.items() if value} | _signatures(tracking)


def by_analyser(observation: Observation, record: Any, _: Reading) -> Observation:
    observation.scanner_name = words(obj(obj(record).get("scanner")).get("name")) or observation.scanner_name
    return observation


def _problem(scan: Any, found: Any) -> tuple[str | None, bool]:
    """Return why an analyser says that it failed, and whether it shows anything all the same."""
    said = obj(scan)
    if (words(said.get("status")) or "success").lower() != "failure":
        return None, bool(found)
    told = [words(each_.get("value")) for each_ in _objects(said.get("messages"))]
    return "; ".join(each_ for each_ in told[:5] if each_) or "the scan's status is failure", bool(found)


def failure(scan: Any, found: Any) -> str | None:
    told, shows = _problem(scan, found)
    return told if shows else None


def refusal(scan: Any, found: Any) -> str | None:
    told, shows = _problem(scan, found)
    return None if shows else told
