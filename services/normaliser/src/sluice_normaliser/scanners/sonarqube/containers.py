"""SonarQube's findings in other clothes: the tables of an HTML report, and archives of the API's answers."""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from sluice_normaliser.kit import Archive, ParsedScan, Reading, ReportError
from sluice_normaliser.kit.containers import json
from sluice_normaliser.kit.shapes import objs
from sluice_normaliser.scanners.sonarqube.maps import IN_API, IN_REPORT, errors, is_whole, rule_of
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Observation

_REPORT = tuple(each.compile() for each in IN_REPORT)
_API = tuple(each.compile() for each in IN_API)


class _Cell:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.markup: list[str] = []
        self.link = ""

    @property
    def text(self) -> str:
        return " ".join("".join(self.parts).split())


class _Tables(HTMLParser):
    """Reads the tables that stand in no other table, row by row; what is in a cell stays its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[_Cell]]] = []
        self._depth = 0
        self._cell: _Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._depth += 1
            if self._depth == 1:
                self.tables.append([])
                return
        if self._depth == 1 and tag == "tr":
            self.tables[-1].append([])
        elif self._depth == 1 and tag in {"td", "th"} and self.tables[-1]:
            self._cell = _Cell()
            self.tables[-1][-1].append(self._cell)
        elif self._cell is not None:
            link = dict(attrs).get("href")
            if tag == "a" and link:
                self._cell.link = self._cell.link or link
                self._cell.markup.append(f'<a href="{link}">')
            else:
                self._cell.markup.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self._depth = max(0, self._depth - 1)
        if self._depth == 1 and tag in {"td", "th"}:
            self._cell = None
        elif self._cell is not None:
            self._cell.markup.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.parts.append(data)
            self._cell.markup.append(data)


def read_html(document: Any, reading: Reading) -> Iterator[Observation]:
    """Yield an observation for each row of the table of details. Raises ReportError when there is none."""
    parser = _Tables()
    parser.feed(str(document))
    parser.close()
    issues: list[dict[str, str]] | None = None
    counted: int | None = None
    rules: dict[str, dict[str, str]] = {}
    for table in parser.tables:
        heads = [cell.text.lower() for cell in table[0]] if table else []
        if "component" in heads and "rule" in heads:
            issues = (issues or []) + [_issue(heads, row) for row in table[1:] if len(row) >= len(heads) - 1]
        elif heads[-2:] == ["severity", "number of issues"]:
            counted = sum(int(row[-1].text) for row in table[1:] if row and row[-1].text.isdigit())
        elif heads[:2] == ["rule", "description"]:
            rules |= {_rule(row[0]): {"htmlDesc": "".join(row[1].markup)} for row in table[1:] if len(row) > 1}
    if issues is None and counted != 0:
        raise ReportError(
            RejectReason.SCHEMA,
            "the report has no table of the detected vulnerabilities (Rule, Severity, Component …); "
            "write it with sonar-report, or send its JSON",
        )
    yield from _observations({"issues": issues or [], "rules": rules}, _REPORT, reading)


def _rule(cell: _Cell) -> str:
    return rule_of(cell.link, cell.text)


def _issue(heads: list[str], row: list[_Cell]) -> dict[str, str]:
    said = {head: cell.text for head, cell in zip(heads, row, strict=False)}
    return said | {"rule": _rule(row[heads.index("rule")])}


def read_zip(archive: Archive, reading: Reading) -> list[ParsedScan]:
    """Return the scan of all answers of the API in an archive; one without any file shows nothing.

    Raises ReportError when the files are something else, or say that the API refused.
    """
    names = [name for name in archive.names if not name.endswith("/") and "__MACOSX/" not in name]
    documents = [json.load(archive.read(name)) for name in names if name.lower().endswith(".json")]
    answers = [each for each in documents if isinstance(each, dict) and ("issues" in each or "hotspots" in each)]
    refused = [told for each in documents if isinstance(each, dict) and (told := errors(each.get("errors")))]
    if refused:
        raise ReportError(
            RejectReason.SCANNER_FAILED, f"SonarQube refused, so the archive shows only a part: {'; '.join(refused)}"
        )
    if names and not answers:
        raise ReportError(
            RejectReason.UNKNOWN_FORMAT,
            f"the archive holds no answer of SonarQube's API to api/issues/search or api/hotspots/search, "
            f"but {', '.join(names[:5])}",
        )
    return [_all(answers, reading)]


def read_pages(document: Any, reading: Reading) -> list[ParsedScan]:
    """Return the scan of several answers of the API in one file, or of a bare list of issues or hotspots."""
    given = objs(document)
    answers = [each for each in given if "issues" in each or "hotspots" in each]
    return [_all(answers or [{"issues": given}], reading)]


def _all(answers: list[dict[str, Any]], reading: Reading) -> ParsedScan:
    shared = [component for each in answers for component in objs(each.get("components"))]
    scan = reading.scan(complete=all(_all_pages(answers, name) for name in ("issues", "hotspots")))
    for answer in answers:
        scan.observations += _observations({**answer, "components": shared}, _API, reading)
    return scan


def _all_pages(answers: list[dict[str, Any]], name: str) -> bool:
    """Return whether the pages of one list show as many as each of them says that there are."""
    pages = [each for each in answers if name in each]
    shown = [item for each in pages for item in objs(each[name])]
    return all(is_whole(each.get("paging"), each.get("total"), shown, None) for each in pages)


def _observations(document: Any, maps: Any, reading: Reading) -> Iterator[Observation]:
    for each in maps:
        yield from each.run((None, document), reading)
