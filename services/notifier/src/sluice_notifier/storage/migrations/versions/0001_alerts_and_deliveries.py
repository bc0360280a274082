"""Alerts, deliveries, which are their own outbox, tickets and silences."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_UP = (
    """
    CREATE TABLE alert (
        id uuid PRIMARY KEY,
        finding_id uuid NOT NULL,
        asset text NOT NULL,
        team text NOT NULL,
        level text NOT NULL,
        clock integer NOT NULL,
        score real NOT NULL,
        raised_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        payload jsonb NOT NULL
    )
    """,
    "CREATE INDEX alert_finding ON alert (finding_id)",
    "CREATE INDEX alert_asset ON alert (asset, received_at)",
    "CREATE INDEX alert_team ON alert (team, received_at)",
    """
    CREATE TABLE delivery (
        id uuid PRIMARY KEY,
        receiver text NOT NULL,
        channel text NOT NULL,
        kind text NOT NULL,
        group_key text NOT NULL,
        group_labels jsonb NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL,
        created_at timestamptz NOT NULL,
        next_attempt_at timestamptz,
        leased_until timestamptz,
        sealed_at timestamptz,
        give_up_at timestamptz,
        sent_at timestamptz,
        last_reason text,
        last_error text,
        idempotency_key text NOT NULL,
        ticket_ref text,
        ticket_status text,
        muted_by text,
        superseded_by uuid,
        payload jsonb,
        CONSTRAINT delivery_state_known CHECK (state IN ('due', 'sent', 'failed', 'silenced', 'superseded')),
        CONSTRAINT delivery_next_while_due CHECK ((state = 'due') = (next_attempt_at IS NOT NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX delivery_open_group ON delivery (receiver, group_key)
    WHERE state = 'due' AND sealed_at IS NULL
    """,
    """
    CREATE INDEX delivery_sealed_group ON delivery (receiver, group_key)
    WHERE state = 'due' AND sealed_at IS NOT NULL
    """,
    "CREATE INDEX delivery_due ON delivery (receiver, next_attempt_at) WHERE state = 'due'",
    "CREATE INDEX delivery_group ON delivery (receiver, group_key, sealed_at)",
    "CREATE INDEX delivery_sealed ON delivery (receiver, sealed_at)",
    "CREATE INDEX delivery_receiver ON delivery (receiver, id)",
    "CREATE INDEX delivery_state ON delivery (state, id)",
    """
    CREATE TABLE delivery_alert (
        alert_id uuid NOT NULL REFERENCES alert (id),
        receiver text NOT NULL,
        delivery_id uuid NOT NULL REFERENCES delivery (id),
        PRIMARY KEY (alert_id, receiver)
    )
    """,
    "CREATE INDEX delivery_alert_delivery ON delivery_alert (delivery_id)",
    """
    CREATE TABLE ticket (
        receiver text NOT NULL,
        key text NOT NULL,
        ref text NOT NULL,
        url text,
        status text,
        done boolean NOT NULL,
        created_at timestamptz NOT NULL,
        checked_at timestamptz NOT NULL,
        next_check_at timestamptz NOT NULL,
        PRIMARY KEY (receiver, key)
    )
    """,
    "CREATE INDEX ticket_check ON ticket (next_check_at)",
    """
    CREATE TABLE silence (
        id uuid PRIMARY KEY,
        matchers text[] NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        created_by text NOT NULL,
        created_with text NOT NULL,
        comment text NOT NULL,
        created_at timestamptz NOT NULL,
        expired_by text
    )
    """,
    "CREATE INDEX silence_ends ON silence (ends_at)",
)


def upgrade() -> None:
    """Make the tables."""
    for statement in _UP:
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables."""
    op.execute("DROP TABLE silence, ticket, delivery_alert, delivery, alert")
