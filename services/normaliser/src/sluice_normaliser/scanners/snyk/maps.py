"""What Snyk's records say; the project that they are of stands above them."""

from typing import Any

from sluice_normaliser.kit import (
    Map,
    call,
    code,
    const,
    construct,
    each,
    epss,
    first,
    fix,
    ident,
    image_name,
    join,
    licence,
    lookup,
    matching,
    package,
    peek,
    rating,
    reference,
    resource,
    sections,
    suppression,
    template,
    when,
)
from sluice_normaliser.kit.path import items_of
from sluice_normaliser.kit.shapes import obj
from sluice_shared.contracts.finding import ImageRef, Kind, ObservationStatus, RatingMethod

_REACHABLE = {"reachable": True, "no-path-found": False, "not-reachable": False, "unreachable": False}
_PROVIDERS = {"k8s": "kubernetes", "helm": "kubernetes", "cloudformation": "aws", "arm": "azure"}


def _kind(type_: Any, language: Any, docker: Any, project: Any) -> Kind:
    if type_ == "license":
        return Kind.LICENCE
    in_image = language == "linux" or docker or str(project or "").startswith("docker-image|")
    return Kind.CONTAINER if in_image else Kind.SCA


def _installed(name: Any, language: Any) -> Any:
    """Return the package as installed; of a distribution's, Snyk writes ``source/binary``."""
    return name.rpartition("/")[2] if isinstance(name, str) and language == "linux" else name


def _source(name: Any, language: Any) -> str | None:
    """Return the source package of a distribution's package, in which the vulnerability is."""
    return name.rpartition("/")[0] or None if isinstance(name, str) and language == "linux" else None


def _range(semver: Any) -> str | None:
    vulnerable = obj(semver).get("vulnerable")
    if isinstance(vulnerable, dict):
        vulnerable = [each for ranges in vulnerable.values() for each in (ranges if isinstance(ranges, list) else [])]
    if isinstance(vulnerable, list):
        return " || ".join(str(each) for each in vulnerable) or None
    return vulnerable if isinstance(vulnerable, str) else None


def _direct(path: Any) -> bool | None:
    return len(path) == 2 if isinstance(path, list) and len(path) > 1 else None  # noqa: PLR2004 - root, package


def _image(project: Any, root: Any, tested: Any, platform: Any) -> ImageRef | None:
    """Return the image that was tested; ``from`` starts with ``docker-image|name@tag``."""
    named = next((words for words in (root, project) if isinstance(words, str) and words.startswith("docker-")), None)
    if named is None:
        return None
    name, _, tag = named.partition("|")[2].partition("@")
    said = image_name(tested.partition("/")[2] if name.startswith("docker-archive") else name)
    values = {"name": said.name or name, "tag": said.tag or tag or None, "os": platform}
    return construct(ImageRef, {key: value for key, value in values.items() if value})


def _alternatives(value: Any) -> list[Any]:
    """Return all names but the CWE numbers, which have a field of their own."""
    return [each for sort, names in obj(value).items() if sort != "CWE" for each in items_of(names)]


_PACKAGE = "packageName | name | package | moduleName"


