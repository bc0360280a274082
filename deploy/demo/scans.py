"""Which scanner scans which sources for which report; the only place that says so."""

from __future__ import annotations

from dataclasses import dataclass

from checkouts import Local, Npm, Part, Tool, Wheel
from toolbox import OUT, Toolbox


@dataclass(frozen=True)
class Scan:
    """One report: ``tool`` with ``arguments`` over the checkout ``asset``, made of ``parts``."""

    report: str
    asset: str
    parts: tuple[Part, ...]
    tool: str
    arguments: str
    accepted: tuple[int, ...] = (0, 1)
    image: bool = False


JINJA = {1: Wheel("jinja2==2.11.3", "jinja2/"), 2: Wheel("jinja2==3.1.4", "jinja2/")}
PARAMIKO = {1: Wheel("paramiko==2.4.3", "paramiko/"), 2: Wheel("paramiko==3.5.0", "paramiko/")}
DJANGO = {1: "django==2.2.28", 2: "django==3.2.25", 3: "django==2.2.28"}
MARKED = {1: "marked@0.6.2", 2: "marked@0.8.2"}
LEGACY_FILES = (
    "django/contrib/admin/helpers.py",
    "django/contrib/auth/hashers.py",
    "django/core/cache/backends/db.py",
    "django/core/cache/backends/filebased.py",
    "django/core/cache/backends/locmem.py",
    "django/db/models/sql/compiler.py",
    "django/forms/formsets.py",
    "django/template/base.py",
    "django/template/defaultfilters.py",
    "django/utils/html.py",
)
SEMGREP = "scan --config .semgrep --metrics off --disable-version-check --quiet"
BANDIT = "--quiet --recursive --format json"
CHECKOV_RULES = (
    *(f"CKV_AWS_{n}" for n in (3, 16, 17, 21, 23, 24, 25, 27, 53, 54, 118, 129, 133, 157, 161, 189, 260, 293)),
    *(f"CKV_DOCKER_{n}" for n in (1, 2, 3, 4, 7)),
    *(f"CKV_K8S_{n}" for n in (8, 11, 13, 14, 16, 20, 22, 23, 31, 38, 40)),
)
CHECKOV = f"--directory . --output json --quiet --compact --skip-download --check {','.join(CHECKOV_RULES)}"
# Without a network there are no vulnerability data, so Trivy looks for what it carries the rules for.
TRIVY = "--cache-dir /srv/ci/out/cache --skip-check-update --quiet --format json"
TRIVY_IMAGE = "--scanners misconfig,secret,license --image-config-scanners misconfig,secret"
RETIRE = (
    "--path . --jsrepo .retire/advisories.json --cachedir /srv/ci/out/retire"
    f" --outputformat cyclonedxJSON1_6_VEX --outputpath {OUT}"
)
GITLEAKS = f"dir --no-banner --log-level error --report-format json --report-path {OUT}"
RUFF = "check --isolated --no-cache --quiet --select S --ignore S101 --output-format sarif"
VENDORED = "static/vendor"
STOREFRONT = {
    1: {"jquery": "2.2.4", "bootstrap": "3.3.7", "handlebars": "4.0.11", "moment": "2.18.1"},
    2: {"jquery": "3.4.1", "bootstrap": "3.4.1", "handlebars": "4.7.6", "moment": "2.18.1", "dompurify": "2.2.6"},
}
IMAGE_SCRIPTS = {
    1: {"jquery": "3.4.1", "moment": "2.18.1"},
    2: {"jquery": "3.7.1", "moment": "2.29.1", "underscore": "1.9.1"},
}
IMAGE_WHEELS = {
    1: ("requests==2.25.1", "chardet==4.0.0", "idna==2.10"),
    2: ("requests==2.32.3", "charset-normalizer==3.4.0", "idna==3.10"),
}
SCRIPT_FILES = {
    "jquery": "dist/jquery.min.js",
    "bootstrap": "dist/js/bootstrap.min.js",
    "handlebars": "dist/handlebars.min.js",
    "moment": "min/moment.min.js",
    "dompurify": "dist/purify.min.js",
    "underscore": "underscore-min.js",
}


def scripts(versions: dict[str, str], into: str) -> tuple[Npm, ...]:
    """Return the browser builds of the named npm packages, under names without a version."""
    return tuple(Npm(f"{name}@{v}", SCRIPT_FILES[name], f"{into}/{name}.min.js") for name, v in versions.items())


