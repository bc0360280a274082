"""What the three scans of Wiz CLI (directories, infrastructure as code, images) have in common: one form of result."""

from typing import Any

from sluice_normaliser.kit import (
    Format,
    Group,
    JsonShape,
    Map,
    RawSecret,
    ScanMap,
    by,
    call,
    code,
    const,
    construct,
    each,
    epss,
    fix,
    ident,
    image_name,
    package,
    peek,
    rating,
    resource,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.filepath import below_root
from sluice_normaliser.kit.shapes import obj, words
from sluice_shared.contracts.finding import ImageRef, Kind, ObservationStatus, RatingMethod, SecretDetail

_MANIFESTS = {
    **dict.fromkeys(("go.mod", "go.sum"), "golang"),
    **dict.fromkeys(("package.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "npm-shrinkwrap.json"), "npm"),
    **dict.fromkeys(("pom.xml", "build.gradle", "build.gradle.kts", "gradle.lockfile"), "maven"),
    **dict.fromkeys(("poetry.lock", "pipfile.lock", "pipfile", "metadata", "uv.lock", "setup.py", "pkg-info"), "pypi"),
    **dict.fromkeys(("composer.lock", "composer.json", "installed.json"), "composer"),
    **dict.fromkeys(("gemfile.lock", "gemfile"), "gem"),
    **dict.fromkeys(("cargo.lock", "cargo.toml"), "cargo"),
    **dict.fromkeys(("packages.lock.json", "packages.config"), "nuget"),
    **dict.fromkeys(("mix.lock",), "hex"),
    **dict.fromkeys(("pubspec.lock",), "pub"),
    **dict.fromkeys(("podfile.lock",), "cocoapods"),
}
_SUFFIXES = {
    **dict.fromkeys((".jar", ".war", ".ear"), "maven"),
    **dict.fromkeys((".csproj", ".deps.json", ".nupkg"), "nuget"),
    ".gemspec": "gem",
}
_FAILED = frozenset({"FAILED", "ERROR", "TIMEOUT", "CANCELED", "CANCELLED"})


def _failure(state: Any) -> str | None:
    said = words(state)
    return f"the scan ended in the state {said}" if said and said.upper() in _FAILED else None


def scan(category: str | None = None) -> ScanMap:
    """Return the map of the scan itself."""
    return ScanMap(
        scanned_at="createdAt",
        failure=call(_failure, "status.state"),
        category=const(category) if category else None,
    )


def _ecosystem(path: Any) -> str | None:
    """Return the ecosystem of a library by the file that names it; the report itself does not tell."""
    name = (words(path) or "").replace("\\", "/").rpartition("/")[2].lower()
    if name in _MANIFESTS:
        return _MANIFESTS[name]
    if name.startswith("requirements") and name.endswith(".txt"):
        return "pypi"
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), None)


def _image(origin: Any, layer: Any) -> ImageRef | None:
    about, inside = obj(origin), obj(layer)
    name = words(about.get("name"))
    if name is None or "Image" not in (words(about.get("__typename")) or ""):
        return None
    asked = image_name(name)
    return construct(
        ImageRef,
        {
            "name": asked.name,
            "tag": asked.tag,
            "digest": words(about.get("digest")) or asked.digest,
            "layer_digest": words(inside.get("id")) or words(inside.get("digest")),
            "layer_index": inside.get("index") if isinstance(inside.get("index"), int) else None,
            "instruction": words(inside.get("details")) or words(inside.get("command")),
        },
    )


def _ignored(ignored: Any, failed: Any) -> bool:
    """Return whether every policy that speaks of a result ignores it."""
    return bool(ignored) and not failed


def _status(ignored: Any, failed: Any) -> ObservationStatus | None:
    return ObservationStatus.SUPPRESSED if _ignored(ignored, failed) else None


_SET_ASIDE: dict[str, Any] = {
    "status": call(_status, peek("ignoredPolicyMatches"), peek("failedPolicyMatches")),
    "suppressions": when(
        call(_ignored, peek("ignoredPolicyMatches"), peek("failedPolicyMatches")),
        suppression(
            kind=const("policy"), status=const("accepted"), justification="ignoredPolicyMatches[0].ignoreReason"
        ),
    ),
}
_POLICIES = ("failedPolicyMatches",)


def _file(path: Any, origin: Any) -> str | None:
    """Return a path: in a folder it begins with a slash for that folder, in an image with the image's own root."""
    found = words(path)
    return found if "Image" in (words(origin) or "") else below_root(found)


def _policies(path: str = "failedPolicyMatches[]") -> Any:
    return each(path, "policy.name")


def _vulnerabilities(records: str, kind: Kind, *, of_system: bool) -> Map:
    return Map(
        each=f"{records}.vulnerabilities[]",
        kind=kind,
        rule_id="name",
        title=template("{name} in {^.name} {^.version}"),
        description="description",
        severity=["severity", by("score", "cvss")],
        identifiers=(ident("name", "vendor"), ident("source")),
        location=package(
            name="^.name",
            version="^.version",
            ecosystem=const(None) if of_system else call(_ecosystem, "^.path"),
            fixed_versions="fixedVersion",
            path=call(_file, "^.path", "$.scanOriginResource.__typename"),
            image=call(_image, "$.scanOriginResource", peek("^.layerMetadata")),
        ),
        ratings=(
            rating(const("wiz"), vector="cvssV3Metrics.vector", score="score", method=RatingMethod.CVSS_V31),
            epss("epssProbability", "epssPercentile"),
        ),
        fix=fix(fixed_versions="fixedVersion"),
        references=("source",),
        exploit_maturity=when("hasCisaKevExploit", const("known_exploited"), when("hasExploit", const("exploit"))),
        fingerprints={"wiz": "finding.id"},
        tags=("^.detectionMethod", _policies()),
        published_at="publishDate",
        ignore=_POLICIES,
        **_SET_ASIDE,
    )


def _leaked(type_: Any) -> RawSecret:
    return RawSecret(construct(SecretDetail, {"type": words(type_)}), ())


_SECRETS = Map(
    each="result.secrets[]",
    kind=Kind.SECRET,
    rule_id="type",
    title="description",
    message="description",
    severity="severity",
    location=code(
        path=call(_file, "path", "$.scanOriginResource.__typename"),
        start_line="lineNumber",
        byte_offset="offset",
        snippet="snippet",
    ),
    secret=call(_leaked, "type"),
    fingerprints={"wiz": "id | externalId"},
    tags=(each("contains[]", "name"), _policies()),
    ignore=_POLICIES,
    **_SET_ASIDE,
)


def _has_none(matches: Any) -> bool:
    return not matches


_RULES = Map(
    each="result.ruleMatches[].matches[]",
    kind=Kind.IAC,
    rule_id="^.rule.id | ^.rule.name",
    rule_name="^.rule.name",
    title="^.rule.name",
    description="^.rule.description",
    message=template("{found}. Expected: {expected}"),
    severity="^.severity",
    identifiers=(ident("^.rule.shortId", scheme="wiz"),),
    location=resource(
        resource="resourceName | fileName",
        name="resourceName",
        resource_type="fileType",
        path=call(_file, "fileName", "$.scanOriginResource.__typename"),
        start_line="lineNumber",
        snippet="matchContent",
    ),
    fix=fix(recommendation="remediationInstructions", patch="fileRemediation"),
    tags=("fileType", each("failedPolicies[]", "name"), _policies("^.failedPolicyMatches[]")),
)

_RULES_ALONE = Map(
    each="result.ruleMatches[]",
    where=call(_has_none, peek("matches")),
    kind=Kind.IAC,
    rule_id="rule.id | rule.name",
    rule_name="rule.name",
    title="rule.name",
    description="rule.description",
    severity="severity",
    tags=(_policies(),),
    ignore=_POLICIES,
)

_DATA = Map(
    each="result.dataFindings[]",
    kind=Kind.OTHER,
    rule_id="dataClassifier.id | dataClassifier.name | name",
    title=template("{dataClassifier.name} {name}"),
    severity="severity",
    location=code(path=call(_file, "path | examples[0].path", "$.scanOriginResource.__typename")),
    occurrence_count="matchCount | totalMatchCount",
    tags=("dataClassifier.category", _policies()),
    ignore=_POLICIES,
    **_SET_ASIDE,
)

_HOST_STATUS = {"PASS": ObservationStatus.PASSED, "PASSED": ObservationStatus.PASSED}


def _host_status(result: Any) -> ObservationStatus:
    said = (words(result) or "").upper()
    if said in {"NOT_ASSESSED", "ERROR"}:
        return ObservationStatus.MANUAL
    return _HOST_STATUS.get(said, ObservationStatus.OPEN)


_HOST = Map(
    each="result.hostConfiguration.hostConfigurationFindings[]",
    kind=Kind.COMPLIANCE,
    rule_id="rule.shortId | rule.id | rule.name | id",
    rule_name="rule.name",
    title="rule.name | name",
    description="rule.description",
    severity="severity | rule.severity",
    status=call(_host_status, "result | status"),
    fix=fix(recommendation="rule.remediationInstructions"),
    tags=(_policies(),),
    ignore=_POLICIES,
)

MAPS: tuple[Map | Group, ...] = (
    _vulnerabilities("result.osPackages[]", Kind.CONTAINER, of_system=True),
    _vulnerabilities("result.libraries[]", Kind.SCA, of_system=False),
    _vulnerabilities("result.applications[]", Kind.SCA, of_system=True),
    _vulnerabilities("result.cpes[]", Kind.SCA, of_system=True),
    _SECRETS,
    _RULES,
    _RULES_ALONE,
    _DATA,
    _HOST,
)


def formats(name: str, origin: str, telling: str) -> tuple[Format, Format, Format]:
    """Return the formats of one kind of scan: that which names its origin, and that which leaves it out.

    ``origin`` is a pattern for the name of the origin's type, ``telling`` the list that this kind of scan fills.
    """
    lists = ("libraries", "osPackages", "ruleMatches", "secrets", "applications", "hostConfiguration", "dataFindings")
    named = Format(
        name=f"{name}-json",
        container="json",
        detect=JsonShape(
            root="object",
            has=("scanOriginResource",),
            any_of=("result", "status.verdict", "status.state"),
            match={"scanOriginResource.__typename": origin},
            weight=2,
        ),
        scan=scan(),
        maps=MAPS,
    )
    cut = Format(
        name=f"{name}-json-without-origin",
        container="json",
        detect=JsonShape(root="object", any_of=(telling,), weight=1),
        scan=scan(),
        maps=MAPS,
    )
    other = Format(
        name=f"{name}-json-of-anything",
        container="json",
        detect=JsonShape(root="object", any_of=tuple(f"result.{each_}" for each_ in lists)),
        scan=scan(),
        maps=MAPS,
    )
    return named, cut, other
