"""Damaged reports: whatever is wrong with one, the answer is a ReportError or valid observations."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sluice_normaliser import golden
from sluice_normaliser.kit import ParseContext, ReportError, parse_report, registry
from sluice_normaliser.kit.body import Body
from sluice_shared.contracts.finding import Observation


def is_json(body):
    """Return True for one JSON value; JSON lines have no single one to change."""
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


SAMPLES = [(name, sample.read_bytes()) for name in sorted(registry()) for sample in golden.samples(name)]
JSON_SAMPLES = [(name, body) for name, body in SAMPLES if Body(body).containers[:1] == ("json",) and is_json(body)]
STRANGE = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    "x",
    "\u0000",
    "[]",
    [],
    [[]],
    [None],
    {},
    {"a": None},
    {"text": 5},
    [1, "a"],
]
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def parse(body, scanner):
    try:
        report = parse_report(body, ParseContext(secret_key=b"k", scanner=scanner))
    except ReportError:
        return
    for observation in report.observations:
        Observation.model_validate_json(observation.model_dump_json())


@QUICK
@given(st.data())
def test_a_report_that_is_cut_off(data):
    name, body = data.draw(st.sampled_from(SAMPLES))
    cut = data.draw(st.integers(0, len(body)))
    parse(body[:cut], data.draw(st.sampled_from([None, name])))


@QUICK
@given(st.data())
def test_a_report_with_flipped_bits(data):
    name, body = data.draw(st.sampled_from(SAMPLES))
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 5))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    parse(bytes(damaged), data.draw(st.sampled_from([None, name])))


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def replaced(value, path, new):
    if not path:
        return new
    if isinstance(value, dict):
        return {key: replaced(item, path[1:], new) if key == path[0] else item for key, item in value.items()}
    return [replaced(item, path[1:], new) if index == path[0] else item for index, item in enumerate(value)]


@settings(QUICK, max_examples=200)
@given(st.data())
def test_a_report_with_a_value_of_another_type(data):
    name, body = data.draw(st.sampled_from(JSON_SAMPLES))
    document = json.loads(body)
    path = data.draw(st.sampled_from(list(places(document))))
    changed = replaced(document, path, data.draw(st.sampled_from(STRANGE)))
    parse(json.dumps(changed).encode(), data.draw(st.sampled_from([None, name])))


@QUICK
@given(st.binary(max_size=200), st.sampled_from([None, *sorted(registry())]))
def test_bytes_that_are_no_report(body, scanner):
    parse(body, scanner)


@pytest.mark.parametrize("name", sorted(registry()))
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b"[[]]", b'""', b"0", b"[{}]", b"true"])
def test_bodies_without_content(name, body):
    parse(body, name)
