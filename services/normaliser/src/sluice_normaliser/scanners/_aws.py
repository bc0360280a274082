"""What the reports of several AWS services have in common: resources, packages, accounts and images."""

import re
from typing import Any

from sluice_normaliser.kit.packages import build_purl
from sluice_normaliser.kit.shapes import words

_MANAGERS = {
    **dict.fromkeys(("jar", "pom", "gradle"), "maven"),
    **dict.fromkeys(("npm", "yarn", "nodepkg", "pnpm"), "npm"),
    **dict.fromkeys(("pip", "pipenv", "poetry", "python", "pythonpkg"), "pypi"),
    **dict.fromkeys(("gobinary", "gomod"), "golang"),
    **dict.fromkeys(("bundler", "gemspec"), "gem"),
    **dict.fromkeys(("nuget", "dotnet_core", "packages_config"), "nuget"),
    **dict.fromkeys(("composer",), "composer"),
    **dict.fromkeys(("cargo", "rustbinary"), "cargo"),
}
_PLATFORMS = ("debian", "ubuntu", "alpine", "amazon", "centos", "rhel", "rocky", "alma", "oracle", "fedora", "suse")
_ACCOUNT = re.compile(r"\d{12}")
_INSTANCE = re.compile(r"(?:^|[/:])(i-[0-9a-z]+)$")
_ECR = re.compile(r"^arn:(aws[\w-]*):ecr:([\w-]+):(\d{12}):repository/(.+)/(sha256:[0-9a-f]+)$")


def account_asset(account: Any) -> str | None:
    """Return the asset key of an account."""
    number = words(account)
    return f"cloud:aws/{number}" if number and _ACCOUNT.fullmatch(number) else None


def asset_of(account: Any, resource: Any, vulnerability: Any = None) -> str | None:
    """Return the asset a finding is about: an image in ECR, the instance on which a package is vulnerable, the account.

    Two instances of one account have the same packages; only as assets of their own do their findings stay apart.
    """
    about = words(resource) or ""
    if _ECR.match(about):
        return f"image:{image_name_of(about)}"
    instance = _INSTANCE.search(about)
    return f"host:{instance.group(1)}" if instance and vulnerability else account_asset(account)


def image_name_of(resource: Any) -> str | None:
    """Return the name under which an image in ECR is pulled, from its ARN."""
    match = _ECR.match(words(resource) or "")
    if match is None:
        return None
    partition, region, account, repository, _ = match.groups()
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    return f"{account}.dkr.ecr.{region}.{domain}/{repository}"


def image_digest_of(resource: Any) -> str | None:
    """Return the digest of an image in ECR, from its ARN."""
    match = _ECR.match(words(resource) or "")
    return match.group(5) if match else None


def ecosystem(manager: Any, platform: Any) -> str | None:
    """Return the ecosystem of a package manager as Inspector calls it; ``OS`` stands for the platform's own."""
    name = (words(manager) or "").lower()
    if name in {"os", ""}:
        system = (words(platform) or "").lower()
        return next((found for found in _PLATFORMS if found in system), None)
    return _MANAGERS.get(name, name)


def purl(manager: Any, platform: Any, name: Any, version: Any, release: Any, epoch: Any) -> str | None:
    """Return the purl with the whole version of a system's package, of which the report gives the parts."""
    system, package = ecosystem(manager, platform), words(name)
    if system is None or package is None:
        return None
    whole, built, ahead = words(version), words(release), words(epoch)
    if whole and built:
        whole = f"{whole}-{built}"
    if whole and ahead and ahead != "0":
        whole = f"{ahead}:{whole}"
    return build_purl(system, package, whole)
