"""What a scanner's folder says about itself: its formats, how each is recognised, and how it becomes observations."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sluice_normaliser.kit.model import ParsedScan
from sluice_normaliser.kit.rules import Rule
from sluice_shared.contracts.finding import Kind, Observation

if TYPE_CHECKING:
    from sluice_normaliser.kit.mapping import Group, Map
    from sluice_normaliser.kit.reading import Reading
    from sluice_normaliser.kit.scanmap import ScanMap

ContainerName = Literal["json", "jsonl", "xml", "csv", "html", "text", "zip"]

CLEAN = "clean"
"""For ``ScannerSpec.trivial``: this body is what the scanner writes when it found nothing."""

FAILED = "failed"
"""For ``ScannerSpec.trivial``: this body is what the scanner leaves behind when it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of a scanner.

    Exactly one of ``maps``, ``parse`` and ``scans`` says how it is read:

    - ``maps``: declarative; several run one after the other over the same document;
    - ``parse(document, reading)``: yields observations of the one scan that the report is;
    - ``scans(document, reading)``: yields whole scans, where a report may hold several.

    The document is the parsed JSON value, the list of them (``jsonl``), the root element as an object (``xml``), a
    list of rows (``csv``), text (``text``, ``html``) or an ``Archive`` (``zip``). With ``records`` an XML document is
    not read as a whole: its elements at that path below the root (``"Report.ReportHost"``) come one by one, and maps
    are relative to each of them, ``^`` being what stood outside them so far. Rows of a CSV come one by one, too.

    ``failed(document)`` returns why the scanner says that it failed, or None.
    """

    name: str
    container: ContainerName | tuple[ContainerName, ...]
    detect: Rule
    maps: "tuple[Map | Group, ...]" = ()
    parse: "Callable[[Any, Reading], Iterable[Observation]] | None" = None
    scans: "Callable[[Any, Reading], Iterable[ParsedScan]] | None" = None
    scan: "ScanMap | None" = None
    records: str | None = None

    @property
    def containers(self) -> tuple[ContainerName, ...]:
        """All containers the format may come in."""
        return self.container if isinstance(self.container, tuple) else (self.container,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSpec:
    """One scanner: one folder under ``scanners/``, whose name is ``name``.

    ``scanner`` is the id its observations carry, when that is not the folder's name. ``setup`` says, in Markdown, how
    the scanner is made to write such a report and how it is pushed. ``trivial`` says what bodies without content mean
    (``{"[]": CLEAN}``; keys are ``""``, ``"[]"``, ``"{}"``, ``"null"``); one that is not named is refused.
    ``counts_passed``: the format lists every check that holds beside the few that do not; those are counted, and are no
    observations. Elsewhere a passed result is a record as any other, and stays one.
    ``any_tool`` marks exchange formats that speak for other tools. ``differences`` explains, by file name pattern,
    why a sample of a corpus counts differently; ``misses`` explains, by pattern of ``"measure: value"``, what the
    reference of a corpus reads out of a report though it is no such thing (``{"components: Terraform": "…"}``).
    """

    name: str
    title: str
    kinds: tuple[Kind, ...]
    formats: tuple[Format, ...]
    setup: str
    scanner: str = ""
    aliases: tuple[str, ...] = ()
    homepage: str | None = None
    trivial: Mapping[str, str] = field(default_factory=dict)
    any_tool: bool = False
    counts_passed: bool = False
    differences: Mapping[str, str] = field(default_factory=dict)
    misses: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The scanner id of its observations."""
        return self.scanner or self.name
