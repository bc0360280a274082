"""ZIP archives that are reports, such as Fortify's FPR; and spreadsheets (xlsx), which are ZIP archives too."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cached_property
from itertools import islice
from typing import Any

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

from sluice_normaliser.kit.containers.xml import XmlDocument
from sluice_normaliser.kit.decode import decode
from sluice_normaliser.kit.model import ReportError
from sluice_shared.contracts.events import RejectReason

MAX_MEMBER = 512 * 1024 * 1024
MAX_MEMBERS = 20_000
_WORKBOOK = "xl/workbook.xml"
_HEADER_WITHIN = 10
MAGIC = b"PK\x03\x04"


class Archive:
    """A ZIP archive, read member by member within limits. Every method raises only ReportError."""

    def __init__(self, body: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(body))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise ReportError(
                RejectReason.TRUNCATED, f"the ZIP archive is damaged or cut off ({error}); send it again"
            ) from error
        if len(self._zip.namelist()) > MAX_MEMBERS:
            raise ReportError(RejectReason.TOO_LARGE, f"the archive holds more than {MAX_MEMBERS} files")

    @property
    def names(self) -> list[str]:
        """The names of all members."""
        return self._zip.namelist()

    def matching(self, pattern: str) -> list[str]:
        """Return the members whose name matches a glob pattern."""
        return [name for name in self.names if fnmatch(name, pattern)]

    def read(self, name: str) -> bytes:
        """Return one member's bytes."""
        try:
            info = self._zip.getinfo(name)
            if info.file_size > MAX_MEMBER:
                raise ReportError(RejectReason.TOO_LARGE, f"{name} in the archive is larger than {MAX_MEMBER} bytes")
            return self._zip.read(info)
        except KeyError as error:
            raise ReportError(RejectReason.SCHEMA, f"the archive has no {name}") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, OSError) as error:
            raise ReportError(RejectReason.MALFORMED, f"{name} in the archive cannot be read: {error}") from error

    def xml(self, name: str) -> XmlDocument:
        """Return one member as an XML document."""
        return XmlDocument(decode(self.read(name)).body)

    def sheets(self) -> dict[str, list[list[str]]]:
        """Return the rows of each sheet of an xlsx workbook, cells as text."""
        try:
            return _sheets(self)
        except DefusedXmlException as error:
            raise ReportError(RejectReason.MALFORMED, "the workbook declares XML entities") from error

    def tables(self) -> dict[str, list[dict[str, str]]]:
        """Return the rows of each sheet of a workbook as objects: the first row that is not blank names their cells.

        Blank rows and cells without a name are left out.
        """
        return {name: list(_objects(rows)) for name, rows in self.sheets().items()}

    @cached_property
    def columns(self) -> dict[str, list[str]]:
        """The first row of each sheet that is not blank; empty when the archive is no workbook."""
        if _WORKBOOK not in self.names:
            return {}
        try:
            return {name: next(filter(_filled, rows), []) for name, rows in _sheets(self, _HEADER_WITHIN).items()}
        except DefusedXmlException as error:
            raise ReportError(RejectReason.MALFORMED, "the workbook declares XML entities") from error


def _filled(row: list[str]) -> bool:
    return any(cell.strip() for cell in row)


def _objects(rows: list[list[str]]) -> Iterator[dict[str, str]]:
    filled = filter(_filled, rows)
    header = [cell.strip() for cell in next(filled, [])]
    for row in filled:
        yield {name: cell for name, cell in zip(header, row, strict=False) if name}


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _text_of(item: Any) -> str:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict):
        return ""
    own = item.get("t")
    if own is not None:
        return "".join(_plain(part) for part in _many(own))
    return "".join(_text_of(run) for run in _many(item.get("r")))


def _plain(item: Any) -> str:
    return item if isinstance(item, str) else str(item.get("#text", "")) if isinstance(item, dict) else ""


def _column(reference: str) -> int:
    index = 0
    for letter in reference:
        if not letter.isalpha():
            break
        index = index * 26 + ord(letter.upper()) - ord("A") + 1
    return index - 1


def _sheets(archive: Archive, limit: int | None = None) -> dict[str, list[list[str]]]:
    shared: list[str] = []
    if "xl/sharedStrings.xml" in archive.names:
        shared = [_text_of(item) for item in archive.xml("xl/sharedStrings.xml").stream(("si",))]
    book = archive.xml(_WORKBOOK).whole()
    sheets = book.get("sheets")
    names = [str(sheet.get("@name", "")) for sheet in _many(sheets.get("sheet") if isinstance(sheets, dict) else None)]
    files = sorted(archive.matching("xl/worksheets/sheet*.xml"), key=lambda name: (len(name), name))
    result: dict[str, list[list[str]]] = {}
    for index, file in enumerate(files):
        rows = islice(archive.xml(file).stream(("sheetData", "row")), limit)
        result[names[index] if index < len(names) else file] = [_row(row, shared) for row in rows]
    return result


def _row(row: Any, shared: list[str]) -> list[str]:
    cells: list[str] = []
    for cell in _many(row.get("c") if isinstance(row, dict) else None):
        if not isinstance(cell, dict):
            continue
        column = _column(str(cell.get("@r", ""))) if cell.get("@r") else len(cells)
        cells.extend([""] * (column - len(cells)))
        cells.append(_cell(cell, shared))
    return cells


def _cell(cell: dict[str, Any], shared: list[str]) -> str:
    if cell.get("@t") == "inlineStr":
        return _text_of(cell.get("is"))
    value = _plain(cell.get("v", ""))
    if cell.get("@t") == "s" and value.isdigit():
        return shared[int(value)] if int(value) < len(shared) else ""
    return value
