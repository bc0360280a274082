"""The demo's summary: figures as the services themselves answer them, and what the receivers really got."""

from collections import Counter
from typing import Any

from sluice_cli.demo.receivers import Inbox
from sluice_cli.demo.scenario import Outcome, Scenario
from sluice_cli.local import Addresses
from sluice_cli.output import console, print_fields, print_table

TOP = 8
SHOWN_LINES = 8
DELIVERY_STATES = ("sent", "failed", "due", "silenced")


def summarise(scenario: Scenario, outcome: Outcome, addresses: Addresses, inbox: Inbox) -> dict[str, Any]:
    """Collect everything that the demo shows at its end."""
    index = scenario.get(f"{addresses.risk_index}/v1/index")
    resolved = _count(scenario, f"{addresses.risk_index}/v1/findings", status="resolved")
    top = scenario.get(f"{addresses.risk_index}/v1/findings", sort="-score", limit=TOP)["items"]
    deliveries = Counter(
        delivery["receiver"] for delivery in _all(scenario, f"{addresses.notifier}/v1/deliveries", state="sent")
    )
    states = {state: _count(scenario, f"{addresses.notifier}/v1/deliveries", state=state) for state in DELIVERY_STATES}
    with inbox.lock:
        posts = Counter(path for path, _, _ in inbox.posts)
        mails = list(inbox.mails)
    return {
        "reports_accepted": outcome.reports,
        "observations": outcome.counts.get("observations", 0),
        "findings": {"open": index["open"], "resolved": resolved, "total": index["open"] + resolved},
        "changes": {
            name: outcome.counts.get(name, 0) for name in ("new", "reopened", "resolved", "updated", "unchanged")
        },
        "by_class": index["by_class"],
        "by_severity": index["by_severity"],
        "by_sla": index["by_sla"],
        "unowned": index["unowned"],
        "gate": outcome.gate.get("verdict"),
        "top_risks": top,
        "teams": [team for team in index["teams"] if team["open"]],
        "deliveries": {"by_receiver": dict(deliveries), "by_state": states},
        "received": {"http": dict(posts), "mails": len(mails)},
        "alerts_by_level": dict(Counter(i["level"] for body in inbox.at("/webhook") for i in body["alerts"])),
        "sample_mail": {"to": mails[0][0], "subject": mails[0][1], "text": mails[0][2]} if mails else None,
        "addresses": dict(addresses.urls),
        "admin_token": addresses.admin_token,
    }


def print_summary(summary: dict[str, Any]) -> None:
    """Print the summary for people."""
    findings, changes, received = summary["findings"], summary["changes"], summary["received"]
    console.print("\n=== Summary ===", markup=False)
    print_fields(
        {
            "reports accepted": summary["reports_accepted"],
            "observations": summary["observations"],
            "findings": f"{findings['total']} ({findings['open']} open, {findings['resolved']} resolved)",
            "changes": ", ".join(f"{value} {name}" for name, value in changes.items()),
            "open by class": _pairs(summary["by_class"]),
            "open by severity": _pairs(summary["by_severity"]),
            "deadlines": _pairs(summary["by_sla"]),
            "unowned": summary["unowned"],
            "gate for pull/42": summary["gate"],
            "alerts raised": _pairs(summary["alerts_by_level"]),
            "messages sent": _pairs(summary["deliveries"]["by_receiver"]),
            "received": f"{_pairs(received['http'])}, {received['mails']} mails",
        }
    )
    console.print("\nTop risks", markup=False)
    rows = [
        (
            f"{f['score']:.1f}",
            f["class"],
            f["severity"],
            f["team"],
            f["asset"],
            f["title"][:48],
            (f["due_at"] or "")[:19],
            f["sla_state"],
        )
        for f in summary["top_risks"]
    ]
    print_table(("score", "class", "severity", "owner", "asset", "title", "due", "deadline"), rows)
    console.print("\nTeams", markup=False)
    print_table(
        ("team", "tier", "open", "risk index"),
        [(t["team"], t["tier"], t["open"], f"{t['index']:.1f}") for t in summary["teams"]],
    )
    if mail := summary["sample_mail"]:
        console.print(f"\nA mail that arrived\n  To: {mail['to']}\n  Subject: {mail['subject']}", markup=False)
        for line in mail["text"].splitlines()[:SHOWN_LINES]:
            console.print(f"  {line}", markup=False)
    console.print("\nAddresses", markup=False)
    print_fields(summary["addresses"])


def _all(scenario: Scenario, url: str, **params: Any) -> list[Any]:
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = scenario.get(url, limit=200, **params, **({"cursor": cursor} if cursor else {}))
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def _count(scenario: Scenario, url: str, **params: Any) -> int:
    return len(_all(scenario, url, **params))


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{count} {name}" for name, count in values.items() if count) or "none"
