"""The contracts as others see them: what is committed in docs/ is what the code says, and events keep to it."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator, ValidationError
from pydantic import BaseModel

from sluice_shared.contracts import events, finding
from sluice_shared.contracts.render import drift, main, render, write
from sluice_shared.contracts.render import events as all_events
from sluice_shared.contracts.schemas import event_file
from sluice_shared.contracts.topics import TOPICS

DOCS = Path(__file__).parents[2] / "docs"
SERVICES = {"ingest", "normaliser", "risk-index", "notifier"}
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
ID = UUID("6f1c3c0e-2b1a-4a53-9a51-2f1f5c1f9d10")
RENDERED = {path: json.loads(text) for path, text in render().items()}
ASYNCAPI = RENDERED["asyncapi.json"]

LOCATIONS = [
    finding.CodeLocation(path="src/shop.py", start_line=7, snippet="eval(x)"),
    finding.PackageLocation(name="openssl"),
    finding.UrlLocation(url="https://shop.acme.io/cart"),
    finding.HostLocation(host="db1.acme.io"),
    finding.ResourceLocation(resource="aws_s3_bucket.logs"),
]
OBSERVATIONS = [
    finding.Observation(
        scanner="trivy",
        kind=finding.Kind.SCA,
        rule_id="CVE-2024-0001",
        title="A flaw",
        severity=finding.Severity.HIGH,
        location=location,
        related_locations=LOCATIONS,
        identifiers=[finding.Identifier(type="cve", value="CVE-2024-0001")],
        ratings=[finding.Rating(source="nvd", method=finding.RatingMethod.CVSS_V31, score=9.8)],
        fix=finding.Fix(fixed_versions=["3.0.13"], available=True),
        unmapped={"odd": {"nested": [1, None]}},
        published_at=NOW,
    )
    for location in LOCATIONS
]
STATE = events.FindingState(
    finding_id=ID,
    version=3,
    change=events.ChangeType.REOPENED,
    status=events.FindingStatus.OPEN,
    severity=finding.Severity.HIGH,
    first_seen_at=NOW,
    opened_at=NOW,
    refs=["main"],
    keys={"scanner-fingerprint/2026-01": "ab12"},
    observations=OBSERVATIONS,
)
COUNTS = events.ReportCounts(observations=5, findings=5, reopened=1)
SAMPLES: dict[type[events.Event], events.Event] = {
    events.ReportReceived: events.ReportReceived(
        report_id=ID,
        sequence=1,
        asset="repo:github.com/acme/shop",
        received_at=NOW,
        body_ref="reports/2026/03/31/x.zst",
        body_bytes=1024,
        body_sha256="00" * 32,
    ),
    events.FindingsChanged: events.FindingsChanged(
        report_id=ID,
        emission_id=ID,
        chunk=0,
        chunks=1,
        asset="repo:github.com/acme/shop",
        asset_id=ID,
        received_at=NOW,
        counts=COUNTS,
        scans=[events.ScanSummary(scanner="trivy", scanned_at=NOW, kinds=[finding.Kind.SCA])],
        findings=[STATE],
    ),
    events.ReportReceipt: events.ReportReceipt(
        report_id=ID, status="rejected", reason=events.RejectReason.TRUNCATED, detail="It ends too early.", at=NOW
    ),
    events.AlertsRaised: events.AlertsRaised(
        alerts=[
            events.AlertRaised(
                alert_id=ID,
                level=events.AlertLevel.BREACHED,
                raised_at=NOW,
                team="payments",
                tier="gold",
                contact=events.Contact(email="payments@example.org"),
                finding=events.AlertFinding(
                    finding_id=ID,
                    asset="repo:github.com/acme/shop",
                    title="A flaw",
                    kind=finding.Kind.SCA,
                    severity=finding.Severity.CRITICAL,
                    risk_class="act",
                    score=97.5,
                    first_seen_at=NOW,
                    due_at=NOW,
                ),
            )
        ]
    ),
    events.EvidenceReceived: events.EvidenceReceived(
        evidence_id=ID,
        sequence=2,
        type=events.EvidenceType.VEX,
        asset="repo:github.com/acme/shop",
        received_at=NOW,
        body_ref="bodies/ab/cd.zst",
        body_bytes=1024,
        body_sha256="00" * 32,
        source="token:ci",
    ),
    events.EvidenceReceipt: events.EvidenceReceipt(
        evidence_id=ID, status="indexed", counts=events.EvidenceCounts(entries=3, unused=1, findings=2), at=NOW
    ),
    events.AlertReceipt: events.AlertReceipt(alert_ids=[ID], at=NOW),
    events.DeadLetter: events.DeadLetter(
        topic="reports",
        group="normaliser",
        reason="delivery_cap",
        detail="It failed five times.",
        attempts=5,
        message_id="1-0",
        at=NOW,
        payload={"any": "thing"},
    ),
}


def as_sent(model: BaseModel):
    return json.loads(model.model_dump_json())


def test_the_committed_documents_are_what_the_code_says():
    assert drift(DOCS) == []


def test_every_producer_and_every_group_is_a_service():
    for topic in TOPICS:
        assert set(topic.producers) <= SERVICES, topic.name
        assert set(topic.groups) <= SERVICES, topic.name
        assert topic.producers, topic.name
        assert topic.groups, topic.name


def test_topics_have_names_of_their_own_and_a_key_their_event_can_give():
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    key_of_a_batch = {"alerts": "team", "alert-receipts": "alert_id"}
    for topic in TOPICS:
        known = topic.partition_key in topic.event.model_fields or topic.name in key_of_a_batch
        assert known, f"{topic.name} is partitioned by {topic.partition_key}, which {topic.event.__name__} has not"


def test_there_is_a_sample_of_every_event():
    assert set(SAMPLES) == set(all_events())


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.__name__)
def test_an_event_as_it_is_sent_keeps_to_its_published_schema(event):
    schema = RENDERED[f"schemas/{event_file(event)}"]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(as_sent(SAMPLES[event]))


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.__name__)
def test_a_field_that_is_not_known_yet_is_let_through_and_ignored(event):
    newer = {**as_sent(SAMPLES[event]), "field_of_the_future": {"a": 1}}
    Draft202012Validator(RENDERED[f"schemas/{event_file(event)}"]).validate(newer)
    assert event.model_validate(newer) == SAMPLES[event]


@pytest.mark.parametrize("event", all_events(), ids=lambda event: event.__name__)
def test_an_event_without_one_of_its_required_fields_breaks_the_schema(event):
    schema, whole = RENDERED[f"schemas/{event_file(event)}"], as_sent(SAMPLES[event])
    assert schema["required"]
    for name in schema["required"]:
        with pytest.raises(ValidationError):
            Draft202012Validator(schema).validate({k: v for k, v in whole.items() if k != name})


@pytest.mark.parametrize("observation", OBSERVATIONS, ids=lambda o: o.location.type)
def test_an_observation_of_every_kind_of_place_keeps_to_its_schema(observation):
    Draft202012Validator(RENDERED["schemas/observation.schema.json"]).validate(as_sent(observation))


def test_a_finding_s_state_keeps_to_its_schema():
    Draft202012Validator(RENDERED["schemas/finding-state.schema.json"]).validate(as_sent(STATE))


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


@pytest.mark.parametrize("path", sorted(RENDERED))
def test_every_reference_in_a_document_leads_somewhere(path):
    for reference in references(RENDERED[path]):
        node = RENDERED[path]
        for part in reference.removeprefix("#/").split("/"):
            assert part in node, reference
            node = node[part]


def test_asyncapi_has_a_channel_and_a_dead_letter_channel_for_every_topic():
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    names = {name for topic in TOPICS for name in (topic.name, f"dead.{topic.name}")}
    assert set(ASYNCAPI["channels"]) == names
    addresses = [channel["address"] for channel in ASYNCAPI["channels"].values()]
    assert len(set(addresses)) == len(addresses)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_an_asyncapi_address_with_its_default_filled_in_is_the_stream(topic):
    for name, stream in ((topic.name, topic.stream(0)), (f"dead.{topic.name}", topic.dead_letter_stream)):
        channel = ASYNCAPI["channels"][name]
        address = channel["address"]
        for parameter, about in channel["parameters"].items():
            address = address.replace(f"{{{parameter}}}", about["default"])
        assert address == stream


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_asyncapi_says_who_sends_and_who_receives(topic):
    found = {
        (operation["action"], name.split(".")[0])
        for name, operation in ASYNCAPI["operations"].items()
        if operation["channel"]["$ref"] == f"#/channels/{topic.name}"
    }
    wanted = {("send", service) for service in topic.producers} | {("receive", group) for group in topic.groups}
    assert found == wanted


def test_drift_is_named_file_by_file_and_ends_with_writing(tmp_path, capsys):
    write(tmp_path)
    assert drift(tmp_path) == []
    (tmp_path / "asyncapi.json").write_text("{}")
    (tmp_path / "schemas" / "observation.schema.json").unlink()
    (tmp_path / "schemas" / "old-event.v1.schema.json").write_text("{}")
    assert main(["--check", str(tmp_path)]) == 1
    message = capsys.readouterr().err
    assert "asyncapi.json: differs from the code" in message
    assert "observation.schema.json: missing" in message
    assert "old-event.v1.schema.json: no longer generated" in message
    assert main([str(tmp_path)]) == 0
    assert main(["--check", str(tmp_path)]) == 0


def test_rendering_gives_the_same_bytes_in_another_process():
    program = (
        "import sys; from sluice_shared.contracts.render import render; sys.stdout.write(''.join(render().values()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "".join(render().values())
