import random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_normaliser.domain.algorithms import Algorithm
from sluice_normaliser.domain.diff import compare
from sluice_normaliser.domain.keys import digest
from sluice_normaliser.domain.matching import EXACT, Holder, Matches, match_beyond, match_exact
from sluice_normaliser.domain.scan import Prepared

A, B, C = (UUID(int=n) for n in (1, 2, 3))


def problem(exact, **keys):
    pairs = tuple((int(Algorithm[name.upper()]), value.encode()) for name, value in keys.items())
    return Prepared(exact=exact.encode(), keys=pairs, content=b"", severity=3, payload=b"{}")


def code(line, snippet="call()", *, path="app.py", rule="r", message="bad"):
    """A problem in source text, with the keys that such a one has."""
    keys = (
        (int(Algorithm.SNIPPET_1), digest("snippet/1", (rule, path, snippet))),
        (int(Algorithm.MESSAGE_1), digest("message/1", (rule, path, message))),
        (int(Algorithm.PATHLESS_1), digest("pathless/1", (rule, snippet))),
    )
    exact = digest("exact/1", (rule, path, snippet, message, str(line)))
    return Prepared(exact=exact, keys=keys, content=b"", severity=3, payload=b"{}", rule=rule, path=path, line=line)


def holder(key, finding, *, by_scanner=True, is_open=True, line=0):
    return Holder(key.encode(), finding, by_scanner, is_open, line)


def beyond(problems, holders, present=frozenset()):
    return match_beyond(problems, Matches(left=list(range(len(problems)))), holders, frozenset(present))


def pairs(old, new):
    return [(i, j) for i, j, _ in compare(old, new).pairs]


def test_what_did_not_move_is_matched_to_the_letter():
    matches = match_exact([problem("a"), problem("new")], {b"a": A})
    assert matches.joined == {0: (A, EXACT)}
    assert matches.left == [1]


def test_a_shifted_file_keeps_its_findings():
    old = [code(10, "a()"), code(20, "b()"), code(30, "c()")]
    new = [code(17, "a()"), code(27, "b()"), code(37, "c()")]
    assert pairs(old, new) == [(0, 0), (1, 1), (2, 2)]


def test_when_the_first_of_equal_lines_goes_the_others_stay_themselves():
    old = [code(10), code(50), code(90), code(5, "anchor()")]
    new = [code(57), code(97), code(12, "anchor()")]
    difference = compare(old, new)
    assert [(i, j) for i, j, _ in difference.pairs] == [(1, 0), (2, 1), (3, 2)]
    assert difference.gone == [0]


def test_moved_code_that_is_alone_of_its_kind_is_the_same():
    assert pairs([code(10, "unique()")], [code(400, "unique()")]) == [(0, 0)]


def test_an_edited_line_near_its_old_place_is_the_same():
    assert pairs([code(10, "eval(a)", message="m")], [code(11, "eval(a, {})", message="n")]) == [(0, 0)]


def test_another_line_far_away_is_new():
    difference = compare([code(10, "eval(a)", message="m")], [code(200, "eval(b)", message="n")])
    assert difference.pairs == []
    assert (difference.gone, difference.new) == ([0], [0])


def test_a_generic_message_does_not_join_code_far_apart():
    assert pairs([code(10, "except A: pass")], [code(400, "except B: pass")]) == []


def test_two_edited_lines_within_reach_of_each_other_stay_apart():
    old = [code(10, "eval(a)", message="m"), code(12, "eval(b)", message="n")]
    new = [code(11, "eval(c)", message="o"), code(13, "eval(d)", message="p")]
    assert pairs(old, new) == []


def test_a_renamed_folder_keeps_its_findings():
    old = [code(n, f"f{n}()", path=f"acme/{n % 2}.py") for n in range(1, 9)]
    new = [code(n, f"f{n}()", path=f"acme_renamed/{n % 2}.py") for n in range(1, 9)]
    assert len(pairs(old, new)) == 8


def test_a_file_that_two_could_have_become_stays_apart():
    old = [code(1, "f()", path="a/x.py")]
    new = [code(1, "f()", path="b/x.py"), code(1, "f()", path="c/x.py")]
    assert pairs(old, new) == []


def test_results_equal_to_the_letter_follow_each_other():
    assert pairs([code(3), code(3)], [code(3), code(3), code(3)]) == [(0, 0), (1, 1)]


