"""Reports about several assets, and rules for reports that say next to nothing."""

import pytest

from sluice_normaliser.kit import (
    Format,
    JsonShape,
    Map,
    ParseContext,
    Reading,
    ScannerSpec,
    image,
    package,
    resource,
    several_assets,
)
from sluice_normaliser.kit.body import Body
from sluice_shared.contracts.finding import Kind

ROWS = Map(
    kind=Kind.CONTAINER,
    rule_id="id",
    location=package(name="package", image=image(name="image")),
)
FORMAT = Format(name="t-1", container="csv", detect=JsonShape(has=("x",)), parse=several_assets(ROWS))
SPEC = ScannerSpec(name="t", title="T", kinds=(Kind.CONTAINER,), formats=(FORMAT,), setup="")


def assets(rows, maps=ROWS):
    reading = Reading(ParseContext(secret_key=b"k"), SPEC, FORMAT)
    return [each.asset for each in several_assets(maps)(rows, reading)]


def row(name):
    return {"id": "CVE-2020-11111", "package": "kit", "image": name}


def test_given_rows_of_two_images_then_each_is_of_its_image():
    assert assets([row("shop"), row("web"), row("shop")]) == ["image:shop", "image:web", "image:shop"]


def test_given_rows_of_one_image_then_all_are_of_the_asset_they_are_pushed_for():
    assert assets([row("shop"), row("shop")]) == [None, None]


def test_given_rows_that_name_no_image_beside_one_that_does_then_none_is_of_another_asset():
    assert assets([row("shop"), row(None)]) == [None, None]


def test_an_image_that_is_checked_as_a_whole_is_an_asset_too():
    checks = Map(kind=Kind.COMPLIANCE, rule_id="id", location=resource(resource="image", resource_type="kind"))
    rows = [{**row(name), "kind": "image"} for name in ("shop", "web")]
    assert assets(rows, checks) == ["image:shop", "image:web"]


@pytest.mark.parametrize(
    ("body", "holds"),
    [(b'{"data": []}', True), (b'{"data": [], "page": 1}', False), (b"[]", False), (b'{"data": [1]}', False)],
)
def test_a_rule_may_name_the_only_names_of_a_report(body, holds):
    rule = JsonShape(has=("data",), only=("data",), lacks=("data[]",))
    assert rule.judge(Body(body), "json").holds is holds
