"""The finding schema: one shape for what any scanner says.

An :class:`Observation` is one result in one report, as its scanner gave it, mapped and without loss: what has no
field of its own stays under ``unmapped``. A finding is what a team has to deal with; it lives across scans, refs and
scanners, and :class:`sluice_shared.contracts.events.FindingState` carries it.

Scanner fields and triage fields are apart: nothing in an observation is ever written by a person.

Where a field follows an outside vocabulary, its docstring names it: SARIF 2.1.0 (OASIS), CVSS (FIRST), purl,
OpenVEX/CSAF, OCSF.
"""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from sluice_shared.contracts.base import UtcTime
from sluice_shared.contracts.sparse import Sparse


class Kind(StrEnum):
    """What sort of problem it is, whoever found it."""

    SAST = "sast"
    SCA = "sca"
    SECRET = "secret"  # noqa: S105 - a kind of finding
    IAC = "iac"
    CONTAINER = "container"
    DAST = "dast"
    API = "api"
    HOST = "host"
    CSPM = "cspm"
    RUNTIME = "runtime"
    LICENCE = "licence"
    MALWARE = "malware"
    MOBILE = "mobile"
    COMPLIANCE = "compliance"
    QUALITY = "quality"
    OTHER = "other"


class Severity(StrEnum):
    """Normalised severity. ``unknown`` is what no table could place; it is counted, never guessed."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """0 (unknown) to 5 (critical), for comparing."""
        return SEVERITY_RANK[self]


SEVERITY_RANK: dict[Severity, int] = {
    Severity.UNKNOWN: 0,
    Severity.INFO: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 3,
    Severity.HIGH: 4,
    Severity.CRITICAL: 5,
}


class Confidence(StrEnum):
    """How sure the scanner is that the result is true."""

    CONFIRMED = "confirmed"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


class ObservationStatus(StrEnum):
    """Whether the scanner reports an open problem or something else that it chose to list."""

    OPEN = "open"
    SUPPRESSED = "suppressed"
    PASSED = "passed"
    MANUAL = "manual"
    NOT_APPLICABLE = "not_applicable"
    FIXED = "fixed"
    INFORMATIONAL = "informational"


class Identifier(Sparse):
    """A name for the weakness or the vulnerability, with who gave it.

    ``type`` is lower case: ``cve``, ``ghsa``, ``osv``, ``rhsa``, ``cwe``, ``owasp``, ``cis``, ``snyk``, ``vendor`` and
    the like; ``value`` is canonical upper case where the scheme has a canonical form (``CVE-2021-44228``).
    """

    type: str
    value: str
    source: str | None = Field(default=None, description="Who asserted it: a database, a vendor, a tool")
    url: str | None = None


class RatingMethod(StrEnum):
    """How a rating was made (names as in CycloneDX where it has one)."""

    CVSS_V2 = "cvss_v2"
    CVSS_V3 = "cvss_v3"
    CVSS_V31 = "cvss_v31"
    CVSS_V4 = "cvss_v4"
    OWASP = "owasp"
    SSVC = "ssvc"
    EPSS = "epss"
    VENDOR = "vendor"
    OTHER = "other"


class Rating(Sparse):
    """One assessment of how bad it is, as given; several may disagree and all are kept."""

    source: str = Field(description="Who rated it: nvd, ghsa, redhat, the scanner itself")
    method: RatingMethod = RatingMethod.OTHER
    vector: str | None = None
    score: float | None = Field(default=None, description="In the method's own unit: CVSS 0-10, EPSS 0-1")
    percentile: float | None = Field(default=None, description="EPSS percentile, 0-1")
    severity: str | None = Field(default=None, description="As the source said it")
    as_of: str | None = Field(default=None, description="Date or version of the assessment")


class CodeFlowStep(Sparse):
    """One step on the way from a source to a sink (SARIF threadFlowLocation)."""

    path: str | None = None
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    message: str | None = None
    snippet: str | None = None


class Place(Sparse):
    """What all locations share: the tag that tells them apart is always written, even where defaults are not."""

    if TYPE_CHECKING:  # each has its own
        type: str

    def said(self) -> dict[str, Any]:
        """Return what differs from the defaults, and the tag."""
        return {"type": self.type, **super().said()}

    @model_serializer(mode="wrap")
    def _whole(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        self.fill()
        return {"type": self.type, **handler(self)}


class CodeLocation(Place):
    """A span of source text. Lines and columns count from 1; ``end_*`` are inclusive lines, exclusive columns."""

    type: Literal["code"] = "code"
    path: str
    start_line: int | None = None
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None
    char_offset: int | None = None
    char_length: int | None = None
    byte_offset: int | None = None
    byte_length: int | None = None
    snippet: str | None = None
    symbol: str | None = Field(default=None, description="Fully qualified logical scope: module.Class.method")
    symbol_kind: str | None = None
    module: str | None = None
    uri_base: str | None = Field(default=None, description="SARIF uriBaseId or checkout root, when given")
    commit: str | None = None
    message: str | None = None


class ImageRef(Sparse):
    """A container image and, where known, the layer in which the problem sits."""

    name: str | None = None
    tag: str | None = None
    digest: str | None = Field(default=None, description="Manifest digest, sha256:…")
    image_id: str | None = Field(default=None, description="Config digest, sha256:…")
    os: str | None = None
    layer_digest: str | None = None
    layer_diff_id: str | None = None
    layer_index: int | None = None
    instruction: str | None = Field(default=None, description="The build instruction that made the layer")
    base_image: str | None = None


class PackageLocation(Place):
    """A package as it is installed or declared."""

    type: Literal["package"] = "package"
    name: str
    namespace: str | None = None
    version: str | None = None
    purl: str | None = None
    cpe: str | None = None
    ecosystem: str | None = Field(default=None, description="purl type: npm, pypi, maven, deb, …")
    fixed_versions: list[str] = Field(default_factory=list)
    affected_range: str | None = None
    path: str | None = Field(default=None, description="Manifest, lock file or installed file")
    line: int | None = None
    dependency_path: list[str] = Field(default_factory=list, description="From the root to this package")
    direct: bool | None = None
    scope: str | None = Field(default=None, description="runtime, dev, test, …")
    image: ImageRef | None = None
    reachable: bool | None = None


class UrlLocation(Place):
    """A place in a running web application or API."""

    type: Literal["url"] = "url"
    url: str
    method: str | None = None
    parameter: str | None = None
    parameter_in: str | None = Field(default=None, description="query, body, header, cookie, path")
    template: str | None = Field(default=None, description="The URL with its variable parts replaced")
    status_code: int | None = None


class HostLocation(Place):
    """A service on a machine."""

    type: Literal["host"] = "host"
    host: str
    ip: str | None = None
    port: int | None = None
    protocol: str | None = Field(default=None, description="tcp, udp, icmp")
    service: str | None = None
    mac: str | None = None
    os: str | None = None


class ResourceLocation(Place):
    """A resource in a cloud account or a cluster, or one declared in code."""

    type: Literal["resource"] = "resource"
    resource: str = Field(description="ARN, resource id, or address such as aws_s3_bucket.logs")
    resource_type: str | None = None
    name: str | None = None
    provider: str | None = Field(default=None, description="aws, azure, gcp, kubernetes, github, …")
    account: str | None = None
    region: str | None = None
    cluster: str | None = None
    namespace: str | None = None
    path: str | None = Field(default=None, description="The file that declares it")
    start_line: int | None = None
    end_line: int | None = None
    snippet: str | None = None


Location = Annotated[
    CodeLocation | PackageLocation | UrlLocation | HostLocation | ResourceLocation, Field(discriminator="type")
]


class Fix(Sparse):
    """What the scanner says would end the problem."""

    recommendation: str | None = None
    action: str | None = Field(default=None, description="One imperative line: upgrade openssl to 3.0.13")
    fixed_versions: list[str] = Field(default_factory=list)
    patch: str | None = Field(default=None, description="A unified diff or replacement text")
    available: bool | None = None
    effort: str | None = Field(default=None, description="As the scanner said it: 10min, low")


class Reference(Sparse):
    """Where to read more."""

    url: str
    title: str | None = None
    type: str | None = Field(default=None, description="advisory, article, fix, report, web, …")


class Evidence(Sparse):
    """What proves the result. Secrets in it are redacted before anything is stored."""

    type: str = Field(description="request, response, output, match, trace, plugin_output, …")
    text: str
    truncated: bool = False


class SecretDetail(Sparse):
    """About a leaked secret; never the secret itself."""

    type: str | None = Field(default=None, description="aws-access-key, private-key, …")
    digest: str | None = Field(default=None, description="Keyed hash (HMAC-SHA-256) of the secret, hex")
    preview: str | None = Field(default=None, description="Redacted: at most the first four characters and ***")
    verified: bool | None = Field(default=None, description="The scanner tried it and it works")
    commit: str | None = None
    author: str | None = None
    email: str | None = None
    committed_at: str | None = None
    entropy: float | None = None


class Suppression(Sparse):
    """The scanner's own word that the result should not count (SARIF suppression, nosec, .trivyignore)."""

    kind: str = Field(description="in_source, external, baseline, policy, …")
    status: str | None = Field(default=None, description="accepted, under_review, rejected")
    justification: str | None = None
    location: str | None = None
    author: str | None = None


