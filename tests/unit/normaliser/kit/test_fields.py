"""Contract models from values of any type."""

import pytest

from sluice_normaliser.kit import construct
from sluice_shared.contracts.finding import CodeLocation, ImageRef, Observation, PackageLocation


def test_every_value_becomes_its_fields_type_or_is_left_out():
    place = construct(CodeLocation, {"path": 7, "start_line": "3", "end_line": 0, "snippet": "  x", "commit": []})
    assert place == CodeLocation(path="7", start_line=3, snippet="  x")
    package = construct(PackageLocation, {"name": "n", "fixed_versions": "1", "image": {"os": 1}, "direct": "yes"})
    assert package == PackageLocation(name="n", fixed_versions=["1"], direct=True)
    assert construct(ImageRef, {"os": True}).os == "true"


def test_defaults_are_not_shared():
    one, other = (construct(PackageLocation, {"name": "n"}) for _ in range(2))
    one.fixed_versions.append("1")
    assert other.fixed_versions == []


@pytest.mark.parametrize(("cls", "values"), [(CodeLocation, {}), (CodeLocation, {"path": "a", "lines": 1})])
def test_a_model_that_lacks_what_it_needs_is_refused(cls, values):
    with pytest.raises(ValueError, match=cls.__name__):
        construct(cls, values)


def test_it_is_as_if_it_had_been_validated():
    values = {"scanner": "s", "kind": "sast", "rule_id": "R", "title": "t", "severity": "HIGH", "tags": ["a"]}
    built = construct(Observation, values)
    assert built == Observation.model_validate({**values, "severity": "high"})
    assert built.model_dump_json() == Observation.model_validate(built.model_dump()).model_dump_json()


def test_an_object_with_a_number_beyond_64_bits_becomes_text_like_any_other():
    huge = 2**70
    assert construct(ImageRef, {"os": {"serial": huge, "name": "ä"}}).os == f'{{"serial":{huge},"name":"ä"}}'
