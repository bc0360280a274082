"""From a parsed report to prepared scans: keys, content hashes and stored form. Runs in the parsing worker."""

from collections import defaultdict
from collections.abc import Iterator
from hashlib import blake2b

from sluice_normaliser.domain.keys import Identity, fingerprints_of_many, identity_of
from sluice_normaliser.domain.scan import Prepared, PreparedReport, PreparedScan, distinct
from sluice_normaliser.kit import ParsedReport, ParsedScan
from sluice_normaliser.kit.registry import find
from sluice_shared.contracts.finding import Kind, Observation, Severity
from sluice_shared.contracts.sparse import to_json

VOLATILE = {"scanner_version", "last_detected_at", "occurrence_count"}
"""What may change from scan to scan although the scanner says nothing new about the problem."""

_BORN_VEX = frozenset({"openvex-json", "csaf-json"})
_MAYBE_VEX = frozenset({"cyclonedx-json"})


def prepare(report: ParsedReport) -> PreparedReport:
    """Make every scan of a parsed report ready, one for each asset that it speaks about.

    A scan whose results name several assets becomes several; a scan without results stays one, so that it can
    still resolve what its scope showed before. The report's observations are used up: each is let go once it is ready.
    """
    vex = is_vex(report)
    scans = [prepared for scan in report.scans for prepared in _by_asset(scan)]
    if vex:
        for prepared in scans:
            prepared.vex = True
    return PreparedReport(report.format, report.scanner, scans, report.lacks)


def is_vex(report: ParsedReport) -> bool:
    """Tell whether the report says of vulnerabilities whether they matter, in a form that is made for that.

    OpenVEX and CSAF are when they say nothing, too: they withdraw then what they said before.
    """
    if report.format in _BORN_VEX:
        return True
    return report.format in _MAYBE_VEX and any(o.vex is not None for scan in report.scans for o in scan.observations)


def _by_asset(scan: ParsedScan) -> list[PreparedScan]:
    groups: dict[str | None, list[Observation]] = defaultdict(list)
    for observation in scan.observations:
        groups[observation.asset].append(observation)
    scan.observations = []
    return [_prepare_scan(scan, asset, group) for asset, group in (groups or {None: []}).items()]


def _prepare_scan(scan: ParsedScan, asset: str | None, observations: list[Observation]) -> PreparedScan:
    open_problems = [o for o in observations if o.is_open_problem]
    kinds, found = _kinds(scan.scanner, observations), len(observations)
    observations.clear()
    return PreparedScan(
        asset=asset,
        scanner=scan.scanner,
        scanner_version=scan.scanner_version,
        category=scan.category,
        scanned_at=scan.scanned_at,
        complete=scan.complete and scan.successful,
        successful=scan.successful,
        failure=scan.failure,
        commit=scan.commit,
        ref=scan.ref,
        kinds=kinds,
        observations=found,
        not_open=found - len(open_problems),
        unknown_severity=sum(o.severity is Severity.UNKNOWN for o in open_problems),
        problems=distinct(_prepared(open_problems)),
    )


def _prepared(observations: list[Observation]) -> Iterator[Prepared]:
    """Yield the problems in their order, and empty the list meanwhile."""
    of_many = fingerprints_of_many(observations)
    observations.reverse()
    while observations:
        observation = observations.pop()
        yield prepared_problem(observation, identity_of(observation, of_many))


def _kinds(scanner: str, observations: list[Observation]) -> tuple[Kind, ...]:
    """Return for what the scanner looked: what it found, or its only trade when it found nothing."""
    if observations:
        return tuple(sorted({o.kind for o in observations}))
    spec = find(scanner)
    return spec.kinds if spec is not None and len(spec.kinds) == 1 else ()


def prepared_problem(observation: Observation, identity: Identity) -> Prepared:
    """Make one open problem ready."""
    payload = to_json(observation, without=VOLATILE)
    return Prepared(
        exact=identity.exact,
        keys=identity.keys,
        content=blake2b(payload, digest_size=16).digest(),
        severity=observation.severity.rank,
        payload=payload,
        rule=observation.rule_id,
        path=getattr(observation.location, "path", None) or "",
        line=getattr(observation.location, "start_line", None) or getattr(observation.location, "line", None) or 0,
    )