def vulnerabilities(path: str, project: str = "^", image: str = "^", **more: Any) -> Map:
    """Return the map of problems at ``path``; ``project`` and ``image`` lead up to what they were found in."""
    return Map(
        each=path,
        kind=call(_kind, "type", "language", peek(f"{image}.docker"), f"{image}.projectName"),
        rule_id="id",
        title=first(when(_PACKAGE, template(f"{{title}} in {{{_PACKAGE}}}")), "title"),
        description="description",
        severity=["severityWithCritical", "severity"],
        identifiers=(ident("id", "snyk"), ident(call(_alternatives, "identifiers"), "vendor"), "alternativeIds[]"),
        cwes="identifiers.CWE[]",
        location=package(
            name=call(_installed, f"name | {_PACKAGE}", "language"),
            version="version",
            ecosystem=first("packageManager", f"{project}.packageManager"),
            purl="purl | packageUrl",
            fixed_versions="fixedIn[] | nearestFixedInVersion",
            affected_range=call(_range, "semver"),
            path=f"{project}.displayTargetFile | {project}.targetFile",
            dependency_path="from[]",
            direct=call(_direct, "from"),
            image=call(_image, f"{image}.projectName", "from[0]", f"{image}.path", f"{image}.platform"),
            reachable=lookup("reachability", _REACHABLE),
        ),
        related_locations=package(
            name=call(_source, "name", "language"),
            version="version",
            ecosystem=first("packageManager", f"{project}.packageManager"),
        ),
        licence=when(
            call(lambda sort: sort == "license", "type"),
            licence(name="license", spdx_id="license", link="licenseTemplateUrl"),
        ),
        ratings=(
            rating(const("snyk"), vector="CVSSv3 | cvssV3 | CVSSv4", score="cvssScore", severity="severity"),
            each(
                "cvssDetails[]",
                rating(
                    "assigner",
                    vector="cvssV3Vector | cvssV4Vector",
                    score="cvssV3BaseScore | cvssV4BaseScore",
                    severity="severity",
                    as_of="modificationTime",
                ),
            ),
            each(
                "cvssSources[]",
                rating(
                    "assigner",
                    vector="vector",
                    score="baseScore",
                    severity="severity",
                    version="cvssVersion",
                    as_of="modificationTime",
                ),
            ),
            rating(const("nvd"), severity="nvdSeverity", method=RatingMethod.VENDOR),
            epss("epssDetails.probability", "epssDetails.percentile", "epssDetails.modelVersion"),
        ),
        fix=fix(recommendation=matching("description", r"## Remediation\s*\n(.*?)\s*(?=\n## |\Z)")),
        references=each("references[]", reference(url="url", title="title")),
        exploit_maturity="exploitMaturity | exploit",
        published_at="publicationTime | disclosureTime",
        tags=(when("malicious", const("malicious")), "packagePopularityRank"),
        ignore=("mavenModuleName", "moduleName", "packageName", "package", "identifiers.ALTERNATIVE"),
        **more,
    )


_IGNORED: dict[str, Any] = {
    "status": ObservationStatus.SUPPRESSED,
    "suppressions": (
        each(
            "filtered.ignored[]",
            suppression(
                kind=const("policy"), status=const("accepted"), justification="reason", author="ignoredBy.name"
            ),
        ),
        each("filtered.patches[]", suppression(kind=const("policy"), status=const("accepted"), justification="id")),
    ),
}

OF_PROJECT = (
    vulnerabilities("vulnerabilities[]"),
    vulnerabilities("filtered.ignore[]", **_IGNORED),
    vulnerabilities("filtered.patch[]", **_IGNORED),
)
OF_API = (vulnerabilities("issues.vulnerabilities[]"), vulnerabilities("issues.licenses[]"))
"""The issues in the answer of the first version of the API, where licences stand apart."""
OF_APPLICATIONS = (
    vulnerabilities("vulnerabilities[]", image="^^"),
    vulnerabilities("filtered.ignore[]", image="^^", **_IGNORED),
    vulnerabilities("filtered.patch[]", image="^^", **_IGNORED),
)


def _of_issue(field: str) -> call:
    """Return what the data of an issue say, which stand apart from the packages that have it."""

    def find(data: Any, name: Any) -> Any:
        return obj(obj(data).get(name)).get(field)

    return call(find, "^^.docker.binariesVulns.issuesData", "#key")


BINARIES = Map(
    each="docker.binariesVulns.affectedPkgs.*.issues.*",
    kind=Kind.CONTAINER,
    rule_id="issueId | #key",
    title=_of_issue("title"),
    description=_of_issue("description"),
    severity=_of_issue("severity"),
    identifiers=(ident("issueId | #key", "snyk"), ident(call(_alternatives, _of_issue("identifiers")), "vendor")),
    cwes=call(lambda named: obj(named).get("CWE"), _of_issue("identifiers")),
    location=package(
        name="^.pkg.name",
        version="^.pkg.version",
        fixed_versions="fixInfo.nearestFixedInVersion",
        affected_range=call(_range, _of_issue("semver")),
        image=call(_image, "^^.projectName", "^^.projectName", "^^.path", "^^.platform"),
    ),
    ratings=rating(
        const("snyk"), vector=_of_issue("CVSSv3"), score=_of_issue("cvssScore"), severity=_of_issue("severity")
    ),
    published_at=_of_issue("publicationTime"),
)


