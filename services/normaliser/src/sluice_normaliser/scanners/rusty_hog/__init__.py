"""Rusty Hog: finds secrets in Git, files, Confluence, Jira, Slack and S3."""

from typing import Any

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    code,
    first,
    resource,
    secret,
    template,
    url,
)
from sluice_normaliser.kit.coerce import integer
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
choctaw_hog --outputfile hog.json https://github.com/acme/shop
sluice push hog.json --asset repo:github.com/acme/shop --scanner rusty_hog
```
`duroc_hog` (files), `essex_hog` (Confluence), `gottingen_hog` (Jira),
`hante_hog` (Slack) and `berkshire_hog` (S3) do, too.
"""


def _line(*numbers: Any) -> int | None:
    """Return the first line number that is one; 0 stands for a line that was taken away."""
    return next((found for each in numbers if (found := integer(each)) and found > 0), None)


SPEC = ScannerSpec(
    name="rusty_hog",
    title="Rusty Hog",
    kinds=(Kind.SECRET,),
    aliases=("rusty-hog", "choctaw_hog", "duroc_hog", "essex_hog", "gottingen_hog", "berkshire_hog"),
    homepage="https://github.com/newrelic/rusty-hog",
    setup=_SETUP,
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="rusty-hog-json",
            container="json",
            detect=JsonShape(root="array", has=("[].stringsFound", "[].reason")),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.SECRET,
                    rule_id="reason",
                    title="reason",
                    location=first(
                        code(
                            path="path",
                            start_line=call(_line, "linenum", "new_line_num", "old_line_num"),
                            snippet="diff",
                            commit="commitHash",
                        ),
                        url(url="url | permalink"),
                        resource(resource=template("s3://{bucket}/{key}"), name="key"),
                    ),
                    secret=secret(
                        value="stringsFound", match="diff", type="reason", commit="commitHash", committed_at="date"
                    ),
                    evidence={"commit_message": "commit"},
                    fingerprints={"git_file": "new_file_id"},
                ),
            ),
        ),
    ),
)
