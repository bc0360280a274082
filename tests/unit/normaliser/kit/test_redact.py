"""Secrets never leave the kit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice_normaliser.kit import redact


@pytest.mark.parametrize(
    ("match", "secret"),
    [
        ('TOKEN="abc123def"', "abc123def"),
        ("password: hunter2hunter2", "hunter2hunter2"),
        ("export KEY=abcdef", "abcdef"),
        ("'quoted-value'", "quoted-value"),
        ("AKIAQ3EGRIZ5WVT2K7XN", "AKIAQ3EGRIZ5WVT2K7XN"),
        ("x = AKIAQ3EGRIZ5WVT2K7XN # old", "AKIAQ3EGRIZ5WVT2K7XN"),
        ("barevalue", "barevalue"),
    ],
)
def test_the_secret_is_cut_out_of_its_match(match, secret):
    assert redact.secret_in(match) == secret


@pytest.mark.parametrize("value", ["********", "AKIA****", "REDACTED", "xxxxxxxxxx", "..."])
def test_a_censored_secret_has_no_digest(value):
    assert redact.is_censored(value)


def test_the_digest_depends_on_the_key_and_not_on_blanks():
    assert redact.digest("abc\n", b"k") == redact.digest("abc", b"k")
    assert redact.digest("abc", b"k") != redact.digest("abc", b"other")


@given(st.text(min_size=1))
def test_a_preview_never_shows_more_than_a_quarter(secret):
    shown = redact.preview(secret).removesuffix("***")
    assert len(shown) <= min(4, len(secret.strip()) // 4)


@given(st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=8))
def test_a_secret_is_blotted_out_of_any_structure(secret):
    secret = f"Q{secret}Q"
    blotted = redact.Blotter([secret]).any({"a": [f"x {secret} y", {"b": secret}]})
    assert secret not in str(blotted["a"][0])
    assert secret not in str(blotted["a"][1]["b"])


def test_every_line_of_a_key_goes():
    key = "-----BEGIN PRIVATE KEY-----\nabcdefghijklmnopqrstuvwxyz\n-----END PRIVATE KEY-----"
    assert "abcdefghijklmnop" not in redact.Blotter([key]).text("line: abcdefghijklmnopqrstuvwxyz")


def test_credentials_in_an_exchange_go():
    exchange = "GET https://u:hunter2@acme.io/ HTTP/1.1\nCookie: a=b\nX-Api-Key: zzz\nHost: acme.io"
    scrubbed = redact.scrub_exchange(exchange)
    assert scrubbed == "GET https://u:***@acme.io/ HTTP/1.1\nCookie: ***\nX-Api-Key: ***\nHost: acme.io"


def test_every_token_carries_one_of_the_marks_it_is_looked_for_by():
    for token in (
        "ASIAQ3EGRIZ5WVT2K7XN",
        "ghp_" + "a" * 36,
        "github_pat_" + "a" * 22,
        "glpat-" + "a" * 20,
        "xoxb-" + "1" * 12,
        "https://hooks.slack.com/services/T/B/x",
        "sk_live_" + "a" * 12,
        "SG." + "a" * 16 + "." + "b" * 16,
        "AIza" + "a" * 35,
        "eyJhbGciOiJ.eyJzdWIiOiJ.abc",
        "npm_" + "a" * 36,
        "pypi-" + "a" * 16,
    ):
        assert redact.token_in(f"x {token} y") == token, token
