"""Every folder under ``scanners/``: what its samples give is what its golden files say, whole."""

import json
import random

import pytest

from sluice_normaliser import golden
from sluice_normaliser.kit import ReportError, parse_report, registry
from sluice_shared.contracts.finding import Observation

NAMES = sorted(registry())
SAMPLES = [pytest.param(name, sample, id=f"{name}/{sample.name}") for name in NAMES for sample in golden.samples(name)]
JSON_SAMPLES = [each for each in SAMPLES if each.values[1].suffix in {".json", ".sarif"}]


def observations(name, sample, body=None):
    try:
        return parse_report(body or sample.read_bytes(), golden.context(sample, name)).observations
    except ReportError:
        return []


@pytest.mark.parametrize("name", NAMES)
def test_every_scanner_has_samples_that_show_observations(name):
    assert any(observations(name, sample) for sample in golden.samples(name))


@pytest.mark.parametrize("name", NAMES)
def test_what_samples_give_is_what_the_golden_files_say(name):
    differing = [path.name for path, _, _ in golden.stale(name)]
    assert not differing, f"run: python -m sluice_normaliser.golden {name}, and read the difference"


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_is_recognised_as_its_own_scanners(name):
    assert list(golden.misread(name)) == []


@pytest.mark.parametrize(("name", "sample"), SAMPLES)
def test_observations_hold_what_their_contract_says(name, sample):
    for observation in observations(name, sample):
        again = Observation.model_validate_json(observation.model_dump_json())
        assert again == observation
        assert Observation.model_validate_json(observation.model_dump_json(exclude_defaults=True)) == observation


def shuffled(value, chance):
    if isinstance(value, dict):
        entries = [(key, shuffled(item, chance)) for key, item in value.items()]
        chance.shuffle(entries)
        return dict(entries)
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


def without_order(observation):
    """Return an observation as JSON in which the order of an object's entries no longer shows."""
    found = observation.model_dump(mode="json")
    for name in ("ratings", "compliance", "identifiers", "cwes", "references", "tags"):
        found[name] = sorted(json.dumps(each, sort_keys=True) for each in found[name])
    return json.dumps(found, sort_keys=True)


@pytest.mark.parametrize(("name", "sample"), JSON_SAMPLES)
def test_the_order_of_keys_does_not_matter(name, sample):
    document = json.loads(sample.read_bytes())
    mixed = json.dumps(shuffled(document, random.Random(7))).encode()
    before, after = (sorted(map(without_order, observations(name, sample, body))) for body in (None, mixed))
    assert before == after