@given(st.data())
def test_matching_does_not_depend_on_the_order_of_reports(data):
    lines = st.lists(st.integers(1, 60), min_size=1, max_size=12)
    texts = st.sampled_from(["a()", "b()", "c()"])
    old = [code(n, data.draw(texts), path=data.draw(st.sampled_from(["x.py", "y.py"]))) for n in data.draw(lines)]
    new = [code(n, data.draw(texts), path=data.draw(st.sampled_from(["x.py", "z.py"]))) for n in data.draw(lines)]

    def matched(before, after):
        return sorted((before[i].exact, after[j].exact) for i, j, _ in compare(before, after).pairs)

    shuffled_old, shuffled_new = data.draw(st.permutations(old)), data.draw(st.permutations(new))
    assert matched(old, new) == matched(shuffled_old, shuffled_new)


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from("abc")), unique=True))
def test_a_report_compared_with_itself_has_no_difference(places):
    report = [code(line, text) for line, text in places]
    difference = compare(report, report)
    assert [(i, j) for i, j, _ in difference.pairs] == [(n, n) for n in range(len(report))]


def test_the_strongest_key_wins():
    matches = beyond([problem("x", vendor_1="v", message_1="m")], [holder("v", A), holder("m", B)])
    assert matches.joined == {0: (A, "vendor/1")}


def test_a_finding_takes_one_problem_of_a_scan():
    matches = beyond([problem("x", message_1="m"), problem("y", vendor_1="v")], [holder("m", A), holder("v", A)])
    assert matches.joined == {1: (A, "vendor/1")}


@pytest.mark.parametrize("holders", [[A, B], [A, B, C]])
def test_an_ambiguous_key_joins_nothing(holders):
    assert beyond([problem("x", message_1="m")], [holder("m", f) for f in holders]).joined == {}


def test_as_many_repeats_on_another_branch_are_the_same_in_their_order():
    problems = [problem("x", message_1="m")._replace(line=20), problem("y", message_1="m")._replace(line=5)]
    matches = beyond(problems, [holder("m", A, line=4), holder("m", B, line=19)])
    assert matches.joined == {0: (B, "message/1"), 1: (A, "message/1")}


def test_fewer_repeats_on_another_branch_are_told_apart_by_their_lines():
    problems = [problem("x", snippet_1="s")._replace(line=21)]
    matches = beyond(problems, [holder("s", A, line=4), holder("s", B, line=19)])
    assert matches.joined == {0: (B, "snippet/1")}


def test_an_open_finding_is_meant_before_a_resolved_one():
    matches = beyond([problem("x", snippet_1="s")], [holder("s", A, is_open=False), holder("s", B)])
    assert matches.joined == {0: (B, "snippet/1")}


def test_a_present_finding_of_the_scope_is_not_looked_for_beyond_it():
    assert beyond([problem("x", message_1="m")], [holder("m", A)], present={A}).joined == {}


def test_a_shared_key_joins_another_scanner_s_finding():
    matches = beyond([problem("x", shared_code_1="s")], [holder("s", A, by_scanner=False)])
    assert matches.joined == {0: (A, "shared-code/1")}


def test_a_shared_key_never_joins_what_the_scanner_itself_tells_apart():
    assert beyond([problem("x", shared_code_1="s")], [holder("s", A, by_scanner=True)]).joined == {}


def test_a_shared_key_of_two_problems_joins_neither():
    problems = [problem("x", shared_code_1="s"), problem("y", shared_code_1="s")]
    assert beyond(problems, [holder("s", A, by_scanner=False)]).joined == {}


@given(st.integers())
def test_lookups_do_not_depend_on_any_order(seed):
    problems = [
        problem("a", vendor_1="v1", message_1="m"),
        problem("b", message_1="m"),
        problem("c", snippet_1="s", message_1="n"),
    ]
    holders = [holder("m", A), holder("v1", B), holder("s", C), holder("n", C)]
    shuffled, rng = list(problems), random.Random(seed)
    rng.shuffle(shuffled)
    rng.shuffle(holders)

    def by_problem(ps):
        return {ps[i].exact: found for i, found in beyond(ps, holders).joined.items()}

    assert by_problem(shuffled) == by_problem(problems)
