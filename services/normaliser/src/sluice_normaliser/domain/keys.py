"""Identity keys: the versioned hashes by which a finding is recognised again.

Every observation yields several keys. Each is a 128-bit BLAKE2b hash over a tuple written as a JSON array, so that no
two different tuples are glued into the same text. The algorithm's name and version
are part of the hash and are kept beside it: an algorithm is never changed, only joined by its next version.

- *scoped* keys hold within one scanner;
- *shared* keys are the same whichever scanner speaks, and by them scanners meet.

Equal results in one file share their keys. Which of them is which is decided where they are matched, by their place in
the source: a number given to each in one report would change for all when the first of them goes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b

import orjson

from sluice_normaliser.domain.algorithms import Algorithm
from sluice_normaliser.domain.controls import control_subject
from sluice_shared.contracts.finding import (
    CodeLocation,
    HostLocation,
    Kind,
    Observation,
    PackageLocation,
    ResourceLocation,
    UrlLocation,
)

Parts = tuple[str | int | None, ...]
KEY_BYTES = 16
MIN_FINGERPRINT_LENGTH = 8
_RANDOM_UUID = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)  # version 4 of RFC 9562
_VERSION_IN_NAME = re.compile(r"-\d[^/]*?(\.(?:dist-info|egg-info|jar|war|ear|gemspec|nupkg)\b)")

SENTINELS = frozenset({"requires login", "unknown", "undefined", "none", "null", "n/a", "redacted", "<no value>"})
"""What scanners write where a fingerprint or a snippet should be (Semgrep OSS: ``requires login``)."""

POSITIONAL_FINGERPRINTS = frozenset({"gitleaks", "primaryLocationStartColumnFingerprint"})
"""Fingerprints that only spell out a place; the content keys know better when lines move."""

DRAWN_FINGERPRINTS = frozenset({"gitlab_id"})
"""Fingerprints that some analysers (GitLab's DAST) draw anew for each report, while others make them of the content."""

VULNERABILITY_TYPES = frozenset({"cve", "ghsa", "osv", "rustsec", "pysec", "go", "snyk", "mal", "gms", "euvd"})
"""Types of identifiers that name one vulnerability, rather than an advisory, a weakness or a rule."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The keys of one observation, as pairs of an :class:`Algorithm`'s number and a hash.

    ``exact`` covers its place and its words to the letter: only an observation that did not move has it again.
    ``keys`` are ordered from the strongest to the weakest.
    """

    exact: bytes
    keys: tuple[tuple[int, bytes], ...]


def digest(label: str, parts: Parts) -> bytes:
    """Hash a tuple canonically: written as a JSON array, in which no two different tuples look the same."""
    try:
        text = orjson.dumps((label, *parts))
    except orjson.JSONEncodeError:
        # Half a surrogate pair is no character, yet a report may hold one.
        text = orjson.dumps(
            (label, *(p.encode(errors="backslashreplace").decode() if isinstance(p, str) else p for p in parts))
        )
    return blake2b(text, digest_size=KEY_BYTES).digest()


def pack(keys: Sequence[tuple[int, bytes]]) -> bytes:
    """Write keys as they are stored: a byte for the algorithm and 16 for the hash, one after another."""
    return b"".join([bytes((algorithm,)) + key for algorithm, key in keys])


def identify(observations: Sequence[Observation]) -> list[Identity]:
    """Give each observation of one scan its keys.

    The result has the order of the input. An observation's keys are its own, but for one guard that looks at the
    whole scan: a fingerprint given to several rules or paths counts for none.
    """
    of_many = fingerprints_of_many(observations)
    return [identity_of(observation, of_many) for observation in observations]


@cache
def _label(algorithm: Algorithm) -> str:
    return algorithm.label


def identity_of(observation: Observation, of_many: AbstractSet[tuple[str, str]]) -> Identity:
    """Give one observation its keys; ``of_many`` are the fingerprints that count for none in its scan."""
    keys = {(a.value, digest(_label(a), parts)) for a, parts in _base_parts(observation, of_many)}
    return Identity(digest("exact/1", _exact_parts(observation)), tuple(sorted(keys)))


def normal_text(text: str | None) -> str:
    """Fold white space; a sentinel counts as nothing said."""
    if not text:
        return ""
    folded = " ".join(text.split())
    return "" if folded.lower() in SENTINELS else folded


def package_subject(location: PackageLocation) -> str:
    """Name a package without its version: the purl up to the version, else ecosystem, namespace and name."""
    if location.purl:
        bare = location.purl.split("#", 1)[0].split("?", 1)[0]
        name, at, _ = bare.rpartition("@")
        # An unescaped @ may also begin a scope; a version never holds a slash.
        return (name if at and "/" not in bare[len(name) :] else bare).lower()
    return "/".join(filter(None, (location.ecosystem, location.namespace, location.name))).lower()


def vulnerability_names(observation: Observation) -> list[str]:
    """Return every name of the one vulnerability that the observation is about, upper case.

    By any of them another scanner's view may meet it, whoever asserted the alias; a wrong alias still joins only within
    one package, and only one finding to one. An advisory over several CVEs is none of them: its own id alone counts.
    """
    names = {i.value.upper() for i in observation.identifiers if i.type in VULNERABILITY_TYPES}
    if sum(name.startswith("CVE-") for name in names) > 1:
        names = set()
    return sorted(names | {observation.rule_id.upper()})


def _exact_parts(o: Observation) -> Parts:
    place: Parts
    match o.location:
        case CodeLocation() as code:
            place = (code.path, code.start_line, code.start_column, code.end_line, code.end_column, code.snippet)
        case PackageLocation() as package:
            image = package.image.digest if package.image else None
            place = (package_subject(package), package.version, package.path, package.line, image)
        case UrlLocation() as url:
            place = (url.url, url.method, url.parameter, url.parameter_in)
        case HostLocation() as host:
            place = (host.host, host.ip, host.port, host.protocol)
        case ResourceLocation() as res:
            place = (res.resource, res.account, res.region, res.path, res.start_line, res.end_line)
        case _:
            place = ()
    secret = o.secret.digest if o.secret else None
    commit = o.secret.commit if o.secret else None
    return (o.scanner, o.kind, o.rule_id, normal_text(o.message or o.title), secret, commit, *place)


def _base_parts(o: Observation, of_many: AbstractSet[tuple[str, str]]) -> Iterator[tuple[Algorithm, Parts]]:
    scope = (o.scanner, o.rule_id)
    for name, value in sorted(o.fingerprints.items()):
        if _is_trusted(name, value) and (name, value) not in of_many:
            yield Algorithm.VENDOR_1, (*scope, name, value)
    if o.secret and o.secret.digest:
        path = o.location.path if isinstance(o.location, CodeLocation) else ""
        yield Algorithm.SECRET_1, (*scope, path, o.secret.digest)
        yield Algorithm.SHARED_SECRET_1, (path, o.secret.digest)
    if subject := control_subject(o):
        yield Algorithm.SHARED_CONTROL_1, subject
    yield from _place_parts(o, scope)


def _place_parts(o: Observation, scope: Parts) -> Iterator[tuple[Algorithm, Parts]]:
    match o.location:
        case CodeLocation() as code:
            yield from _code_parts(o, code, scope)
        case PackageLocation() as package:
            subject = package_subject(package)
            yield Algorithm.PACKAGE_1, (*scope, subject, _path_without_version(package))
            topic = "licence" if o.kind is Kind.LICENCE else "vulnerability"
            for name in vulnerability_names(o):
                yield Algorithm.SHARED_VULNERABILITY_1, (topic, name, subject)
        case UrlLocation() as url:
            place = (url.method or "", url.template or url.url.split("?", 1)[0], url.parameter or "")
            yield Algorithm.URL_1, (*scope, *place)
            if o.cwes:
                yield Algorithm.SHARED_URL_1, (str(o.cwes[0]), *place[1:])
        case HostLocation() as host:
            yield Algorithm.HOST_1, (*scope, host.host, host.port, host.protocol or "")
        case ResourceLocation() as res:
            yield Algorithm.RESOURCE_1, (*scope, res.account or "", res.region or "", res.resource, res.path or "")
        case _:
            yield Algorithm.MESSAGE_1, (*scope, "", normal_text(o.message or o.title))


def _code_parts(o: Observation, code: CodeLocation, scope: Parts) -> Iterator[tuple[Algorithm, Parts]]:
    message = normal_text(o.message or o.title)
    snippet = normal_text(code.snippet) if o.secret is None else ""
    if snippet:
        yield Algorithm.SNIPPET_1, (*scope, code.path, snippet)
    if code.symbol:
        yield Algorithm.SYMBOL_1, (*scope, code.path, code.symbol, message)
    yield Algorithm.MESSAGE_1, (*scope, code.path, message)
    yield Algorithm.PATHLESS_1, (*scope, snippet or message)
    if snippet and o.cwes:
        yield Algorithm.SHARED_CODE_1, (str(o.cwes[0]), code.path, snippet)


def _path_without_version(package: PackageLocation) -> str:
    """``…/idna-2.10.dist-info`` is the same place after an upgrade."""
    path = package.path or ""
    if package.version:
        path = path.replace(package.version, "*")
    return _VERSION_IN_NAME.sub(r"-*\1", path)


def _is_trusted(name: str, value: str) -> bool:
    return (
        len(value) >= MIN_FINGERPRINT_LENGTH
        and value.strip().lower() not in SENTINELS
        and name.partition("/")[0] not in POSITIONAL_FINGERPRINTS
        and not (name in DRAWN_FINGERPRINTS and _RANDOM_UUID.fullmatch(value.strip()))
    )


def fingerprints_of_many(observations: Iterable[Observation]) -> AbstractSet[tuple[str, str]]:
    """Return the fingerprints that one scan gives to different rules or paths: they identify nothing."""
    first: dict[tuple[str, str], tuple[str, str]] = {}
    of_many = set()
    for o in observations:
        if not o.fingerprints:
            continue
        place = (o.rule_id, getattr(o.location, "path", None) or "")
        for fingerprint in o.fingerprints.items():
            if first.setdefault(fingerprint, place) != place:
                of_many.add(fingerprint)
    return of_many
