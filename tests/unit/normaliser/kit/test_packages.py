"""Packages: one purl, whichever of its names a scanner gives."""

import pytest

from sluice_normaliser.kit.images import image_name
from sluice_normaliser.kit.packages import build_purl, closest_fix, complete, purl_type, versions


@pytest.mark.parametrize(
    ("ecosystem", "name", "purl"),
    [
        ("npm", "@angular/core", "pkg:npm/%40angular/core@1"),
        ("Python", "Django", "pkg:pypi/django@1"),
        ("pip", "zope.interface_x", "pkg:pypi/zope.interface-x@1"),
        ("maven", "org.apache:log4j", "pkg:maven/org.apache/log4j@1"),
        ("gomod", "github.com/acme/mod", "pkg:golang/github.com/acme/mod@1"),
        ("composer", "symfony/http", "pkg:composer/symfony/http@1"),
        ("debian", "openssl", "pkg:deb/debian/openssl@1"),
        ("alpine", "busybox", "pkg:apk/alpine/busybox@1"),
        ("redhat", "bash", "pkg:rpm/redhat/bash@1"),
        ("node-pkg", "lodash", "pkg:npm/lodash@1"),
        ("GitHub Actions", "actions/checkout", "pkg:github/actions/checkout@1"),
        ("klingon", "x", None),
    ],
)
def test_ecosystem_and_name_make_a_purl(ecosystem, name, purl):
    assert build_purl(ecosystem, name, "1") == purl


def test_a_purl_fills_what_is_left_out():
    done = complete({"purl": "pkg:maven/org.apache/log4j@2.14.1"})
    assert done["name"] == "log4j"
    assert (done["namespace"], done["version"], done["ecosystem"]) == ("org.apache", "2.14.1", "maven")


def test_the_name_stays_as_the_scanner_wrote_it():
    assert complete({"name": "Django", "ecosystem": "pypi", "version": "3"})["name"] == "Django"


def test_without_a_name_there_is_no_package():
    assert complete({"version": "1"}) is None
    assert complete({"purl": "no purl"}) is None


@pytest.mark.parametrize("word", ["Ubuntu:22.04", "crates.io", "NuGet", "rubygems"])
def test_ecosystems_are_known_by_many_names(word):
    assert purl_type(word) in {"deb", "cargo", "nuget", "gem"}


def test_versions_are_split_where_scanners_join_them():
    assert versions("1.2.3, 2.0.1") == ["1.2.3", "2.0.1"]
    assert versions(["1", "2 || 3"]) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("installed", "fixed", "target"),
    [
        ("9.0.109", ["11.0.14", "10.1.49", "9.0.112"], "9.0.112"),
        ("4.17.4", ["4.17.21", "4.17.11"], "4.17.11"),
        ("1.0", ["2.0"], "2.0"),
        (None, ["2.0", "3.0"], "2.0"),
        ("1.0", [], None),
        ("2.5", ["1.9", "3.0"], "3.0"),
    ],
)
def test_the_fix_to_take_is_the_closest_that_is_no_step_back(installed, fixed, target):
    assert closest_fix(installed, fixed) == target


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("registry:5000/acme/shop:1.4", ("registry:5000/acme/shop", "1.4", None)),
        ("registry:5000/shop", ("registry:5000/shop", None, None)),
        ("alpine@sha256:abc", ("alpine", None, "sha256:abc")),
        ("a/b:1@sha256:abc", ("a/b", "1", "sha256:abc")),
    ],
)
def test_an_images_name_comes_apart(reference, parts):
    assert image_name(reference) == parts
