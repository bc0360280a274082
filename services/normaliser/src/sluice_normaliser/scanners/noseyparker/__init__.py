"""Nosey Parker: secrets in files and in the history of Git repositories."""

from sluice_normaliser.kit import (
    CLEAN,
    Format,
    JsonShape,
    Map,
    ScannerSpec,
    call,
    code,
    const,
    secret,
    status,
    suppression,
    when,
)
from sluice_normaliser.scanners.noseyparker.places import (
    author,
    commit,
    committed_at,
    email,
    other_places,
    path_of,
    secret_of,
    snippet,
)
from sluice_shared.contracts.finding import Kind, ObservationStatus

_SETUP = """
```sh
noseyparker scan --datastore np.db . && noseyparker report --datastore np.db --format jsonl > noseyparker.jsonl
sluice push noseyparker.jsonl --asset repo:github.com/acme/shop --scanner noseyparker
```
Name the scanner: a run without findings leaves an empty file behind. Every match is an observation; of the secret only
a keyed digest is stored. Matches that were rejected in the datastore count as suppressed.
"""

_STATUSES = {"accept": ObservationStatus.OPEN, "reject": ObservationStatus.SUPPRESSED}

_MATCHES = Map(
    each="[].matches[]",
    kind=Kind.SECRET,
    rule_id="^.rule_text_id | rule_text_id | ^.rule_name | rule_name",
    rule_name="^.rule_name | rule_name",
    title="^.rule_name | rule_name",
    confidence="score",
    status=status("status | ^.status", _STATUSES),
    location=code(
        path=call(path_of, "provenance"),
        start_line="location.source_span.start.line",
        start_column="location.source_span.start.column",
        end_line="location.source_span.end.line",
        end_column="location.source_span.end.column",
        byte_offset="location.offset_span.start",
        byte_length=call(
            lambda start, end: end - start if isinstance(start, int) and isinstance(end, int) else None,
            "location.offset_span.start",
            "location.offset_span.end",
        ),
        snippet=call(snippet, "snippet"),
        commit=call(commit, "provenance"),
    ),
    related_locations=call(other_places, "provenance"),
    secret=secret(
        value=call(secret_of, "match_content | ^.match_content", "groups | ^.groups"),
        match="snippet.matching",
        type="^.rule_name | rule_name",
        commit=call(commit, "provenance"),
        author=call(author, "provenance"),
        email=call(email, "provenance"),
        committed_at=call(committed_at, "provenance"),
    ),
    suppressions=when(
        call(lambda said: said == "reject", "status | ^.status"),
        suppression(kind=const("external"), status=const("accepted"), justification="comment | ^.comment"),
    ),
    fingerprints={"finding": "^.finding_id", "match": "structural_id", "blob": "blob_id"},
    ignore=("provenance", "rule_name", "match_content", "groups", "snippet", "capture_group_index"),
)

SPEC = ScannerSpec(
    name="noseyparker",
    title="Nosey Parker",
    kinds=(Kind.SECRET,),
    homepage="https://github.com/praetorian-inc/noseyparker",
    setup=_SETUP,
    aliases=("nosey_parker", "nosey-parker"),
    trivial={"": CLEAN, "[]": CLEAN, "{}": CLEAN},
    differences={
        "noseyparker_many_vul.jsonl": "one observation for each match; the reference merges those in one place"
    },
    formats=(
        Format(
            name="noseyparker-json",
            container=("json", "jsonl"),
            detect=JsonShape(
                has=("[].matches",),
                any_of=("[].rule_name", "[].num_matches", "[].finding_id", "[].matches[].provenance"),
                weight=2,
            ),
            maps=(_MATCHES,),
        ),
    ),
)
