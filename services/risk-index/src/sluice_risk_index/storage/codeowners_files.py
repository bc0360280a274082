"""Reads `catalog/codeowners/`: CODEOWNERS of assets that name the file, or whose keys its place spells."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sluice_risk_index.domain.catalogue import Asset
from sluice_risk_index.domain.codeowners import MAX_BYTES, MAX_LINES, Codeowners, read_codeowners
from sluice_risk_index.storage.config_checks import Placed
from sluice_shared.config import Problem
from sluice_shared.contracts.assets import AssetKeyError, parse_asset_key

FOLDER = "codeowners"


def codeowners_files(catalogue: Path) -> list[Path]:
    """Return the files below `codeowners/`, hidden ones aside, in the order of their places."""
    folder = catalogue / FOLDER
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )


def load_codeowners(catalogue: Path, assets: Sequence[Placed[Asset]], problems: list[Problem]) -> dict[str, Codeowners]:
    """Return what the files say by asset key; adds to ``problems`` what cannot be had."""
    found: dict[str, Codeowners] = {}
    paths = {path.relative_to(catalogue / FOLDER).as_posix(): path for path in codeowners_files(catalogue)}
    for name, path in paths.items():
        key = asset_of(name)
        if key is not None and (read := _read(path, problems)) is not None:
            found[key] = read
    for placed in assets:
        if (named := placed.entry.codeowners) is None:
            continue
        named_path = paths.get(named)
        if named_path is None:
            hint = f"put the file into {FOLDER}/ beside the catalogue, and write its name there, such as shop.txt"
            problems.append(placed.document.problem(("codeowners",), f"there is no file '{named}' in {FOLDER}/", hint))
        elif (read := _read(named_path, problems)) is not None:
            found[placed.entry.key] = read
    return found


def check_codeowners(
    catalogue: Path, assets: Sequence[Placed[Asset]], known: Mapping[str, Codeowners]
) -> Iterator[Problem]:
    """Find files that belong to no asset, and lines that GitHub and GitLab would pass over."""
    named = {placed.entry.codeowners: placed.entry.key for placed in assets if placed.entry.codeowners}
    for path in codeowners_files(catalogue):
        name = path.relative_to(catalogue / FOLDER).as_posix()
        key = named.get(name) or asset_of(name)
        if key is None:
            hint = "name it as `codeowners:` of an asset, or after the asset's key: repo/github.com/acme/shop"
            yield Problem(path, 1, 1, "", "these CODEOWNERS belong to no asset", hint)
        elif key in known:
            for bad in known[key].bad:
                yield Problem(path, bad.number, 1, "", bad.problem, "mend the line, or take it out")


def asset_of(name: str) -> str | None:
    """Return the key that a file's place spells, `repo/github.com/acme/shop` for one; None when it spells none."""
    key = name if ":" in name else name.replace("/", ":", 1)
    try:
        parse_asset_key(key)
    except AssetKeyError:
        return None
    return key


def _read(path: Path, problems: list[Problem]) -> Codeowners | None:
    try:
        body = path.read_bytes()
        if len(body) > MAX_BYTES:
            problems.append(Problem(path, 1, 1, "", f"the file is larger than {MAX_BYTES} bytes", "write fewer lines"))
            return None
        text = body.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problems.append(Problem(path, 1, 1, "", f"cannot be read: {why}", "check its permissions and its encoding"))
        return None
    read = read_codeowners(text)
    if len(read.lines) > MAX_LINES:
        problems.append(Problem(path, 1, 1, "", f"the file has more than {MAX_LINES} lines", "use broader patterns"))
        return None
    return read
