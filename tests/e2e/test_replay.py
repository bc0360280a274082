import json
import os
import subprocess
import sys
from pathlib import Path


def sluice(platform, *arguments):
    return subprocess.run(
        [Path(sys.executable).with_name("sluice"), *arguments, "--json"],
        env={**os.environ, "SLUICE_URL": platform.urls["ingest"], "SLUICE_TOKEN": platform.token},
        capture_output=True,
        text=True,
        check=False,
    )


def test_given_nothing_was_given_up_when_all_of_it_is_to_be_replayed_then_every_service_says_there_is_nothing(platform):
    done = sluice(platform, "replay", "--stuck")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "reports": [],
        "evidence": [],
        "alerts": 0,
        "identities": 0,
        "deliveries": [],
    }


def test_every_service_shows_the_same_dead_letters(platform):
    shown = []
    for service in platform.urls:
        with platform.client(service) as client:
            answer = client.get("/v1/dead-letters")
            assert answer.status_code == 200, answer.text
            shown.append(answer.json())
    assert shown == [{"items": []}] * 4
