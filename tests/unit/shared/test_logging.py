import json
import subprocess
import sys

import pytest

from sluice_shared.redaction import redact, redact_text

PROGRAM = """
import logging, sys
from sluice_shared.logging import configure_logging, get_logger
from sluice_shared.settings import ServiceSettings
from sluice_shared.tracing import configure_tracing, continue_from, inject
import faststream  # gives its loggers handlers of their own
class Settings(ServiceSettings): service = "notifier"
early = get_logger("early")
configure_logging(Settings(database_url="postgresql://db/x", redis_url="redis://r", blob_url="file:///b",
                           secret_key="0123456789abcdef", log_format=sys.argv[1]))
configure_tracing("notifier")
early.info("report accepted", report_id=7, password="hunter2", url="https://bob:hunter2@example.org/x")
logging.getLogger("uvicorn.error").info("Uvicorn running on %s", "http://127.0.0.1", extra={"api_key": "hunter2"})
logging.getLogger("faststream").warning("group is missing")
logging.getLogger("sqlalchemy.pool").error("cannot connect to postgresql://bob:hunter2@db/x")
early.debug("too small to see")
with continue_from({"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}, "work"):
    early.info("inside", carried=inject()["traceparent"][:35])
try:
    raise RuntimeError("postgresql://bob:hunter2@db/x is away")
except RuntimeError:
    early.exception("failed")
"""


def run(log_format):
    done = subprocess.run([sys.executable, "-c", PROGRAM, log_format], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    assert "hunter2" not in done.stderr
    return done.stderr.splitlines()


def test_every_library_s_log_comes_out_in_the_same_json_without_secrets():
    lines = [json.loads(line) for line in run("json")]
    assert [line["event"] for line in lines] == [
        "report accepted",
        "Uvicorn running on http://127.0.0.1",
        "group is missing",
        "cannot connect to postgresql://***@db/x",
        "inside",
        "failed",
    ]
    assert {line["service"] for line in lines} == {"notifier"}
    assert all(line["time"].endswith("Z") for line in lines)
    assert [line["level"] for line in lines] == ["info", "info", "warning", "error", "info", "error"]
    assert lines[0] | {"password": "***", "url": "https://***@example.org/x", "report_id": 7} == lines[0]
    assert lines[1]["api_key"] == "***"
    assert lines[4]["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert lines[4]["carried"] == "00-0af7651916cd43dd8448eb211c80319c"
    assert "RuntimeError: postgresql://***@db/x is away" in lines[5]["exception"]


def test_the_console_format_is_for_eyes_and_hides_the_same():
    lines = run("console")
    assert "report accepted" in lines[0]
    assert "Traceback" in "\n".join(lines)


@pytest.mark.parametrize(
    "key", ["token", "SLUICE_TOKEN", "password", "db_passwd", "Authorization", "client_secret", "api_key", "set-cookie"]
)
def test_a_value_under_a_secret_s_name_is_hidden_wherever_it_is(key):
    assert redact({"a": [{key: "hunter2"}]}) == {"a": [{key: "***"}]}


def test_what_only_speaks_of_a_secret_is_kept():
    event = {"token_id": 7, "secret_type": "aws", "token_name": "ci", "keys": 3, "password": None}
    assert redact(event) == event


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://bob:p%40ss@db:5432/x?sslmode=require", "postgresql://***@db:5432/x?sslmode=require"),
        ("redis://:p@ss@r:6379 is away", "redis://***@r:6379 is away"),
        ("https://ghp_abc@github.com/acme", "https://***@github.com/acme"),
        ("GET https://h/x?access_token=abc&page=2", "GET https://h/x?access_token=***&page=2"),
        ("https://b.s3/x?X-Amz-Signature=abc", "https://b.s3/x?X-Amz-Signature=***"),
        ("sent slu_" + "a" * 43, "sent slu_***"),
        ("Authorization: Bearer abcdef.ghi-jkl", "Authorization: Bearer ***"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA", "-----BEGIN RSA PRIVATE KEY-----***-----END RSA"),
        ("see https://example.org/a and mail bob@example.org", "see https://example.org/a and mail bob@example.org"),
    ],
)
def test_credentials_inside_text_are_hidden(text, expected):
    assert redact_text(text) == expected


def test_an_error_as_a_value_is_text_without_secrets():
    assert redact({"error": ValueError("redis://:pw@r")}) == {"error": "ValueError: redis://***@r"}


def test_a_value_that_contains_itself_ends():
    endless = {}
    endless["again"] = endless
    assert "…" in str(redact(endless))
