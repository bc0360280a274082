"""A new version of a key algorithm is tried on what is stored, then switched on; nothing closes or opens by that."""

from itertools import groupby

import pytest
from tests.integration.normaliser.scan_kit import Line

from sluice_normaliser.application.explain_identity import ExplainIdentity
from sluice_normaliser.application.plan_identity import PlanIdentity
from sluice_normaliser.domain import algorithms, keys
from sluice_normaliser.domain.algorithms import RELEASED, Algorithm, InForce, UnknownAlgorithmError
from sluice_normaliser.domain.keys import identify
from sluice_normaliser.domain.prepare import prepared_problem
from sluice_normaliser.errors import NoSuchAssetError, NothingToPlanError
from sluice_shared.contracts.finding import CodeLocation, Kind, Observation

NUMBER = 131


def shared_code_2(observation):
    """Ignores a closing semicolon, so that it joins more; and heeds the function, so that it parts others."""
    code = observation.location
    return str(observation.cwes[0]), code.path, code.symbol, code.snippet.rstrip("; ")


def snippet_2(observation):
    """No good: the line is in it, so that it changes whenever something moves."""
    code = observation.location
    return observation.scanner, observation.rule_id, code.path, code.start_line, code.snippet


@pytest.fixture
def release(monkeypatch):
    """Returns a function that makes this a release with another version of an algorithm, on trial."""
    before = keys._base_parts

    def upgrade(name="SHARED_CODE_2", number=NUMBER, parts=shared_code_2):
        def with_another(observation, of_many):
            yield from before(observation, of_many)
            yield Algorithm(number), parts(observation)

        another = int.__new__(Algorithm, number)
        another._name_, another._value_ = name, number
        monkeypatch.setitem(Algorithm._value2member_map_, number, another)
        monkeypatch.setitem(Algorithm._member_map_, name, another)
        monkeypatch.setattr(Algorithm, "_member_names_", [*Algorithm._member_names_, name])
        monkeypatch.setattr(algorithms, "ON_TRIAL", frozenset({another}))
        monkeypatch.setattr(keys, "_base_parts", with_another)

    return upgrade


def scan_of(scanner, *places, shift=0):
    """Problems at (line, snippet, function); every line lower by ``shift``."""
    observations = [
        Observation(
            scanner=scanner,
            kind=Kind.SAST,
            rule_id=f"{scanner}-rule-{line}",
            title=f"{scanner} at {line}",
            cwes=[89],
            location=CodeLocation(path="app.py", start_line=line + shift, snippet=snippet, symbol=function),
        )
        for line, snippet, function in places
    ]
    return [prepared_problem(o, i) for o, i in zip(observations, identify(observations), strict=True)]


def bandit(shift=0):
    return scan_of("bandit", (1, "same(a)", "f"), (20, "query(b)", "g"), (40, "run(c)", "k"), shift=shift)


def semgrep(shift=0):
    return scan_of("semgrep", (1, "same(a)", "f"), (20, "query(b)", "h"), (40, "run(c);", "k"), shift=shift)


async def scan_both(line, day, shift=0):
    """What the two scans did, added up."""
    one = await line.scan(day, *bandit(shift), scanner="bandit")
    other = await line.scan(day, *semgrep(shift), scanner="semgrep")
    return {name: one.get(name, 0) + other.get(name, 0) for name in one | other}


async def titles(line):
    """The titles that each finding has, as sets."""
    rows = await line.rows(
        "SELECT f.id, o.payload::jsonb->>'title' AS title FROM finding f JOIN observation o ON o.finding_id = f.id"
        " AND o.asset_id = f.asset_id WHERE f.asset_id = $1 AND f.status = 'open' ORDER BY f.id"
    )
    return {frozenset(row["title"] for row in group) for _, group in groupby(rows, key=lambda row: row["id"])}


ONE, OTHER = {"bandit at 1", "semgrep at 1"}, {"bandit at 20", "semgrep at 20"}
STORED = {frozenset(ONE), frozenset(OTHER), frozenset({"bandit at 40"}), frozenset({"semgrep at 40"})}
SWITCHED = {
    frozenset(ONE),
    frozenset({"bandit at 20"}),
    frozenset({"semgrep at 20"}),
    frozenset({"bandit at 40", "semgrep at 40"}),
}


async def plan_of(line, force=RELEASED, **wanted):
    query = {"on": [], "off": [], "asset": line.asset, "after": None, "examples": 10} | wanted
    answer, _ = await PlanIdentity(line.database, force)(**query)
    return answer