class Vex(Sparse):
    """An exploitability statement about this result (OpenVEX/CSAF/CycloneDX analysis vocabulary)."""

    status: str = Field(description="not_affected, affected, fixed, under_investigation, …")
    justification: str | None = None
    statement: str | None = None
    author: str | None = None
    responses: list[str] = Field(default_factory=list)
    timestamp: str | None = None


class LicenceDetail(Sparse):
    """About a licence result."""

    name: str
    spdx_id: str | None = None
    category: str | None = Field(default=None, description="forbidden, restricted, permissive, …")
    confidence: float | None = Field(default=None, description="0-1")
    link: str | None = None


class Compliance(Sparse):
    """A requirement of a standard that the result speaks to."""

    standard: str
    control: str | None = None
    title: str | None = None
    status: str | None = None


class Observation(Sparse):
    """One result in one report: everything its scanner said, in one shape."""

    scanner: str = Field(description="Normalised tool id: trivy, semgrep, codeql")
    scanner_name: str | None = Field(default=None, description="As the report names its tool")
    scanner_version: str | None = None
    format: str | None = Field(default=None, description="Which format it came in: sarif-2.1.0, trivy-json-2")
    kind: Kind
    rule_id: str
    rule_name: str | None = None
    title: str
    description: str | None = None
    message: str | None = Field(default=None, description="What the scanner says about this very result")
    severity: Severity = Severity.UNKNOWN
    scanner_severity: str | None = Field(default=None, description="Exactly as the scanner said it")
    severity_source: str | None = None
    confidence: Confidence = Confidence.UNKNOWN
    scanner_confidence: str | None = None
    precision: str | None = None
    status: ObservationStatus = ObservationStatus.OPEN
    scanner_status: str | None = None
    identifiers: list[Identifier] = Field(default_factory=list)
    cwes: list[int] = Field(default_factory=list)
    location: Location | None = None
    related_locations: list[Location] = Field(default_factory=list)
    code_flows: list[list[CodeFlowStep]] = Field(default_factory=list)
    ratings: list[Rating] = Field(default_factory=list)
    fix: Fix | None = None
    references: list[Reference] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)
    secret: SecretDetail | None = None
    licence: LicenceDetail | None = None
    compliance: list[Compliance] = Field(default_factory=list)
    suppressions: list[Suppression] = Field(default_factory=list)
    vex: Vex | None = None
    exploit_maturity: str | None = None
    fingerprints: dict[str, str] = Field(
        default_factory=dict, description="The scanner's own, by name; which of them may be trusted is for identity"
    )
    baseline_state: str | None = Field(default=None, description="SARIF baselineState")
    rank: float | None = Field(default=None, description="SARIF rank, 0-100")
    occurrence_count: int | None = None
    asset: str | None = Field(default=None, description="Asset key, where the result names another asset than the scan")
    tags: list[str] = Field(default_factory=list)
    first_detected_at: UtcTime | None = None
    last_detected_at: UtcTime | None = None
    published_at: UtcTime | None = None
    unmapped: dict[str, Any] = Field(default_factory=dict)

    @property
    def is_open_problem(self) -> bool:
        """True when the scanner reports a problem that somebody has to deal with."""
        return self.status is ObservationStatus.OPEN
