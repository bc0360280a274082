from datetime import timedelta

import pytest
from tests.unit.notifier import samples

from sluice_notifier.domain.labels import labels_of
from sluice_notifier.domain.routing import RootRoute, find_destinations, find_unreachable

TREE = {
    "receiver": "default",
    "group_by": ["team"],
    "routes": [
        {"match": ["level = escalated"], "receiver": "pager", "group_wait": "0s", "continue": True},
        {
            "match": ["team = payments"],
            "receiver": "payments",
            "group_interval": "1m",
            "routes": [
                {"match": ["severity = critical"], "receiver": "payments-urgent", "group_by": ["finding"]},
                {"match": ["level = resolved"], "receiver": "archive", "continue": True},
            ],
        },
        {"match": ['team =~ "pay.*"'], "receiver": "never"},
        {"match": ["team = platform"], "receiver": "platform"},
    ],
}


def route(*alert, tree=TREE, **more):
    return find_destinations(RootRoute.model_validate(tree), labels_of(samples.alert(*alert, **more)))


def names(*alert, **more):
    return [destination.receiver for destination in route(*alert, **more)]


@pytest.mark.parametrize(
    ("alert", "receivers"),
    [
        (("breached", "nobody"), ["default"]),
        (("breached", "platform"), ["platform"]),
        (("breached", "payments"), ["payments"]),
        (("escalated", "platform"), ["pager", "platform"]),
        (("escalated", "payments"), ["pager", "payments"]),
        (("escalated", "nobody"), ["pager"]),
        (("resolved", "payments"), ["archive"]),
        (("breached", "paymaster"), ["never"]),
    ],
)
def test_the_first_child_that_matches_takes_it_unless_it_continues(alert, receivers):
    assert names(*alert) == receivers


def test_the_deepest_route_that_matches_decides():
    assert names("breached", "payments", severity="critical") == ["payments-urgent"]


def test_what_a_route_leaves_out_it_takes_from_the_one_around_it():
    (urgent,) = route("breached", "payments", severity="critical")
    assert urgent.group_by == ("finding",)
    assert urgent.group_interval == timedelta(minutes=1)
    assert urgent.group_wait == timedelta(seconds=10)
    (payments,) = route("breached", "payments")
    assert payments.group_by == ("team",)


def test_a_receiver_is_there_once_by_the_first_route_that_names_it():
    tree = {"receiver": "r", "routes": [{"group_wait": "1s", "continue": True}, {"group_wait": "2s"}]}
    (destination,) = route(tree=tree)
    assert destination.group_wait == timedelta(seconds=1)


def test_by_default_a_message_groups_a_team_s_alerts_of_one_level():
    (destination,) = route(tree={"receiver": "r"})
    assert destination.group_by == ("team", "level")


def test_quiet_hours_can_be_taken_off_below():
    tree = {"receiver": "r", "quiet_hours": ["n"], "routes": [{"match": ["level = escalated"], "quiet_hours": []}]}
    assert [d.quiet_hours for d in route("escalated", tree=tree)] == [()]
    assert [d.quiet_hours for d in route("breached", tree=tree)] == [("n",)]


def test_routes_that_nothing_can_reach_are_found():
    tree = {
        "receiver": "r",
        "routes": [
            {"match": ["team = a"], "routes": [{}, {"match": ["level = warned"]}]},
            {"match": ["team=a", "level = warned"]},
            {"match": ["team = b"], "continue": True},
            {"match": ["team = b"]},
            {},
            {"match": ["team = c"]},
        ],
    }
    assert find_unreachable(RootRoute.model_validate(tree)) == [
        ("routes", 1),
        ("routes", 5),
        ("routes", 0, "routes", 1),
    ]
