"""Pages of ``docs/`` written from the code: settings and scanners. ``python -m sluice_cli.docs [--check] FOLDER``."""

import argparse
import json
import sys
from pathlib import Path

import sluice_ingest.settings
import sluice_normaliser.settings
import sluice_notifier.settings
import sluice_risk_index.settings
from sluice_normaliser.kit import ScannerSpec, registry
from sluice_risk_index.domain.exceptions import Exemption
from sluice_risk_index.storage.exception_files import SCHEMA_FILE
from sluice_shared.contracts.schemas import json_schema
from sluice_shared.settings import ServiceSettings, SettingDoc, documented_settings

SERVICES: tuple[type[ServiceSettings], ...] = (
    sluice_ingest.settings.Settings,
    sluice_normaliser.settings.Settings,
    sluice_risk_index.settings.Settings,
    sluice_notifier.settings.Settings,
)
WRITTEN = "<!-- Written from the code by `make docs`; change it there. -->\n"


def settings_page() -> str:
    """Return the page of all settings: those of every service first, then each service's own."""
    shared = {doc.variable for doc in documented_settings(ServiceSettings)}
    lines = [
        "# Settings",
        "",
        WRITTEN,
        "Settings come from the environment alone. `SLUICE_<SERVICE>_<NAME>` beats `SLUICE_<NAME>` for one service,",
        "and every secret may also be given as `<VARIABLE>_FILE`, the path of a file that holds it.",
        "",
        "## Every service",
        "",
        *_settings_table([doc for doc in documented_settings(ServiceSettings) if doc.name != "port"]),
    ]
    for service in SERVICES:
        own = [doc for doc in documented_settings(service) if doc.variable not in shared]
        lines += ["", f"## {service.service}", "", *_settings_table(own)]
    return "\n".join(lines) + "\n"


def scanners_page() -> str:
    """Return the page of all scanners, and how a report of each is made and pushed."""
    specs = sorted(registry().values(), key=lambda spec: spec.title.lower())
    lines = [
        "# Scanners",
        "",
        WRITTEN,
        f"{len(specs)} report families are understood; each is recognised from the content alone.",
        "",
        "| scanner | `--scanner` | finds | formats |",
        "|---|---|---|---|",
        *(_scanner_row(spec) for spec in specs),
    ]
    for spec in specs:
        lines += ["", f"## {spec.title}", "", spec.setup.strip()]
    return "\n".join(lines) + "\n"


def exception_schema() -> str:
    """Return the JSON Schema of an exception's file."""
    schema = json_schema(Exemption, SCHEMA_FILE)
    return json.dumps({**schema, "title": "Exception"}, indent=2, ensure_ascii=False) + "\n"


PAGES = {f"schemas/{SCHEMA_FILE}": exception_schema, "settings.md": settings_page, "scanners.md": scanners_page}


def main() -> int:
    """Write the pages, or with ``--check`` name those that have drifted and return 1."""
    parser = argparse.ArgumentParser(description=__doc__.split(".", 1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    drifted = [
        name
        for name, page in PAGES.items()
        if not (arguments.folder / name).exists() or (arguments.folder / name).read_text(encoding="utf-8") != page()
    ]
    if arguments.check:
        for name in drifted:
            sys.stderr.write(f"{arguments.folder / name} has drifted from the code: run make docs\n")
        return 1 if drifted else 0
    for name in drifted:
        (arguments.folder / name).write_text(PAGES[name](), encoding="utf-8")
    return 0


def _settings_table(docs: list[SettingDoc]) -> list[str]:
    rows = [f"| `{d.variable}` | {d.description} | {_default(d)} |" for d in docs]
    return ["| variable | meaning | default |", "|---|---|---|", *rows]


def _default(doc: SettingDoc) -> str:
    if doc.required:
        return "required"
    return f"`{doc.default}`" if doc.default not in (None, "") else ""


def _scanner_row(spec: ScannerSpec) -> str:
    names = ", ".join(f"`{name}`" for name in (spec.name, *spec.aliases))
    title = f"[{spec.title}]({spec.homepage})" if spec.homepage else spec.title
    return f"| {title} | {names} | {', '.join(spec.kinds)} | {', '.join(f.name for f in spec.formats)} |"


if __name__ == "__main__":
    sys.exit(main())
