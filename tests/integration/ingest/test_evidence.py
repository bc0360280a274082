"""Evidence from a push to its receipt: kept and due like a report, on a line of its own."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.integration.ingest.ingest_kit import ASSET, Ingest, Platform, bearer, running, until

from sluice_shared.bus import Bus, Delivery
from sluice_shared.contracts.events import EvidenceCounts, EvidenceReceipt, EvidenceReceived
from sluice_shared.contracts.topics import EVIDENCE, EVIDENCE_RECEIPTS

CODEOWNERS = b"* @acme/shop\n"


class Index:
    """The risk index's end of the bus."""

    def __init__(self, redis_url: str) -> None:
        self.received: list[EvidenceReceived] = []
        self._bus = Bus(redis_url, service="tests", consumer="index")
        self._bus.subscribe(EVIDENCE, "risk-index", self._on_evidence)
        self.start, self.stop = self._bus.start, self._bus.stop

    async def _on_evidence(self, event: EvidenceReceived, _: Delivery) -> None:
        self.received.append(event)

    def times(self, evidence_id: str) -> int:
        return sum(event.evidence_id == UUID(evidence_id) for event in self.received)

    async def settle(self, evidence_id: str, status: str = "indexed", **more: Any) -> None:
        receipt = EvidenceReceipt(
            evidence_id=UUID(evidence_id),
            status=status,  # type: ignore[arg-type]
            at=datetime.now(UTC),
            **{"counts": EvidenceCounts(entries=1, findings=2), **more},
        )
        await self._bus.publish(EVIDENCE_RECEIPTS, receipt, key=evidence_id)


@pytest.fixture
async def index(redis_url: str):
    index = Index(redis_url)
    await index.start()
    yield index
    await index.stop(0.2)


async def push(ingest: Ingest, body: bytes = CODEOWNERS, **parameters: Any):
    headers = parameters.pop("headers", None)
    given = {"asset": ASSET, "type": "codeowners", **parameters}
    given = {name: value for name, value in given.items() if value is not None}
    return await ingest.http.post("/v1/evidence", params=given, content=body, headers=headers)


async def evidence(ingest: Ingest, evidence_id: str, wait: float = 0) -> dict[str, Any]:
    response = await ingest.http.get(f"/v1/evidence/{evidence_id}", params={"wait": wait})
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_it_is_stored_handed_on_and_settled_by_its_receipt(ingest: Ingest, index: Index) -> None:
    response = await push(ingest, ref="main", commit="abc123", made_at="2026-01-01T00:00:00Z", filename="CODEOWNERS")
    assert response.status_code == 202
    accepted = response.json()
    evidence_id = accepted["evidence_id"]
    assert accepted == {"evidence_id": evidence_id, "status_url": f"/v1/evidence/{evidence_id}", "duplicate": False}
    assert response.headers["location"] == accepted["status_url"]
    await until(lambda: index.times(evidence_id) == 1)
    event = index.received[0]
    assert (event.type, event.asset, event.ref, event.commit) == ("codeowners", ASSET, "main", "abc123")
    assert event.source.startswith("token:bootstrap")
    assert event.made_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert await ingest.app.state.runtime.blobs.get(event.body_ref, max_bytes=100) == CODEOWNERS
    await index.settle(evidence_id)
    seen = await evidence(ingest, evidence_id, wait=5)
    assert (seen["status"], seen["type"], seen["counts"]) == (
        "indexed",
        "codeowners",
        {"entries": 1, "unused": 0, "findings": 2},
    )


async def test_it_stays_due_until_its_receipt_and_can_be_replayed(make: Any, index: Index) -> None:
    async with running(make(first_republish_seconds=0.3, max_republish_seconds=0.3, max_publications=2)) as ingest:
        evidence_id = (await push(ingest)).json()["evidence_id"]
        seen = await evidence(ingest, evidence_id, wait=20)
        assert (seen["status"], seen["reason"]["code"], index.times(evidence_id)) == ("stuck", "no_receipt", 2)
        (listed,) = (await ingest.http.get("/v1/evidence", params={"status": "stuck"})).json()["items"]
        assert listed["evidence_id"] == evidence_id
        assert (await ingest.http.post(f"/v1/evidence/{evidence_id}/replay")).status_code == 202
        await until(lambda: index.times(evidence_id) == 3)
        await index.settle(evidence_id, "rejected", reason="not_text", detail="it is no text")
        seen = await evidence(ingest, evidence_id, wait=5)
        assert (seen["status"], seen["reason"]) == ("rejected", {"code": "not_text", "detail": "it is no text"})


