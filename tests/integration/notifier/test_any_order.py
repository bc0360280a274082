"""Law of the notifier as a consumer: neither the order of batches nor their number decides who is told what."""

import asyncio

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.integration.notifier.house import House
from tests.integration.notifier.servers import HttpServer
from tests.unit.notifier import samples

ROUTES = """
receivers:
- name: hook
  webhook: {{url: {url}/hook, allow_private: true}}
- name: breaches
  webhook: {{url: {url}/breaches, allow_private: true}}
route:
  receiver: hook
  group_wait: 0s
  group_interval: 0s
  routes:
  - {{match: ["level = breached"], receiver: breaches, continue: true}}
  - {{match: ["team =~ .*"], receiver: hook}}
"""
LEVELS = ("opened", "warned", "breached", "resolved")


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    levels=st.lists(st.tuples(st.sampled_from(LEVELS), st.sampled_from(["payments", "shop"])), min_size=1, max_size=8),
    batches=st.lists(st.lists(st.integers(0, 7), min_size=1, max_size=5), min_size=1, max_size=6),
    chance=st.randoms(use_true_random=False),
)
async def test_given_batches_in_any_order_and_any_number_then_each_receiver_is_told_of_each_alert_once(
    house: House, server: HttpServer, tmp_path, levels, batches, chance
):
    house.configure(ROUTES.format(url=server.url))
    other = House(house.database, house.bus, tmp_path, house.clock, house.http)
    other.routes = house.routes
    alerts = [samples.alert(level, team) for level, team in levels]
    deliveries = [*batches, *chance.choices(batches, k=len(batches))]
    chance.shuffle(deliveries)
    server.requests.clear()
    for start in range(0, len(deliveries), 2):
        pair = deliveries[start : start + 2]
        await asyncio.gather(
            *(
                replica.take(*(alerts[number % len(alerts)] for number in batch))
                for replica, batch in zip((house, other), pair, strict=False)
            )
        )
        if chance.random() < 0.5:
            await house.deliver(wait=1)
    await house.deliver(wait=1)

    taken = {number % len(alerts) for batch in batches for number in batch}
    expected = [("/hook", str(alerts[number].alert_id)) for number in taken]
    expected += [("/breaches", str(alerts[number].alert_id)) for number in taken if levels[number][0] == "breached"]
    told = [(request.path, item["alert_id"]) for request in server.requests for item in request.json["alerts"]]
    assert sorted(told) == sorted(expected)
