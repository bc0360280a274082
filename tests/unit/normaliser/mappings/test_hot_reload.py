import pytest

from sluice_normaliser.application.workers import Workers
from sluice_normaliser.kit import ReportError
from sluice_normaliser.storage import config
from sluice_shared.contracts.events import RejectReason
from sluice_shared.contracts.finding import Observation

MAPPING = """
name: acme
title: Acme
formats:
  - detect: {has: [acme_issues]}
    maps: [{each: "acme_issues[]", kind: sast, rule_id: id, title: text}]
"""
BODY = b'{"acme_issues": [{"id": "1", "text": "Hole", "other": "Loch"}]}'


async def _title(workers: Workers) -> str:
    report = await workers.prepare(BODY, scanner=None, filename=None, asset="a")
    (problem,) = report.scans[0].problems
    return Observation.model_validate_json(problem.payload).title


async def test_parsing_processes_take_over_a_changed_mapping(write):
    watched = config.watch(write(MAPPING))
    workers = Workers(processes=1, secret_key=b"a key for tests only", timeout=60, mappings=watched.value)
    watched.on_change(workers.take_over)
    try:
        await workers.start()
        assert await _title(workers) == "Hole"
        write(MAPPING.replace("title: text", "title: other"))
        assert await watched.refresh()
        assert await _title(workers) == "Loch"
        write(MAPPING.replace("[acme_issues]", "[elsewhere]"))
        assert await watched.refresh()
        with pytest.raises(ReportError) as caught:
            await _title(workers)
        assert caught.value.reason is RejectReason.UNKNOWN_FORMAT
    finally:
        await workers.stop()
