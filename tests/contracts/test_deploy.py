"""What is deployed fits what is built: Compose file, metrics named in rules and dashboards, example configuration."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import sluice_ingest.metrics
import sluice_normaliser.metrics
import sluice_notifier.metrics
import sluice_risk_index.metrics
import sluice_shared.metrics
from sluice_shared.settings import ServiceSettings, variables

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
METRIC = re.compile(r"\b(sluice_[a-z_]+)")
SUFFIX = re.compile(r"_(bucket|count|sum|created)$")
MODULES = (
    sluice_shared.metrics,
    sluice_ingest.metrics,
    sluice_normaliser.metrics,
    sluice_risk_index.metrics,
    sluice_notifier.metrics,
)
SERVICES = {"ingest", "normaliser", "risk-index", "notifier"}


def known_metrics():
    known = set()
    for module in MODULES:
        for value in vars(module).values():
            if hasattr(value, "describe") and not isinstance(value, type):
                for family in value.describe():
                    known |= {family.name, f"{family.name}_total"}
    return known


def expressions():
    for file in (DEPLOY / "grafana" / "dashboards").glob("*.json"):
        board = json.loads(file.read_text())
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield file.name, target["expr"]
    rules = yaml.safe_load((DEPLOY / "prometheus" / "rules.yml").read_text())
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield "rules.yml", rule["expr"]


def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())


def test_rules_and_dashboards_name_only_metrics_that_exist():
    known = known_metrics()
    named = {(file, SUFFIX.sub("", name)) for file, expr in expressions() for name in METRIC.findall(expr)}
    assert len(named) > 10
    assert {(file, name) for file, name in named if name not in known} == set()


def test_the_compose_file_is_valid_by_its_schema():
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_compose_file_runs_the_four_services_unprivileged_and_watched():
    services = compose()["services"]
    assert services.keys() >= SERVICES | {"postgres", "redis", "prometheus", "grafana"}
    for name in SERVICES:
        assert "healthcheck" in services[name]
        assert services[name]["cap_drop"] == ["ALL"]
    assert all("healthcheck" in service for service in services.values())


def test_the_compose_file_sets_only_variables_that_exist():
    names = {v for service in SERVICES for field in ServiceSettings.model_fields for v in variables(service, field)}
    names.add("SLUICE_BOOTSTRAP_TOKEN")
    for name in SERVICES:
        assert set(compose()["services"][name]["environment"]) <= names


def test_the_image_runs_as_an_ordinary_user():
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER sluice$", text, re.MULTILINE)


def test_prometheus_scrapes_every_service():
    scrape = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    targets = scrape["scrape_configs"][0]["static_configs"][0]["targets"]
    assert {target.partition(":")[0] for target in targets} == SERVICES


@pytest.mark.parametrize("folder", ["deploy/config", "deploy/demo/config"])
def test_the_example_configuration_has_no_mistake(folder, monkeypatch):
    for name in ("SLUICE_DEMO_RECEIVER", "SLUICE_DEMO_SIGNING_KEY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("SLUICE_DEMO_SMTP_PORT", "25")
    command = [sys.executable, "-m", "sluice_cli.main", "config", "check", folder]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_make_names_every_target_that_is_promised():
    promised = [
        "setup",
        "demo",
        "up",
        "down",
        "test",
        "check",
        "fmt",
        "lint",
        "types",
        "bench",
        "corpus",
        "golden",
        "new-scanner",
        "new-channel",
    ]
    result = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0] for line in result.stdout.splitlines() if line.strip()}
    assert set(promised) <= listed