async def test_a_repetition_is_taken_once_and_reports_are_another_matter(ingest: Ingest) -> None:
    first = (await push(ingest, headers={"Idempotency-Key": "one"})).json()
    again = (await push(ingest, headers={"Idempotency-Key": "one"})).json()
    assert (again["evidence_id"], again["duplicate"]) == (first["evidence_id"], True)
    other = await push(ingest, type="vex", headers={"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    report = await ingest.pushed(CODEOWNERS)
    assert (await ingest.http.get(f"/v1/evidence/{report}")).json()["code"] == "unknown_evidence"
    assert (await ingest.http.get(f"/v1/reports/{first['evidence_id']}")).json()["code"] == "unknown_report"
    assert [r["report_id"] for r in (await ingest.http.get("/v1/reports")).json()["items"]] == [report]
    listed = (await ingest.http.get("/v1/evidence", params={"type": "codeowners"})).json()["items"]
    assert [e["evidence_id"] for e in listed] == [first["evidence_id"]]


@pytest.mark.parametrize(
    ("given", "status", "code", "words"),
    [
        ({"type": None}, 422, "bad_parameter", "is missing; write one of codeowners, vex, sbom, attestation"),
        ({"type": "owners"}, 422, "bad_parameter", "is 'owners'"),
        ({"asset": None}, 422, "bad_asset", "asset"),
        ({"scanner": "trivy"}, 422, "bad_parameter", "'scanner' is not known"),
        ({"made_at": "2999-01-01"}, 422, "bad_parameter", "'made_at' is 2999"),
        ({"body": b""}, 400, "empty_body", "empty"),
    ],
)
async def test_what_cannot_be_meant_is_refused(ingest: Ingest, given: Any, status: int, code: str, words: str) -> None:
    response = await push(ingest, **given)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert words in problem["detail"]


async def test_a_token_pushes_for_its_own_assets_only(ingest: Ingest) -> None:
    token = await ingest.token("ci", "push", assets=("repo:github.com/acme/*",))
    headers = bearer(token)
    accepted = await push(ingest, headers=headers)
    assert accepted.status_code == 202
    assert (await push(ingest, asset="repo:x/y", headers=headers)).json()["code"] == "foreign_asset"
    url = accepted.json()["status_url"]
    assert (await ingest.http.get(url, headers=headers)).status_code == 200
    stranger = await ingest.token("other", "push", assets=("repo:x/*",))
    assert (await ingest.http.get(url, headers=bearer(stranger))).status_code == 404


async def test_a_report_of_vex_is_handed_on_as_evidence_once(ingest: Ingest, platform: Platform, index: Index) -> None:
    report_id = await ingest.pushed(b'{"statements": []}', ref="main")
    other = await ingest.pushed(b'{"results": []}')
    for _ in range(2):
        await platform.settle(report_id, scanner="openvex", vex=True)
    await platform.settle(other, scanner="trivy")
    await ingest.report(other, wait=5)
    await until(lambda: len(index.received) == 1)
    (event,) = index.received
    assert (event.type, event.asset, event.ref, event.from_report) == ("vex", ASSET, "main", True)
    (listed,) = (await ingest.http.get("/v1/evidence")).json()["items"]
    assert (listed["of_report"], listed["source"][:15]) == (True, "token:bootstrap")
    await index.settle(str(event.evidence_id))
    await evidence(ingest, str(event.evidence_id), wait=5)
    assert (await ingest.http.post(f"/v1/reports/{report_id}/replay")).status_code == 202
    await platform.settle(report_id, scanner="openvex", vex=True)
    await ingest.report(report_id, wait=5)
    assert len((await ingest.http.get("/v1/evidence")).json()["items"]) == 1
