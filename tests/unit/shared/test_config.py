import os
from datetime import date, time
from pathlib import Path
from typing import Annotated, Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluice_shared.config import ConfigError, Watched, load_yaml, parse, parse_yaml, write_yaml

BAD = sorted((Path(__file__).parent / "bad_config").glob("*.yaml"))


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Mail(Strict):
    type: Literal["mail"]
    name: str
    to: str


class Hook(Strict):
    type: Literal["hook"]
    name: str
    url: str


class Team(Strict):
    oncall: bool = False


class Quiet(Strict):
    since: time
    until: time

    @model_validator(mode="after")
    def in_order(self):
        if self.until < self.since:
            raise ValueError("'until' is before 'since'; swap the two")
        return self


class Routes(Strict):
    group_wait: int = Field(default=30, ge=0)
    min_severity: Literal["critical", "high", "low"] = "low"
    receivers: list[Annotated[Mail | Hook, Field(discriminator="type")]] = []
    teams: dict[str, Team] = {}
    expires: date | None = None
    quiet: Quiet | None = None


def test_there_are_bad_files():
    assert len(BAD) > 20


@pytest.mark.parametrize("path", BAD, ids=[path.stem for path in BAD])
def test_a_mistake_is_shown_with_its_line_and_what_to_write(path):
    expected = path.read_bytes().splitlines()[0].decode().removeprefix("# expected: ")
    with pytest.raises(ConfigError) as caught:
        parse(load_yaml(path), Routes)
    assert str(caught.value) == f"{path}:{expected}"


def test_all_mistakes_of_a_file_are_shown_in_the_order_of_its_lines():
    receivers = "receivers:\n- {type: mail, name: a}\n- {type: hook, name: b, uri: x}\n"
    text = f"group_wait: soon\n{receivers}min_severity: none\n"
    with pytest.raises(ConfigError) as caught:
        parse(parse_yaml(text, Path("routes.yaml")), Routes)
    assert [(p.line, p.path) for p in caught.value.problems] == [
        (1, "group_wait"),
        (3, "receivers[0]"),
        (4, "receivers[1]"),
        (4, "receivers[1]"),
        (5, "min_severity"),
    ]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"absent\.yaml:1:1: cannot be read: No such file"):
        load_yaml(tmp_path / "absent.yaml")


def test_an_empty_file_stands_for_the_defaults():
    assert parse(parse_yaml("# nothing yet\n", Path("routes.yaml")), Routes) == Routes()


def test_what_looks_like_a_time_a_switch_or_a_country_stays_text():
    document = parse_yaml("{on: 22:30, country: NO, date: 2026-03-31, yes: 0o17, ok: true}", Path("x.yaml"))
    assert document.value == {"on": "22:30", "country": "NO", "date": "2026-03-31", "yes": 15, "ok": True}


def test_numbers_are_those_of_yaml_1_2():
    document = parse_yaml("[1, -2, 0x1F, 1.5, 1e3, .inf, 1_000, ~, 010]", Path("x.yaml"))
    assert document.value == [1, -2, 31, 1.5, 1000.0, float("inf"), "1_000", None, 10]


def test_a_mapping_takes_over_what_it_does_not_say_itself():
    text = "base: &base {oncall: true}\nteams:\n  a:\n    <<: *base\n  b: {<<: *base, oncall: false}\n"
    document = parse_yaml(text, Path("x.yaml"))
    assert document.value["teams"] == {"a": {"oncall": True}, "b": {"oncall": False}}
    assert document.mark(("teams", "b", "oncall")).line == 5


def test_a_service_can_point_at_a_place_for_a_check_of_its_own():
    document = parse_yaml("teams:\n  a: {oncall: true}\n", Path("routes.yaml"))
    assert str(document.problem(("teams", "a"), "nobody routes to it", "remove it", key=True)) == (
        "routes.yaml:2:3: teams.a: nobody routes to it; remove it"
    )
    assert str(document.problem(("teams", "b", "c"), "gone")) == "routes.yaml:2:3: teams.b.c: gone"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "routes.yaml"
    path.write_text("group_wait: 1\n")
    return path


def watched(path, name):
    return Watched(name, lambda: parse(load_yaml(path), Routes), lambda: [path])


def metric(metric_name, **labels):
    return REGISTRY.get_sample_value(metric_name, labels)


async def test_a_changed_file_is_taken_over_and_told(path):
    config, told = watched(path, "changed"), []
    config.on_change(told.append)
    assert await config.refresh() is False
    path.write_text("group_wait: 20\n")
    assert await config.refresh() is True
    assert config.value.group_wait == 20
    assert [value.group_wait for value in told] == [20]
    assert metric("sluice_config_reloads_total", name="changed", outcome="loaded") == 1


async def test_a_bad_file_keeps_the_last_good_one_and_says_so(path):
    config = watched(path, "bad")
    path.write_text("group_wait: soon\n")
    assert await config.refresh() is False
    assert config.value.group_wait == 1
    assert f"{path}:1:13: group_wait" in str(config.problem)
    assert metric("sluice_config_valid", name="bad") == 0
    assert metric("sluice_config_reloads_total", name="bad", outcome="rejected") == 1
    path.write_text("group_wait: 7\n")
    assert await config.refresh() is True
    assert (config.value.group_wait, config.problem) == (7, None)
    assert metric("sluice_config_valid", name="bad") == 1


async def test_a_bad_file_shows_in_readiness_but_does_not_make_it_worse(path, runtime):
    config = watched(path, "shown")
    runtime.watched.append(config)
    path.write_text("nonsense: 1\n")
    await config.refresh()
    readiness = await runtime.readiness()
    assert readiness.checks["config"]["status"] == "outdated"
    assert "routes.yaml:1:1" in readiness.checks["config"]["problems"]["shown"][0]


async def test_a_file_replaced_by_one_of_the_same_time_and_size_is_seen(path, tmp_path):
    config, old = watched(path, "replaced"), path.stat()
    other = tmp_path / "new"
    other.write_text("group_wait: 9\n")
    os.utime(other, ns=(old.st_atime_ns, old.st_mtime_ns))
    other.replace(path)
    assert await config.refresh() is True
    assert config.value.group_wait == 9


async def test_a_callback_that_fails_does_not_keep_the_others_from_being_told(path):
    config, told = watched(path, "told"), []

    async def failing(value):
        raise RuntimeError(f"cannot take {value}")

    async def working(value):
        told.append(value.group_wait)

    config.on_change(failing)
    config.on_change(working)
    path.write_text("group_wait: 30\n")
    assert await config.refresh() is True
    assert told == [30]


def test_a_bad_file_at_the_very_start_is_an_error(path):
    path.write_text("group_wait: soon\n")
    with pytest.raises(ConfigError):
        watched(path, "start")


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.from_regex(r"[-+.0-9eEox_:~]{1,8}")


@given(
    st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS | st.lists(TEXTS, max_size=2), max_size=2), max_size=1)
)
@example([{"a": "1e3"}])
@example([{"a": "no"}])
@example([{"a": "2026-11-01"}])
def test_what_is_written_is_read_as_it_was(documents):
    text = write_yaml([document for document in documents if document])
    read = parse_yaml(text, Path("written.yaml")).value if text else None
    assert read == (documents[0] if documents and documents[0] else None)
