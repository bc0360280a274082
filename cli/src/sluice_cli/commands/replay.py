"""``sluice replay``: let what was given up be worked on again: reports, alerts, and events that were set apart."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from sluice_cli import client
from sluice_cli.errors import UsageError
from sluice_cli.output import console, print_fields, print_json, print_table

LIST_LIMIT = 200
GAVE_UP = "gave_up"
COLUMNS = ("topic", "id", "group", "reason", "attempts", "at", "detail")


class Action(StrEnum):
    """What to do with events that were set apart."""

    LIST = "list"
    SHOW = "show"
    REPLAY = "replay"
    DROP = "drop"


def replay(
    targets: Annotated[
        list[str] | None,
        typer.Argument(help="Ids of reports; with --dead-letters, TOPIC/ID of each event (for list: topics)"),
    ] = None,
    stuck: Annotated[
        bool, typer.Option("--stuck", help="All that was given up: reports, evidence, alerts, identities, deliveries")
    ] = False,
    dead_letters: Annotated[
        Action | None,
        typer.Option("--dead-letters", help="List, show, replay or drop events that no consumer could handle"),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON")] = False,
) -> None:
    """Work again on what was given up. Dead letters and --stuck need an admin token.

    \b
    sluice replay REPORT_ID...                      a report from its stored body
    sluice replay --stuck        all that was given up: reports, evidence, alerts, identities, deliveries
    sluice replay --dead-letters list [TOPIC...]    events that were set apart, and why
    sluice replay --dead-letters show TOPIC/ID      one of them, with its event
    sluice replay --dead-letters replay TOPIC/ID... publish them again
    sluice replay --dead-letters drop TOPIC/ID...   forget them
    """  # noqa: D301 - \b keeps the lines apart
    given = targets or []
    if sum([bool(stuck), dead_letters is not None, bool(given) and dead_letters is None]) != 1:
        raise UsageError("name reports, or give --stuck, or --dead-letters with what to do")
    if dead_letters is not None:
        _dead_letters(dead_letters, given, json=json)
    elif stuck:
        _stuck(json=json)
    else:
        _reports([_report_id(text) for text in given], json=json)


def _reports(ids: list[UUID], *, json: bool) -> None:
    with client.ingest() as ingest:
        for report_id in ids:
            report = ingest.request("POST", f"/v1/reports/{report_id}/replay").json()
            print_json(report) if json else console.print(f"{report_id} is due again", markup=False)


def _stuck(*, json: bool) -> None:
    with client.ingest() as ingest:
        reports = [report["report_id"] for report in _all(ingest, "/v1/reports", status="stuck")]
        for report_id in reports:
            ingest.request("POST", f"/v1/reports/{report_id}/replay")
        evidence = [each["evidence_id"] for each in _all(ingest, "/v1/evidence", status="stuck")]
        for evidence_id in evidence:
            ingest.request("POST", f"/v1/evidence/{evidence_id}/replay")
    with client.normaliser() as normaliser:
        identities = normaliser.request("POST", "/v1/identity/actions/replay").json()["replayed"]
    with client.risk_index() as index:
        alerts = index.request("POST", "/v1/alerts/replay").json()["replayed"]
    with client.notifier() as notifier:
        failed = _all(notifier, "/v1/deliveries", state="failed")
        # What a receiver refused for good, it would refuse again.
        deliveries = [delivery["id"] for delivery in failed if delivery["reason"] == GAVE_UP]
        for delivery_id in deliveries:
            notifier.request("POST", f"/v1/deliveries/{delivery_id}/retry")
    if json:
        print_json(
            {
                "reports": reports,
                "evidence": evidence,
                "alerts": alerts,
                "identities": identities,
                "deliveries": deliveries,
            }
        )
        return
    given_up = (
        f"{len(reports)} reports, {len(evidence)} pieces of evidence, {alerts} alerts, "
        f"{identities} changes of identity, {len(deliveries)} deliveries"
    )
    console.print(f"due again: {given_up}", markup=False)


def _all(service: client.Client, path: str, **wanted: str) -> list[Any]:
    found: list[Any] = []
    cursor = None
    while True:
        page = service.get(path, **wanted, limit=LIST_LIMIT, cursor=cursor)
        found += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _dead_letters(action: Action, targets: list[str], *, json: bool) -> None:
    with client.ingest() as ingest:
        if action is Action.LIST:
            _list(ingest, targets, json=json)
            return
        if not targets:
            raise UsageError(f"name what to {action}: TOPIC/ID, as --dead-letters list prints it")
        for path in [_path(target) for target in targets]:
            _one(ingest, action, path, json=json)


def _list(ingest: client.Client, topics: list[str], *, json: bool) -> None:
    pages = [ingest.get("/v1/dead-letters", topic=topic, limit=LIST_LIMIT) for topic in (topics or (None,))]
    letters = [letter for page in pages for letter in page["items"]]
    if json:
        print_json({"items": letters})
    elif letters:
        print_table(COLUMNS, [[letter[column] for column in COLUMNS] for letter in letters])
    else:
        console.print("nothing was set apart", markup=False)


def _one(ingest: client.Client, action: Action, path: str, *, json: bool) -> None:
    url = f"/v1/dead-letters/{path}"
    if action is Action.SHOW:
        letter = ingest.get(url)
        print_json(letter) if json else print_fields(letter)
        return
    ingest.request("POST" if action is Action.REPLAY else "DELETE", url)
    done = "replayed" if action is Action.REPLAY else "dropped"
    print_json({"dead_letter": path, "done": done}) if json else console.print(f"{path} is {done}", markup=False)


def _report_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise UsageError(f"{text!r} is no report's id; 'sluice push' prints it") from None


def _path(target: str) -> str:
    topic, slash, letter_id = target.partition("/")
    if not (topic and slash and letter_id) or "/" in letter_id:
        raise UsageError(f"{target!r} is no dead letter: write TOPIC/ID, as --dead-letters list prints them")
    return target