def scans(version: int, toolbox: Toolbox) -> list[Scan]:
    """List the reports of one version, which is also the round they are pushed in."""
    every_round = [*_infra(version), _legacy_erp(version)]
    if version == 3:  # noqa: PLR2004 - the round in which only some findings come back
        return every_round
    return [
        *_shop(version),
        *_billing(version),
        *every_round,
        *_storefront(version, toolbox),
        *_image(version, toolbox),
    ]


def _shop(version: int) -> list[Scan]:
    rules = Local("rules/python.yml", ".semgrep/python.yml")
    return [
        Scan(f"shop-bandit-v{version}.json", "shop", (JINJA[version],), "bandit", f"{BANDIT} jinja2"),
        Scan(f"shop-semgrep-v{version}.json", "shop", (JINJA[version], rules), "semgrep", f"{SEMGREP} --json jinja2"),
    ]


def _billing(version: int) -> list[Scan]:
    code = PARAMIKO[version]
    rules = Local("rules/ssh.yml", ".semgrep/ssh.yml")
    settings = Local(f"src/billing-v{version}")
    return [
        Scan(f"billing-bandit-v{version}.json", "billing", (code,), "bandit", f"{BANDIT} paramiko"),
        Scan(f"billing-semgrep-v{version}.sarif", "billing", (code, rules), "semgrep", f"{SEMGREP} --sarif paramiko"),
        Scan(f"billing-ruff-v{version}.sarif", "billing", (code,), "ruff", f"{RUFF} paramiko"),
        Scan(f"billing-gitleaks-v{version}.json", "billing", (settings,), "gitleaks", f"{GITLEAKS} ."),
    ]


def _infra(version: int) -> list[Scan]:
    code = (Local(f"src/infra-v{version}"),)
    return [
        Scan(f"infra-checkov-v{version}.json", "infra", code, "checkov", CHECKOV),
        Scan(f"infra-trivy-v{version}.json", "infra", code, "trivy", f"config {TRIVY} --severity HIGH,CRITICAL ."),
    ]


def _legacy_erp(version: int) -> Scan:
    arguments = f"--quiet --number 1 --skip B101,B703 --format json {' '.join(LEGACY_FILES)}"
    code = (Wheel(DJANGO[version], "django/"),)
    return Scan(f"legacy-erp-bandit-v{version}.json", "legacy-erp", code, "bandit", arguments)


def _storefront(version: int, toolbox: Toolbox) -> list[Scan]:
    code = (Npm(MARKED[version], "lib", "lib"),)
    vendored = scripts(STOREFRONT[version], VENDORED)
    return [
        Scan(f"storefront-eslint-v{version}.sarif", "storefront", code, "eslint", "lib/marked.js"),
        _retire(f"storefront-retire-v{version}.cdx.json", "storefront", vendored, toolbox),
    ]


def _image(version: int, toolbox: Toolbox) -> list[Scan]:
    packages: tuple[Part, ...] = tuple(
        Wheel(
            wheel,
            f"{wheel.replace('-', '_').replace('==', '-')}.dist-info/METADATA",
            "rootfs/usr/lib/python3/dist-packages",
        )
        for wheel in IMAGE_WHEELS[version]
    )
    vendored = IMAGE_SCRIPTS[version]
    parts: tuple[Part, ...] = (
        Local(f"src/image-v{version}"),
        *scripts(vendored, f"rootfs/srv/shop/{VENDORED}"),
        *packages,
    )
    arguments = f"image --input shop.tar {TRIVY_IMAGE} {TRIVY}"
    unpacked = scripts(vendored, f"srv/shop/{VENDORED}")
    return [
        Scan(f"image-shop-trivy-v{version}.json", "image-shop", parts, "trivy", arguments, image=True),
        _retire(f"image-shop-retire-v{version}.cdx.json", "image-shop", unpacked, toolbox),
    ]


def _retire(report: str, asset: str, parts: tuple[Part, ...], toolbox: Toolbox) -> Scan:
    # The advisories stand inside the checkout so that the report names them by a relative path.
    advisories = Tool(toolbox.retire_advisories, ".retire/advisories.json")
    return Scan(report, asset, (*parts, advisories), "retire", RETIRE, accepted=(0, 13))
