"""cfn-lint: checks CloudFormation templates."""

from typing import Any

from sluice_normaliser.kit import CLEAN, Format, JsonShape, Map, ScannerSpec, by, call, code, const, when
from sluice_normaliser.kit.shapes import arr, words
from sluice_shared.contracts.finding import Kind

_SETUP = """
```sh
cfn-lint --format json 'templates/**/*.yaml' > cfn-lint.json
sluice push cfn-lint.json --asset repo:github.com/acme/shop --scanner cfn_lint
```
Name the scanner: a run that found nothing writes `[]`, which many tools write. cfn-lint does not end with 0 when it
found something.
"""


def _symbol(path: Any) -> str | None:
    return ".".join(part for each in arr(path) if (part := words(each))) or None


SPEC = ScannerSpec(
    name="cfn_lint",
    title="cfn-lint",
    kinds=(Kind.IAC,),
    homepage="https://github.com/aws-cloudformation/cfn-lint",
    setup=_SETUP,
    aliases=("cfn-lint",),
    trivial={"[]": CLEAN},
    formats=(
        Format(
            name="cfn-lint-json",
            container="json",
            detect=JsonShape(root="array", has=("[].Filename",), any_of=("[].Rule.Id", "[].Location.Start"), weight=2),
            maps=(
                Map(
                    each="[]",
                    kind=Kind.IAC,
                    rule_id="Rule.Id",
                    rule_name="Rule.ShortDescription",
                    title="Message",
                    message="Message",
                    description="Rule.Description",
                    severity=by("Level", "levels"),
                    location=code(
                        path="Filename",
                        start_line="Location.Start.LineNumber",
                        start_column="Location.Start.ColumnNumber",
                        end_line="Location.End.LineNumber",
                        end_column="Location.End.ColumnNumber",
                        symbol=call(_symbol, "Location.Path"),
                        symbol_kind=when("Location.Path", const("template path")),
                    ),
                    references="Rule.Source",
                    fingerprints={"id": "Id", "parent": "ParentId"},
                ),
            ),
        ),
    ),
)
