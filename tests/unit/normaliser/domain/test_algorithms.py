"""Which key algorithms there are, and which of them decide."""

import pytest

from sluice_normaliser.domain.algorithms import RELEASED, Algorithm, InForce, by_label, label_of
from sluice_normaliser.domain.keys import pack
from sluice_normaliser.settings import Settings
from sluice_normaliser.storage.findings import unpack_keys
from sluice_shared.settings import SettingsError


def test_labels_and_numbers_name_each_other():
    for algorithm in Algorithm:
        assert label_of(algorithm) == algorithm.label
        assert algorithm.label == f"{algorithm.family}/{algorithm.version}"
        assert 0 < algorithm < 256
    assert by_label("shared-code/1") is Algorithm.SHARED_CODE_1
    assert label_of(255) == "unknown-255/0"


def test_the_strongest_speak_first_and_those_of_other_scanners_apart():
    assert RELEASED.scoped[0] is Algorithm.VENDOR_1
    assert RELEASED.scoped[-1] is Algorithm.MESSAGE_1
    assert Algorithm.PATHLESS_1 not in RELEASED.scoped
    assert all(algorithm.is_shared for algorithm in RELEASED.shared)
    assert RELEASED.newer == {}


def test_what_is_switched_off_does_not_speak():
    force = RELEASED.changed(off=["snippet/1"])
    assert Algorithm.SNIPPET_1 not in force.scoped
    assert force.changed(on=["snippet/1"]) == RELEASED
    assert InForce.of(trial=["snippet/1"]) == force


def test_packed_keys_keep_their_order():
    keys = tuple((number, bytes([byte]) * 16) for number in (10, 40, 140) for byte in (0, 255))
    assert unpack_keys(pack(keys)) == keys
    assert sorted([keys[::-1], keys]) == [unpack_keys(p) for p in sorted([pack(keys[::-1]), pack(keys)])]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"identity_on": ["snippet/7"]}, "'snippet/7' is no key algorithm; there are vendor/1, secret/1"),
        ({"identity_trial": ["pathless/1"]}, "'pathless/1' is no key algorithm"),
        ({"identity_on": ["url/1"], "identity_trial": ["url/1"]}, "url/1 is to be both on and on trial"),
    ],
)
def test_a_setting_that_names_no_algorithm_keeps_the_service_from_starting(given, told):
    base = {
        "database_url": "postgresql://localhost/x",
        "redis_url": "redis://localhost",
        "blob_url": "file:///x",
        "secret_key": "0123456789abcdef",
    }
    with pytest.raises(SettingsError, match=told):
        Settings.read(**base, **given)
