"""VEX: what documents say of an asset, which findings that is about, and whose word counts."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_risk_index.domain.evidence import EvidenceRefusedError
from sluice_risk_index.domain.policy import VexPolicy
from sluice_risk_index.domain.purl import read_purl
from sluice_risk_index.domain.vex.document import statements_for
from sluice_risk_index.domain.vex.reading import read_vex
from sluice_risk_index.domain.vex.statements import Statement, Statements, VexStatus

SHOP = "repo:github.com/acme/shop"
IMAGE = "image:registry.acme.io/shop"
T0 = datetime(2026, 11, 1, tzinfo=UTC)
TRUST = VexPolicy(trusted_authors=("Acme *",))


@dataclass
class Found:
    identifiers: list[str] = field(default_factory=lambda: ["CVE-2024-1"])
    purl: str | None = "pkg:npm/left-pad@1.3.0"
    package: str | None = "left-pad"


def openvex(*statements, **given):
    document = {
        "@context": "https://openvex.dev/ns/v0.2.0",
        "@id": "https://acme.io/vex/1",
        "author": "Acme Security",
        "timestamp": "2026-11-02T00:00:00Z",
        "version": 1,
        "statements": [{"vulnerability": {"name": "CVE-2024-1"}, "status": "not_affected", **s} for s in statements],
    }
    return orjson.dumps({**document, **given})


def said(body, asset=SHOP, source="token:ci"):
    statements, unused = statements_for(asset, read_vex(body), source, T0)
    return statements, unused


def meant(body, finding=None, asset=SHOP):
    statements, _ = said(body, asset)
    finding = finding or Found()
    return any(s.identifier in finding.identifiers and s.is_about(finding) for s in statements)


def product(name, *parts):
    return {"@id": name, **({"subcomponents": [{"@id": part} for part in parts]} if parts else {})}


@pytest.mark.parametrize(
    ("products", "asset", "matches"),
    [
        ([], SHOP, True),
        ([product("pkg:npm/left-pad@1.3.0")], SHOP, True),
        ([product("pkg:npm/left-pad")], SHOP, True),
        ([product("pkg:npm/left-pad@1.2.0")], SHOP, False),
        ([product("pkg:pypi/left-pad@1.3.0")], SHOP, False),
        ([product("pkg:github/acme/shop@v1")], SHOP, True),
        ([product("pkg:github/acme/shop"), product("pkg:github/acme/other")], SHOP, True),
        ([product("pkg:github/acme/other"), product("pkg:github/acme/third")], SHOP, False),
        # What is pushed for the asset and names one product names the asset, whatever it calls it.
        ([product("Acme Shop 4.2")], SHOP, True),
        ([product("Acme Shop 4.2", "pkg:npm/left-pad@1.3.0")], SHOP, True),
        ([product("Acme Shop 4.2", "pkg:npm/right-pad@1.3.0")], SHOP, False),
        ([product("pkg:maven/acme/shop@1", "pkg:npm/left-pad@1.3.0")], SHOP, True),
        ([product("Acme Till", "pkg:npm/left-pad@1.3.0"), product("Acme Bank")], SHOP, False),
        ([product("pkg:oci/shop?repository_url=registry.acme.io/shop"), product("Acme Bank")], IMAGE, True),
        ([product("pkg:oci/shop?repository_url=registry.acme.io"), product("Acme Bank")], IMAGE, True),
        ([product("pkg:oci/shop?repository_url=other.io/shop"), product("Acme Bank")], IMAGE, False),
        ([product(IMAGE, "Left-Pad"), product("Acme Bank")], IMAGE, True),
        ([product(IMAGE, "pkg:npm/right-pad"), product("Acme Bank")], IMAGE, False),
    ],
)
def test_a_statement_is_about_the_packages_it_names_in_this_asset(products, asset, matches):
    assert meant(openvex({"products": products}), asset=asset) is matches


def test_a_package_without_a_purl_is_known_by_its_name():
    body = openvex({"products": [product(SHOP, "left-pad")]})
    assert meant(body, Found(purl=None))
    assert not meant(body, Found(purl=None, package="right-pad"))


def test_every_name_of_a_vulnerability_counts_in_any_case():
    vulnerability = {"name": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2024-1"]}
    statements, unused = said(openvex({"vulnerability": vulnerability}))
    assert ([s.identifier for s in statements], unused) == (["GHSA-AAAA-BBBB-CCCC", "CVE-2024-1"], 0)
    by_name = Statements({s.identifier: [s] for s in statements})
    assert by_name.excusing(Found(identifiers=["GHSA-aaaa-bbbb-cccc"]), TRUST) == "vex:openvex:https://acme.io/vex/1"
    # Two names of one statement are two ways to the same word.
    assert len(by_name.about(Found(["CVE-2024-1", "GHSA-aaaa-bbbb-cccc"]), TRUST)) == 1


def test_statements_about_others_are_counted():
    statements, unused = said(openvex({"products": [product("pkg:github/a/b"), product("pkg:github/c/d")]}, {}))
    assert (len(statements), unused) == (1, 1)


def test_the_first_form_of_openvex_is_read():
    body = openvex({"vulnerability": "CVE-2024-1", "products": ["pkg:npm/left-pad@1.3.0"]}, version="2")
    (statement,), _ = said(body)
    assert (statement.packages, statement.stated_at.day) == (("pkg:npm/left-pad@1.3.0",), 1)


def csaf(status="known_not_affected", **given):
    branch = {
        "category": "vendor",
        "name": "Acme",
        "branches": [
            {"category": "product_name", "name": "Shop", "product": {"name": "Shop 1", "product_id": "SHOP"}},
            {
                "category": "product_name",
                "name": "left-pad",
                "product": {
                    "name": "left-pad 1.3.0",
                    "product_id": "PAD",
                    "product_identification_helper": {"purl": "pkg:npm/left-pad@1.3.0"},
                },
            },
        ],
    }
    related = {
        "category": "default_component_of",
        "product_reference": "PAD",
        "relates_to_product_reference": "SHOP",
        "full_product_name": {"name": "left-pad in Shop", "product_id": "SHOP:PAD"},
    }
    document = {
        "document": {
            "category": "csaf_vex",
            "csaf_version": "2.0",
            "publisher": {"name": "Acme PSIRT", "category": "vendor"},
            "tracking": {"id": "ACME-1", "version": "2", "current_release_date": "2026-11-03T00:00:00Z"},
        },
        "product_tree": {"branches": [branch], "relationships": [related]},
        "vulnerabilities": [
            {
                "cve": "CVE-2024-1",
                "product_status": {status: ["SHOP:PAD"]},
                "flags": [{"label": "vulnerable_code_not_present", "product_ids": ["SHOP:PAD"]}],
                "threats": [{"category": "impact", "details": "It is not shipped."}],
            }
        ],
    }
    document["document"].update(given)
    return orjson.dumps(document)


def test_csaf_is_read():
    (statement,), unused = said(csaf())
    assert statement.packages == ("pkg:npm/left-pad@1.3.0",)
    assert (statement.status, statement.author) == (VexStatus.NOT_AFFECTED, "Acme PSIRT")
    assert (statement.justification, statement.statement) == ("vulnerable_code_not_present", "It is not shipped.")
    assert (unused, read_vex(csaf()).issued_at.day) == (0, 3)
    assert said(csaf("known_affected"))[0][0].status is VexStatus.AFFECTED


def test_a_withdrawn_csaf_says_nothing():
    assert said(csaf(category="csaf_withdrawn")) == ([], 0)


def cyclonedx(state="not_affected", ref="pad", **given):
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": "urn:uuid:1",
        "metadata": {
            "timestamp": "2026-11-04T00:00:00Z",
            "authors": [{"name": "Acme Security"}],
            "component": {"bom-ref": "shop", "name": "shop", "type": "application"},
        },
        "components": [{"bom-ref": "pad", "name": "left-pad", "purl": "pkg:npm/left-pad@1.3.0", "type": "library"}],
        "vulnerabilities": [
            {"id": "CVE-2024-1", "analysis": {"state": state, "detail": "no"}, "affects": [{"ref": ref}]},
            {"id": "CVE-2024-2", "affects": [{"ref": "pad"}]},
        ],
    }
    return orjson.dumps({**document, **given})


@pytest.mark.parametrize(
    ("ref", "packages"),
    [
        ("pad", ("pkg:npm/left-pad@1.3.0",)),
        ("shop", ()),
        ("urn:cdx:1/1#pad", ("pkg:npm/left-pad@1.3.0",)),
        ("urn:cdx:2/1#pkg:npm/other@1", ("pkg:npm/other@1",)),
        ("pkg:npm/left-pad@1.3.0", ("pkg:npm/left-pad@1.3.0",)),
        ("elsewhere", ("elsewhere",)),
    ],
)
def test_cyclonedx_is_read(ref, packages):
    (statement,), unused = said(cyclonedx(ref=ref))
    assert (statement.packages, statement.author, statement.statement, unused) == (packages, "Acme Security", "no", 0)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("false_positive", "not_affected"),
        ("exploitable", "affected"),
        ("in_triage", "under_investigation"),
        ("resolved", "fixed"),
    ],
)
def test_cyclonedx_states_are_brought_to_one_set(state, status):
    assert said(cyclonedx(state))[0][0].status == status


@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        (b"{", "malformed", "line 1"),
        (b"[]", "unknown_format", "OpenVEX, CSAF or CycloneDX"),
        (b"{}", "unknown_format", "OpenVEX, CSAF or CycloneDX"),
        (openvex({"status": "maybe"}), "schema", "statements[0].status is 'maybe'"),
        (openvex({"vulnerability": {}}), "schema", "statements[0] names no vulnerability"),
        (openvex({}, **{"@id": None}), "schema", "no @id"),
    ],
)
def test_what_cannot_be_read_says_why(body, reason, words):
    with pytest.raises(EvidenceRefusedError) as refused:
        read_vex(body)
    assert refused.value.reason.value == reason
    assert words in refused.value.detail


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.sampled_from([openvex({}), csaf(), cyclonedx()]), st.data())
def test_damaged_documents_are_read_or_refused(body, data):
    document = orjson.loads(body)
    node = document
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and data.draw(st.booleans()):
            node = node[key]
            continue
        node[key] = data.draw(anything)
        break
    try:
        read = read_vex(orjson.dumps(document))
    except EvidenceRefusedError:
        return
    statements_for(SHOP, read, None, T0)


def statement(status="not_affected", at=T0, author="Acme Security", **given):
    values = {"identifier": "CVE-2024-1", "document": "openvex:1", "source": "token:ci", **given}
    return Statement(status=VexStatus(status), stated_at=at, author=author, **values)


def excused(*statements, policy=TRUST):
    return Statements({"CVE-2024-1": statements}).excusing(Found(), policy) is not None


def test_only_a_trusted_not_affected_excuses():
    assert excused(statement())
    for status in ("affected", "under_investigation", "fixed"):
        assert not excused(statement(status))
    assert not excused(statement(), policy=VexPolicy())
    assert not excused(statement(author="Somebody"))
    assert not excused(statement(author=None))
    assert not excused(statement(), policy=VexPolicy(trusted_authors=("*",), trusted_sources=("token:psirt",)))
    assert excused(statement(), policy=VexPolicy(trusted_authors=("acme security",), trusted_sources=("TOKEN:*",)))


def test_the_newest_trusted_word_counts():
    later = T0 + timedelta(days=1)
    assert not excused(statement(), statement("affected", later, document="openvex:2"))
    assert excused(statement("affected"), statement(at=later, document="openvex:2"))
    assert excused(statement(), statement("affected", later, author="Somebody", document="openvex:2"))
    # Of two at one moment the more cautious.
    assert not excused(statement(), statement("under_investigation", document="openvex:2"))


def test_all_that_is_said_is_shown():
    later = T0 + timedelta(days=1)
    told = Statements({"CVE-2024-1": [statement(), statement("affected", later, author="Somebody")]})
    shown = [(a.statement.status.value, a.trusted, a.counts) for a in told.about(Found(), TRUST)]
    assert shown == [("affected", False, False), ("not_affected", True, True)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("pkg:npm/%40acme/left-pad@1.0.0", ("npm", "@acme/left-pad", "1.0.0")),
        ("pkg:npm/@acme/left-pad", ("npm", "@acme/left-pad", None)),
        ("pkg:PyPI/Zope_Interface@5.0", ("pypi", "zope-interface", "5.0")),
        ("pkg:maven/org.Acme/Shop@1?type=jar#x", ("maven", "org.Acme/Shop", "1")),
        ("pkg:deb/debian/openssl@1%3A3.0-1?arch=amd64", ("deb", "debian/openssl", "1:3.0-1")),
    ],
)
def test_purls_are_compared_by_their_parts(text, parts):
    read = read_purl(text)
    assert (read.type, read.name, read.version) == parts


@given(st.text(max_size=40))
def test_any_text_is_a_purl_or_none(text):
    assert read_purl(text) is None
    read_purl("pkg:" + text)