async def test_the_plan_tells_what_really_happens_after_the_switch(database, release):
    line = Line(database)
    await scan_both(line, 0)
    assert await titles(line) == STORED
    release()
    plan = await plan_of(line)
    assert plan["on"] == ["shared-code/2"]
    counts = plan["counts"]
    assert (counts["joins"], counts["parts"], counts["opens"], counts["closes"]) == (1, 1, 1, 1)
    assert (counts["next_scan_opens"], counts["next_scan_closes"]) == (0, 0)
    (join,), (part,) = plan["examples"]["joins"], plan["examples"]["parts"]
    assert {finding["title"] for finding in join["findings"]} == {"bandit at 40", "semgrep at 40"}
    assert join["by"] == ["shared-code/2"]
    assert part["findings"][0]["title"] in OTHER
    assert part["into"] == [["bandit main"], ["semgrep main"]]

    line.force = InForce.of(on=["shared-code/2"])
    before = {row["id"]: row["status"] for row in await line.rows()}
    unmoved = await scan_both(line, 1)
    moved = await scan_both(line, 2, shift=7)
    # The next scans open and close as many as was said: none, whether lines moved or not.
    assert not {"new", "resolved", "reopened"} & {*unmoved, *moved}
    assert {row["id"]: row["status"] for row in await line.rows()} == before
    assert await titles(line) == STORED

    anew = Line(database, line.force)
    await scan_both(anew, 0)
    assert await titles(anew) == SWITCHED
    assert len(SWITCHED) == len(STORED) + counts["opens"] - counts["closes"]


async def test_a_version_on_trial_is_stored_once_beside_the_old_keys_and_decides_nothing(database, release):
    line = Line(database)
    await scan_both(line, 0)
    before = await line.rows()
    release()
    assert (await plan_of(line))["counts"]["scopes_with_keys"] == 0
    await scan_both(line, 1)
    assert [dict(row) for row in await line.rows()] == [dict(row) for row in before]
    assert (await plan_of(line))["counts"]["scopes_with_keys"] == 2
    stored = await line.rows("SELECT finding_id FROM finding_key WHERE asset_id = $1 AND algorithm = 131")
    # Where both give the same key it is one row.
    assert len(stored) == 5
    assert await titles(line) == STORED
    explained = await ExplainIdentity(database)(stored[0]["finding_id"])
    decides = {key["algorithm"]: key["decides"] for key in explained["keys"]}
    assert (decides["shared-code/1"], decides["shared-code/2"]) == (True, False)
    anew = Line(database)
    await scan_both(anew, 0)
    assert await titles(anew) == STORED


async def test_what_only_has_old_keys_is_still_found_by_them(database, release):
    line = Line(database)
    await line.scan(0, *bandit(), scanner="bandit")
    release()
    line.force = InForce.of(on=["shared-code/2"])
    # Bandit's keys are of the old release alone: by them semgrep meets it, and where they say nothing, it does not.
    await line.scan(1, *semgrep(), scanner="semgrep")
    assert await titles(line) == STORED


async def test_even_a_version_that_is_no_good_loses_nothing_that_a_scope_shows(database, release):
    line = Line(database)
    await line.scan(0, *bandit(), scanner="bandit")
    before = {row["id"]: row["status"] for row in await line.rows()}
    release("SNIPPET_2", 39, snippet_2)
    line.force = InForce.of(on=["snippet/2"])
    assert line.force.scoped.index(Algorithm(39)) == line.force.scoped.index(Algorithm.SNIPPET_1) - 1
    for day in range(1, 4):
        moved = await line.scan(day, *bandit(100 * day), scanner="bandit")
        assert not {"new", "resolved", "reopened"} & set(moved)
    assert {row["id"]: row["status"] for row in await line.rows()} == before
    matched = await line.rows("SELECT matched_by FROM finding WHERE asset_id = $1")
    assert {row["matched_by"] for row in matched} == {"snippet/1"}


async def test_taking_a_version_off_is_planned_likewise(database):
    line = Line(database)
    await scan_both(line, 0)
    counts = (await plan_of(line, off=["shared-code/1"]))["counts"]
    assert (counts["joins"], counts["parts"], counts["opens"]) == (0, 2, 2)


async def test_findings_that_repeat_are_no_news_to_the_plan(database, release):
    line = Line(database)
    await line.scan(0, *scan_of("bandit", *[(n, "same()", "f") for n in range(1, 30)]), scanner="bandit")
    release()
    counts = (await plan_of(line))["counts"]
    assert {name: counts[name] for name in ("results", "joins", "parts", "next_scan_opens", "next_scan_closes")} == {
        "results": 29, "joins": 0, "parts": 0, "next_scan_opens": 0, "next_scan_closes": 0
    }  # fmt: skip


async def test_all_assets_are_planned_page_by_page(database, release):
    lines = [Line(database) for _ in range(3)]
    for line in lines:
        await scan_both(line, 0)
    release()
    after, joins = None, 0
    plan = PlanIdentity(database, RELEASED)
    while True:
        answer, after = await plan(asset=None, on=[], off=[], after=after, examples=1)
        joins += answer["counts"]["joins"]
        assert len(answer["examples"]["joins"]) <= 1
        if after is None:
            break
    assert joins >= len(lines)


async def test_mistakes_in_what_is_asked_are_told(database):
    plan = PlanIdentity(database, RELEASED)
    query = {"asset": None, "on": [], "off": [], "after": None, "examples": 1}
    with pytest.raises(NothingToPlanError, match="on trial"):
        await plan(**query)
    with pytest.raises(UnknownAlgorithmError, match=r"'snippet/9' is no key algorithm; there are vendor/1"):
        await plan(**query | {"on": ["snippet/9"]})
    with pytest.raises(NoSuchAssetError, match="no report has spoken"):
        await plan(**query | {"off": ["snippet/1"], "asset": "repo:github.com/acme/none"})
    with pytest.raises(ValueError, match="both on and on trial"):
        InForce.of(on=["snippet/1"], trial=["snippet/1"])
