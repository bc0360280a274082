"""HTTP as every service speaks it: problem documents, keyset pages, health, metrics."""

from sluice_shared.http.app import create_app
from sluice_shared.http.paging import Page, decode_cursor, encode_cursor
from sluice_shared.http.problem import Problem

__all__ = ["Page", "Problem", "create_app", "decode_cursor", "encode_cursor"]
