"""Packages: one purl for one package, whichever of its names the scanner gave."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from packageurl import PackageURL

from sluice_normaliser.kit.coerce import strings, text

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "npm": ("node", "nodejs", "node.js", "javascript", "js", "yarn", "pnpm", "node-pkg", "npm-pkg", "bower", "bun"),
    "pypi": ("python", "pip", "pipenv", "poetry", "uv", "python-pkg", "conda-pypi", "wheel", "egg", "setuptools"),
    "maven": ("java", "gradle", "pom", "jar", "java-archive", "war", "mvn", "sbt", "ant", "jenkins-plugin", "kotlin"),
    "nuget": (
        "dotnet",
        ".net",
        "dotnet-core",
        "dotnet-deps",
        "packages-config",
        "c#",
        "csharp",
        "packages-props",
        "paket",
    ),
    "golang": ("go", "gomod", "gobinary", "go-module", "gomodule", "dep", "gomodules", "golangdep"),
    "gem": ("ruby", "rubygems", "bundler", "gemspec", "ruby_gems"),
    "composer": ("php", "packagist", "composer-vendor", "php-composer"),
    "cargo": ("rust", "crates.io", "crates", "rustbinary", "rust-crate", "rust-binary"),
    "cocoapods": ("pod", "pods", "ios"),
    "swift": ("swiftpm", "spm", "swift-package"),
    "hex": ("elixir", "erlang", "mix", "mix-lock"),
    "pub": ("dart", "flutter", "dart-pub"),
    "conan": ("c++", "cpp", "c/c++"),
    "conda": ("conda-pkg", "conda-environment", "anaconda"),
    "hackage": ("haskell",),
    "cran": ("r", "r-package"),
    "deb": ("debian", "ubuntu", "dpkg", "distroless"),
    "rpm": (
        *("redhat", "rhel", "centos", "rocky", "alma", "almalinux", "fedora", "oracle", "ol", "amazon", "amzn", "suse"),
        *(
            "opensuse",
            "opensuse-leap",
            "opensuse.leap",
            "sles",
            "slem",
            "photon",
            "cbl-mariner",
            "azurelinux",
            "mariner",
            "amazonlinux",
            "oraclelinux",
        ),
    ),
    "apk": ("alpine", "wolfi", "chainguard", "alpine-pkg", "minimos"),
    "alpm": ("arch", "archlinux"),
    "github": ("githubactions", "github-actions", "actions", "github-action"),
    "docker": ("image", "docker-image"),
    "oci": ("container",),
    "generic": ("binary", "unknown-binary"),
    "bitnami": (),
    "huggingface": (),
}
TYPES: Mapping[str, str] = MappingProxyType(
    {**{purl: purl for purl in _ALIASES}, **{alias: purl for purl, aliases in _ALIASES.items() for alias in aliases}}
)
_DISTRIBUTIONS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("debian", "distroless", "dpkg"), "debian"),
        **dict.fromkeys(("redhat", "rhel"), "redhat"),
        **dict.fromkeys(("alma", "almalinux"), "almalinux"),
        **dict.fromkeys(("amazon", "amzn", "amazonlinux"), "amazon"),
        **dict.fromkeys(("oracle", "ol", "oraclelinux"), "oracle"),
        **{name: name for name in ("ubuntu", "centos", "rocky", "fedora", "alpine", "wolfi", "chainguard", "photon")},
        **{name: name for name in ("opensuse", "suse", "sles", "arch", "cbl-mariner", "azurelinux")},
    }
)
_VERSIONS = re.compile(r"\s*(?:,|;|\|\||\bor\b)\s*")


class PackageName(NamedTuple):
    """The parts of a purl that name a package."""

    ecosystem: str | None
    namespace: str | None
    name: str
    version: str | None
    purl: str | None


@lru_cache(maxsize=16_384)
def read_purl(purl: str) -> PackageName | None:
    """Return the parts of a purl, itself in canonical spelling; None when it is not valid."""
    try:
        parsed = PackageURL.from_string(purl.strip())
    except ValueError:
        return None
    return PackageName(parsed.type, parsed.namespace, parsed.name, parsed.version, parsed.to_string())


def purl_type(ecosystem: Any) -> str | None:
    """Return the purl type of an ecosystem, language, package manager or distribution, or None when unknown."""
    words = text(ecosystem)
    if words is None:
        return None
    word = words.strip().lower()
    word = word.removeprefix("linux:")  # Snyk: linux:alpine:3.19
    found = TYPES.get(word) or TYPES.get(word.split(":", 1)[0]) or TYPES.get(word.split(" ", 1)[0])
    return found or TYPES.get(word.replace("_", "-"))


@lru_cache(maxsize=16_384)
def build_purl(ecosystem: str, name: str, version: str | None = None, namespace: str | None = None) -> str | None:
    """Return the canonical purl of a package, or None when the ecosystem has none.

    ``name`` may carry its namespace as its ecosystem writes it: ``group:artifact``, ``@scope/name``, ``vendor/name``,
    ``github.com/owner/module``.
    """
    kind = purl_type(ecosystem)
    if kind is None or not name.strip():
        return None
    name = name.strip()
    if namespace is None:
        if kind == "maven" and ":" in name:
            namespace, _, name = name.partition(":")
        elif kind in {"npm", "composer", "golang", "github", "swift", "docker"} and "/" in name:
            namespace, _, name = name.rpartition("/")
        elif kind in {"deb", "rpm", "apk", "alpm"}:
            namespace = _DISTRIBUTIONS.get(ecosystem.strip().lower().split(":", 1)[0])
    try:
        return PackageURL(type=kind, namespace=namespace or None, name=name, version=version or None).to_string()
    except ValueError:
        return None


def versions(value: Any) -> list[str]:
    """Return a list of versions from a list or from a text such as ``"1.2.3, 2.0.1"``."""
    found = [part.strip() for words in strings(value) for part in _VERSIONS.split(words)]
    return list(dict.fromkeys(part for part in found if part))


def complete(values: dict[str, Any]) -> dict[str, Any] | None:
    """Fill what a package location leaves out from what it has; None when it names no package.

    The name stays as the scanner wrote it; the purl is in canonical spelling, so that scanners agree on it.
    """
    given = values.get("purl")
    read = read_purl(given) if given else None
    if read is not None:
        values["purl"] = read.purl
        for part in ("name", "version", "ecosystem"):
            if not values.get(part):
                values[part] = getattr(read, part)
                if part == "name" and not values.get("namespace"):
                    values["namespace"] = read.namespace
        values["ecosystem"] = read.ecosystem
    if not values.get("name"):
        return None
    ecosystem = values.get("ecosystem")
    if ecosystem and read is None:
        built = build_purl(ecosystem, values["name"], values.get("version"), values.get("namespace"))
        if built is not None:
            values["purl"] = built
        values["ecosystem"] = purl_type(ecosystem) or ecosystem.strip().lower()
    return values


_RELEASE = re.compile(r"\d+")


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _RELEASE.findall(version.split(":", 1)[-1])[:6])


def closest_fix(installed: str | None, fixed: list[str]) -> str | None:
    """Return the version to upgrade to: of those that fix it, the one that shares most with what is installed.

    Among equals it is the lowest that is not below the installed one. Versions are compared by their numbers only,
    which is enough to choose a line of releases; the choice is a suggestion, the whole list stays with the finding.
    """
    if not fixed:
        return None
    if installed is None or len(fixed) == 1:
        return fixed[0]
    have = _release(installed)

    def distance(version: str) -> tuple[bool, int, tuple[int, ...]]:
        release = _release(version)
        shared = next((i for i, (a, b) in enumerate(zip(have, release, strict=False)) if a != b), len(have))
        return release < have, -shared, release

    return min(fixed, key=distance)
