"""What is scanned: a folder put together from parts of published packages and the files under ``src/``."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolbox import download_wheel, run


@dataclass(frozen=True)
class Wheel:
    """The files of a wheel whose path begins with ``prefix``, put under ``into``."""

    requirement: str
    prefix: str
    into: str = "."


@dataclass(frozen=True)
class Npm:
    """One file or folder of an npm package, put at ``into``."""

    requirement: str
    member: str
    into: str


@dataclass(frozen=True)
class Local:
    """A file or folder beside this script, put at ``into``."""

    path: str
    into: str = "."


@dataclass(frozen=True)
class Tool:
    """A file of an installed tool, put at ``into``, for scanners that read their configuration out of the checkout."""

    path: Path
    into: str


Part = Wheel | Npm | Local | Tool


def assemble(checkout: Path, parts: tuple[Part, ...], *, here: Path, cache: Path) -> Path:
    """Build ``checkout`` afresh from ``parts``; packages are downloaded once into ``cache``."""
    shutil.rmtree(checkout, ignore_errors=True)
    checkout.mkdir(parents=True)
    for part in parts:
        match part:
            case Wheel():
                archive = download_wheel(part.requirement, cache / part.requirement)
                _unpack_wheel(archive, part.prefix, checkout / part.into)
            case Npm():
                _unpack_npm(part, checkout / part.into, cache)
            case Local():
                _copy(here / part.path, checkout / part.into)
            case Tool():
                _copy(part.path, checkout / part.into)
    return checkout


def build_image(checkout: Path) -> None:
    """Turn a checkout's ``image.json`` and ``rootfs/`` into ``shop.tar``, as ``docker save`` would write it."""
    described = json.loads((checkout / "image.json").read_text())
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as tar:
        for path in sorted((checkout / "rootfs").rglob("*")):
            if path.is_file():
                _add(tar, str(path.relative_to(checkout / "rootfs")), path.read_bytes())
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    created = described["created"]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "created": created,
        "config": described["config"],
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
        "history": [{"created": created, **step} for step in described["history"]],
    }
    encoded = json.dumps(config).encode()
    config_name = f"{hashlib.sha256(encoded).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [described["tag"]], "Layers": [f"{digest}/layer.tar"]}]
    with tarfile.open(checkout / "shop.tar", mode="w") as tar:
        _add(tar, config_name, encoded)
        _add(tar, f"{digest}/layer.tar", layer.getvalue())
        _add(tar, "manifest.json", json.dumps(manifest).encode())
    shutil.rmtree(checkout / "rootfs")
    (checkout / "image.json").unlink()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    member.mode = 0o644
    tar.addfile(member, io.BytesIO(content))


def _unpack_wheel(archive: Path, prefix: str, into: Path) -> None:
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if name.startswith(prefix) and not name.endswith("/")]
        if not names:
            raise ValueError(f"{archive.name} holds nothing under {prefix}")
        for name in names:
            opened.extract(name, into)


def _unpack_npm(part: Npm, into: Path, cache: Path) -> None:
    folder = cache / part.requirement.replace("/", "_")
    if not any(folder.glob("*.tgz")):
        folder.mkdir(parents=True, exist_ok=True)
        run(["npm", "pack", "--silent", "--pack-destination", str(folder), part.requirement])
    # The name of a package's top folder is its author's choice, so members are found below it.
    wanted = PurePosixPath(part.member)
    found = 0
    with tarfile.open(next(folder.glob("*.tgz"))) as tar:
        for member in tar.getmembers():
            below = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            content = tar.extractfile(member) if below.is_relative_to(wanted) else None
            if content is not None:
                target = into / below.relative_to(wanted)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read())
                found += 1
    if not found:
        raise ValueError(f"{part.requirement} holds no {part.member}")


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
