"""Evidence on its way into the index: CODEOWNERS move findings, VEX excuses them, proofs cover assets."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from tests.integration.risk_index.risk_kit import (
    SHOP,
    catalogue,
    eventually,
    in_force,
    observation,
    principal,
    running_app,
    state,
    updated,
)

from sluice_risk_index import metrics
from sluice_risk_index.application.measure_risk import MeasureRisk
from sluice_risk_index.application.plan_policy import PlanPolicy
from sluice_risk_index.application.refresh_feeds import Rescore
from sluice_risk_index.application.show_finding import ShowFinding
from sluice_risk_index.application.take_evidence import TakeEvidence
from sluice_risk_index.domain.catalogue import Asset, OwnerRule, Team
from sluice_risk_index.domain.policy import Policy
from sluice_risk_index.main import build
from sluice_risk_index.storage.facets import FacetBook
from sluice_shared.auth import Scope
from sluice_shared.blobs import BlobStore
from sluice_shared.bus import Bus
from sluice_shared.contracts.events import EvidenceReceipt, EvidenceReceived, EvidenceType
from sluice_shared.contracts.finding import CodeLocation, Identifier, Kind, PackageLocation
from sluice_shared.contracts.topics import EVIDENCE, EVIDENCE_RECEIPTS

TEAMS = (Team(name="checkout", aliases=("@acme/shop",)), Team(name="payments", aliases=("@acme/pay",)))
PAY = "/src/pay/ @acme/pay\n"
T0 = datetime(2026, 11, 1, tzinfo=UTC)


class Intake:
    """Stores bodies as ingest does, and hands them to the use case."""

    def __init__(self, line, blobs):
        self.line, self.blobs, self.woken = line, blobs, 0
        self.take = TakeEvidence(line.database, self, blobs, lambda: line.rules, self._wake, max_bytes=100_000)
        self.rescore = Rescore(line.database, FacetBook(), lambda: line.rules, lambda: None)
        self.receipts: list[EvidenceReceipt] = []
        self.sequence = 0

    def _wake(self):
        self.woken += 1

    async def publish(self, topic, receipt, *, key):
        assert topic is EVIDENCE_RECEIPTS
        assert key == str(receipt.evidence_id)
        self.receipts.append(receipt)

    async def event(self, kind, body, **given):
        body = body if isinstance(body, bytes) else body.encode()
        digest = hashlib.sha256(body).hexdigest()
        await self.blobs.put(f"bodies/{digest}", body)
        self.sequence += 1
        return EvidenceReceived(**{
            "evidence_id": uuid4(), "sequence": self.sequence, "type": EvidenceType(kind), "asset": SHOP,
            "received_at": datetime.now(UTC), "body_ref": f"bodies/{digest}", "body_bytes": len(body),
            "body_sha256": digest, "source": "token:ci", **given,
        })  # fmt: skip

    async def __call__(self, kind, body, **given):
        """Take evidence in, let all be looked at again that it touches, and return the receipt."""
        await self.take(await self.event(kind, body, **given))
        while await self.rescore():
            pass
        return self.receipts[-1]


@pytest.fixture
def intake(line, tmp_path):
    line.rules = in_force(known=catalogue(teams=TEAMS, assets=(Asset(key=SHOP, owner="checkout"),)))
    return Intake(line, BlobStore(tmp_path.as_uri()))


def in_file(path):
    return state(observation(location=CodeLocation(path=path, start_line=3)))


async def owner(line, finding):
    row = await line.finding(finding.finding_id)
    return row["team"], row["owner_reason"]


async def test_pushed_codeowners_move_what_is_there_and_what_comes(line, intake):
    paid, other = in_file("src/pay/card.py"), in_file("src/cart.py")
    await line.apply(paid, other)
    receipt = await intake("codeowners", PAY + "/ci/ @acme/nobody\n")
    assert (receipt.status, receipt.counts.model_dump()) == ("indexed", {"entries": 2, "unused": 1, "findings": 2})
    assert await owner(line, paid) == ("payments", "CODEOWNERS:1 /src/pay/ @acme/pay")
    assert (await owner(line, other))[0] == "checkout"
    assert await line.history(paid.finding_id) == ["opened", "owner"]
    later = in_file("src/pay/later.py")
    await line.apply(later)
    assert (await owner(line, later))[0] == "payments"


async def test_the_same_again_and_older_ones_change_nothing(line, intake):
    finding = in_file("src/pay/card.py")
    await line.apply(finding)
    await intake("codeowners", PAY, made_at=T0)
    assert (await intake("codeowners", PAY, made_at=T0 + timedelta(days=1))).counts.findings == 0
    assert (await intake("codeowners", "/src/pay/ @acme/shop", made_at=T0)).counts.findings == 0
    assert (await owner(line, finding))[0] == "payments"
    assert (await intake("codeowners", "/src/pay/ @acme/shop", made_at=T0 + timedelta(days=2))).counts.findings == 1
    assert (await owner(line, finding))[0] == "checkout"


async def test_codeowners_of_a_branch_are_refused(intake):
    receipt = await intake("codeowners", PAY, ref="feature")
    assert (receipt.status, receipt.reason) == ("rejected", "other_ref")
    assert "push them from there only" in receipt.detail
    assert (await intake("codeowners", PAY, ref="main")).status == "indexed"


async def test_a_rule_and_the_catalogues_own_file_count_before_them_and_a_new_alias_moves_findings(line, intake):
    paid, special = in_file("src/pay/card.py"), in_file("src/pay/special/card.py")
    await line.apply(paid, special)
    await intake("codeowners", "/src/pay/ @acme/till\n")
    assert (await owner(line, paid))[0] == "checkout"
    teams = (Team(name="checkout"), Team(name="payments", aliases=("@acme/till",)), Team(name="sec"))
    rules = (OwnerRule(team="sec", path="src/pay/special/**"),)
    known = catalogue(teams=teams, assets=(Asset(key=SHOP, owner="checkout"),), rules=rules)
    proposed = in_force(known=known, version="aliased")
    plan = await PlanPolicy(line.database, lambda: line.rules)(proposed)
    assert plan.tally.moves("was_team", "team") == {("checkout", "payments"): 1, ("checkout", "sec"): 1}
    line.rules = proposed
    await line.recalculate()
    assert (await owner(line, paid))[0] == "payments"
    assert (await owner(line, special))[0] == "sec"


VULNERABLE = PackageLocation(name="left-pad", version="1.3.0", purl="pkg:npm/left-pad@1.3.0")


def vulnerable(cve="CVE-2024-1", location=VULNERABLE):
    seen = observation(
        cve,
        scanner="trivy",
        kind=Kind.SCA,
        rule_id=cve,
        location=location,
        identifiers=[Identifier(type="cve", value=cve)],
    )
    return state(seen)


def vex(status="not_affected", at=T0, *, author="Acme PSIRT", name="https://acme.io/vex/1", cve="CVE-2024-1", **more):
    statement = {
        "vulnerability": {"name": cve},
        "products": [{"@id": "pkg:npm/left-pad@1.3.0"}],
        "status": status,
        "justification": "vulnerable_code_not_in_execute_path",
    }
    return orjson.dumps({
        "@context": "https://openvex.dev/ns/v0.2.0", "@id": name, "author": author, "timestamp": at.isoformat(),
        "version": 1, "statements": [statement], **more,
    })  # fmt: skip


@pytest.fixture
def trusting(line, intake):
    policy = Policy.model_validate({"vex": {"trusted_authors": ["Acme *"]}, "alerts": {"opened": ["act", "attend"]}})
    line.rules = in_force(policy, line.rules.rules.catalogue, "trusting")
    return intake


async def decision(line, finding):
    row = await line.finding(finding.finding_id)
    return row["decision"], row["exception_id"]


EXCUSED = ("excepted", "vex:openvex:https://acme.io/vex/1")


async def test_a_trusted_not_affected_excuses_what_is_there_and_what_comes(line, trusting):
    meant, other = vulnerable(), vulnerable("CVE-2024-2")
    elsewhere = vulnerable(location=PackageLocation(name="other", purl="pkg:npm/other@1"))
    await line.apply(meant, other, elsewhere)
    receipt = await trusting("vex", vex())
    assert receipt.counts.model_dump() == {"entries": 1, "unused": 0, "findings": 2}
    assert [await decision(line, f) for f in (meant, other, elsewhere)] == [EXCUSED, ("open", None), ("open", None)]
    row = await line.finding(meant.finding_id)
    assert (row["sla_state"], row["next_timer_at"]) == ("paused", None)
    later = vulnerable()
    await line.apply(later)
    assert await decision(line, later) == EXCUSED
    await line.apply(updated(meant))
    assert await decision(line, meant) == EXCUSED


async def test_a_newer_statement_and_a_withdrawal_open_it_again_and_tell(line, trusting):
    finding = vulnerable()
    await line.apply(finding)
    await trusting("vex", vex())
    day = timedelta(days=1)
    await trusting("vex", vex("under_investigation", T0 + day, name="https://acme.io/vex/2"))
    assert await decision(line, finding) == ("open", None)
    assert "reopened" in await line.levels(finding.finding_id)
    await trusting("vex", vex(at=T0 + 2 * day))
    assert await decision(line, finding) == EXCUSED
    # An older version that comes late changes nothing, a newer one without the statement withdraws it.
    assert (await trusting("vex", vex("affected", T0 + day))).counts.findings == 0
    assert await decision(line, finding) == EXCUSED
    assert (await trusting("vex", vex(at=T0 + 3 * day, statements=[]))).counts.findings == 1
    assert await decision(line, finding) == ("open", None)


async def test_the_word_of_others_is_shown_and_changes_nothing_until_they_are_trusted(line, trusting):
    finding = vulnerable()
    await line.apply(finding)
    await trusting("vex", vex(author="Somebody"))
    await trusting("vex", vex("affected", T0 - timedelta(days=1), name="https://acme.io/vex/2"))
    assert await decision(line, finding) == ("open", None)
    _, analysis = await ShowFinding(line.database, lambda: line.rules)(principal(Scope.READ), finding.finding_id)
    shown = [(a.statement.status.value, a.statement.author, a.trusted, a.counts) for a in analysis]
    assert shown == [("not_affected", "Somebody", False, False), ("affected", "Acme PSIRT", True, True)]
    everybody = Policy.model_validate({"vex": {"trusted_authors": ["*"]}})
    line.rules = in_force(everybody, line.rules.rules.catalogue, "everybody")
    await line.recalculate()
    assert await decision(line, finding) == EXCUSED


async def test_a_chunk_and_a_statement_at_the_same_time_never_miss_each_other(line, trusting):
    finding = vulnerable()
    event = await trusting.event("vex", vex())
    await asyncio.gather(line.apply(finding), trusting.take(event))
    while await trusting.rescore():
        pass
    assert await decision(line, finding) == EXCUSED


@pytest.mark.parametrize(
    ("kind", "body", "reason"),
    [
        ("vex", b"{", "malformed"),
        ("vex", b'{"a": 1}', "unknown_format"),
        ("vex", b"[" + b" " * 100_001 + b"]", "too_large"),
        ("codeowners", b"\xff\xfe", "not_text"),
        ("codeowners", b"* @a/b\x00", "not_text"),
        ("sbom", b'{"a": 1}', "unknown_format"),
        ("attestation", b'{"predicateType": "https://slsa.dev/provenance/v1"}', "schema"),
    ],
)
async def test_what_cannot_be_taken_is_rejected_with_a_reason(intake, kind, body, reason):
    receipt = await intake(kind, body)
    assert (receipt.status, receipt.reason) == ("rejected", reason)
    assert len(receipt.detail) > 20


async def test_a_body_that_is_gone_is_rejected_and_a_report_without_statements_is_not(intake):
    event = await intake.event("vex", vex(), body_ref="bodies/gone")
    await intake.take(event)
    assert intake.receipts[-1].reason == "body_missing"
    assert (await intake("vex", b"<bom/>", from_report=True)).status == "indexed"


async def test_proofs_count_as_coverage(line, intake):
    sbom = {"bomFormat": "CycloneDX", "components": [{"name": "a"}, {"name": "b"}]}
    assert (await intake("sbom", orjson.dumps(sbom), ref="main")).counts.entries == 2
    statement = {"predicateType": "https://slsa.dev/provenance/v1", "subject": [{"name": "shop"}]}
    assert (await intake("attestation", orjson.dumps(statement))).counts.entries == 1
    await MeasureRisk(line.database, lambda: line.rules)()
    for practice in ("sbom", "provenance"):
        assert metrics.ASSETS_COVERED.labels(practice, "checkout")._value.get() == 1
    rows = await line.rows("SELECT practice, ref, form, entries FROM proof ORDER BY practice")
    assert [tuple(row.values()) for row in rows] == [
        ("provenance", "default", "https://slsa.dev/provenance/v1", 1),
        ("sbom", "main", "cyclonedx", 2),
    ]


async def test_the_service_takes_it_from_the_stream_and_shows_it(make_settings, line, redis_url, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "policy.yaml").write_text("vex: {trusted_authors: ['Acme *']}\n")
    settings = make_settings(config_dir=tmp_path / "config")
    finding = vulnerable()
    await line.apply(finding)
    intake = Intake(line, BlobStore(settings.blob_url))
    receipts: list[EvidenceReceipt] = []

    async def on_receipt(receipt, _delivery):
        receipts.append(receipt)

    bus = Bus(redis_url, service="ingest", consumer="test-ingest")
    bus.subscribe(EVIDENCE_RECEIPTS, "ingest", on_receipt)
    await bus.start()
    async with running_app(build(settings), narrow=principal(Scope.READ, assets=("repo:elsewhere/*",))) as client:
        for kind, body in (("vex", vex()), ("codeowners", "* @acme/nobody\n/x/ oops\n")):
            event = await intake.event(kind, body)
            await bus.publish(EVIDENCE, event, key=SHOP)
            await bus.publish(EVIDENCE, event, key=SHOP)
        await eventually(lambda: len(receipts) == 4)
        assert {receipt.status for receipt in receipts} == {"indexed"}
        page = {}
        for _ in range(100):
            page = (await client.get(f"/v1/findings/{finding.finding_id}")).json()
            if page["decision"] == "excepted":
                break
            await asyncio.sleep(0.1)
        assert page["exception_id"] == EXCUSED[1]
        (analysis,) = page["analysis"]
        assert (analysis["status"], analysis["counts"], analysis["source"]) == ("not_affected", True, "token:ci")
        (document,) = (await client.get("/v1/vex", params={"asset": SHOP})).json()["items"]
        assert (document["statements"], document["findings"], document["author"]) == (1, 1, "Acme PSIRT")
        (owned,) = (await client.get("/v1/codeowners")).json()["items"]
        assert (owned["unknown_owners"], owned["from_catalogue"]) == (["@acme/nobody"], False)
        assert [bad["line"] for bad in owned["bad_lines"]] == [2]
        for path in ("/v1/vex", "/v1/codeowners"):
            narrow = await client.get(path, headers={"Authorization": "Bearer narrow"})
            assert narrow.json()["items"] == []
            assert (await client.get(path, params={"cursor": "xx"})).status_code == 400
        assert UUID(owned["evidence_id"])
    await bus.stop(1.0)
