"""Laws of the risk index as a consumer: neither the order of chunks nor their number decides what is in the index."""

import asyncio
from uuid import uuid4

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.integration.risk_index.risk_kit import (
    Line,
    event,
    eventually,
    observation,
    reopened,
    resolved,
    state,
    updated,
)

from sluice_shared.contracts.events import FindingState, FindingStatus
from sluice_shared.contracts.finding import Kind, SecretDetail, Severity

STEPS = {"resolved": resolved, "reopened": reopened, "updated": updated}
AN_EMISSION = st.tuples(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=6
    ),  # (finding, version) of each state
    st.integers(1, 3),  # chunks
)


def course(steps: list[str]) -> list[FindingState]:
    """All states of a leaked key, the first included; what cannot be is left out."""
    key = observation("AWS key", kind=Kind.SECRET, secret=SecretDetail(verified=True), severity=Severity.CRITICAL)
    states = [state(key)]
    for step in steps:
        is_open = states[-1].status is FindingStatus.OPEN
        if is_open is not (step == "reopened"):
            states.append(STEPS[step](states[-1]))
    return states


def chunks_of(emission: tuple[list[tuple[int, int]], int], courses: list[list[FindingState]], asset: str):
    """The events of one emission: states spread over its chunks."""
    chosen, count = emission
    states = [courses[finding][version % len(courses[finding])] for finding, version in chosen]
    shared = {"report_id": uuid4(), "emission_id": uuid4(), "chunks": count, "asset": asset}
    return [event(*states[number::count], chunk=number, **shared) for number in range(count)]


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(st.lists(st.sampled_from(sorted(STEPS)), max_size=5), min_size=3, max_size=3),
    emissions=st.lists(AN_EMISSION, min_size=1, max_size=4),
    chance=st.randoms(use_true_random=False),
)
async def test_given_chunks_in_any_order_and_any_number_then_each_finding_is_as_its_newest_state_says(
    line: Line, steps, emissions, chance
):
    courses = [course(one) for one in steps]
    asset = f"repo:github.com/acme/{uuid4().hex}"
    sent = [chunk for emission in emissions for chunk in chunks_of(emission, courses, asset)]
    deliveries = [*sent, *chance.choices(sent, k=len(sent))]
    chance.shuffle(deliveries)
    line.receipts.clear()
    # Two at a time, as two replicas have them in hand.
    for start in range(0, len(deliveries), 2):
        await asyncio.gather(*(line.deliver(chunk) for chunk in deliveries[start : start + 2]))

    newest: dict = {}
    for chunk in sent:
        for one in chunk.findings:
            if one.finding_id not in newest or newest[one.finding_id].version < one.version:
                newest[one.finding_id] = one
    rows = await line.rows("SELECT f.* FROM finding f JOIN asset a USING (asset_id) WHERE a.key = $1", asset)
    assert {row["id"]: (row["version"], row["status"], row["clock"], row["resolved_at"]) for row in rows} == {
        one.finding_id: (one.version, one.status.value, one.reopen_count, one.resolved_at) for one in newest.values()
    }
    alerts = await line.rows(
        "SELECT finding_id, level, step, clock FROM alert WHERE finding_id = ANY($1)", list(newest)
    )
    assert len({tuple(row.values()) for row in alerts}) == len(alerts)
    for one in newest.values():
        levels = {
            row["level"] for row in alerts if (row["finding_id"], row["clock"]) == (one.finding_id, one.reopen_count)
        }
        if one.status is FindingStatus.OPEN:
            assert ("reopened" if one.reopen_count else "opened") in levels


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(order=st.permutations(range(4)), missing=st.integers(0, 3), repeats=st.integers(1, 3))
async def test_given_any_order_then_a_report_is_receipted_when_its_last_chunk_is_in_and_not_before(
    line: Line, order, missing, repeats
):
    findings = [state() for _ in range(4)]
    shared = {"report_id": uuid4(), "emission_id": uuid4(), "chunks": 4, "asset": f"repo:acme/{uuid4().hex}"}
    chunks = [event(findings[number], chunk=number, **shared) for number in range(4)]
    for number in order:
        if number != missing:
            for _ in range(repeats):
                await line.deliver(chunks[number])
    await asyncio.sleep(0.02)
    assert shared["report_id"] not in {receipt.report_id for receipt in line.receipts}
    await line.deliver(chunks[missing])
    await eventually(lambda: shared["report_id"] in {receipt.report_id for receipt in line.receipts})


async def test_given_a_new_asset_when_its_first_chunks_come_at_once_then_none_fails(line: Line):
    for _ in range(25):
        shared = {"report_id": uuid4(), "emission_id": uuid4(), "chunks": 4, "asset": f"repo:acme/{uuid4().hex}"}
        await asyncio.gather(*(line.deliver(event(state(), chunk=number, **shared)) for number in range(4)))