def _of_data(field: str) -> call:
    """Return what the data of an issue say, which stand beside the issues of a project without a package manager."""

    def find(data: Any, name: Any) -> Any:
        return obj(obj(data).get(str(name))).get(field)

    return call(find, peek("^.issuesData"), "issueId")


def _files(signatures: Any, name: Any, version: Any) -> str | None:
    paths = items_of(obj(obj(signatures).get(f"{name}@{version}")).get("filePaths"))
    return paths[0] if paths and isinstance(paths[0], str) else None


UNMANAGED = Map(
    each="issues[]",
    kind=Kind.SCA,
    rule_id="issueId",
    title=first(join(_of_data("title"), "pkgName", sep=" in "), "issueId"),
    description=_of_data("description"),
    severity=[_of_data("severityWithCritical"), _of_data("severity")],
    identifiers=(ident("issueId", "snyk"), ident(call(_alternatives, _of_data("identifiers")), "vendor")),
    cwes=call(lambda named: obj(named).get("CWE"), _of_data("identifiers")),
    location=package(
        name="pkgName",
        version="pkgVersion",
        fixed_versions=first("fixInfo.nearestFixedInVersion", _of_data("fixedIn")),
        affected_range=call(_range, _of_data("semver")),
        path=call(_files, peek("^.fileSignaturesDetails | ^.depsFilePaths"), "pkgName", "pkgVersion"),
    ),
    ratings=rating(
        const("snyk"), vector=_of_data("CVSSv3"), score=_of_data("cvssScore"), severity=_of_data("severity")
    ),
    references=_of_data("url"),
    exploit_maturity=first(_of_data("exploitMaturity"), _of_data("exploit")),
    published_at=_of_data("publicationTime"),
)
"""An issue of ``snyk test --unmanaged``, for code in C and C++."""

MISCONFIGURATIONS = Map(
    each="infrastructureAsCodeIssues[]",
    kind=Kind.IAC,
    rule_id="publicId | id",
    title="title",
    description=sections("iacDescription.issue | issue", Impact="iacDescription.impact | impact", Details="msg"),
    severity="severity",
    status=when("isIgnored", ObservationStatus.SUPPRESSED, ObservationStatus.OPEN),
    identifiers=ident("publicId | id", "snyk"),
    location=first(
        resource(
            resource=join("path[]", sep="."),
            resource_type="subType",
            provider=lookup("type", _PROVIDERS),
            path="^.targetFile",
            start_line="lineNumber",
        ),
        code(path="^.targetFile", start_line="lineNumber"),
    ),
    fix=fix(recommendation="iacDescription.resolve | resolve | remediation"),
    references=("documentation", "references[]"),
    tags=("type", "compliance[]"),
    ignore=("name", "from"),
)


def _issue(path: str, **more: Any) -> Map:
    return Map(
        each=path,
        kind=call(
            lambda sort, image: Kind.LICENCE if sort == "license" else Kind.CONTAINER if image else Kind.SCA,
            "issueType",
            "$.project.imageId",
        ),
        rule_id="id",
        title=first(template("{issueData.title} in {pkgName}"), "id"),
        description="issueData.description",
        severity="issueData.severity",
        identifiers=(ident("id", "snyk"), ident(call(_alternatives, "issueData.identifiers"), "vendor")),
        cwes="issueData.identifiers.CWE[]",
        location=package(
            name="pkgName",
            version="pkgVersions[0]",
            ecosystem="$.project.type",
            fixed_versions="fixInfo.fixedIn[] | fixInfo.nearestFixedInVersion | issueData.nearestFixedInVersion",
            affected_range=call(_range, "issueData.semver"),
        ),
        ratings=rating(
            const("snyk"), vector="issueData.CVSSv3", score="issueData.cvssScore", severity="issueData.severity"
        ),
        references="issueData.url",
        exploit_maturity="issueData.exploitMaturity",
        published_at="issueData.publicationTime",
        **more,
    )


_OPEN = when("isIgnored", ObservationStatus.SUPPRESSED, ObservationStatus.OPEN)
AGGREGATED_ISSUES = _issue("issues[]", status=_OPEN)
NEW_ISSUES = _issue("newIssues[]", status=_OPEN)
REMOVED_ISSUES = _issue("removedIssues[]", status=ObservationStatus.FIXED)
