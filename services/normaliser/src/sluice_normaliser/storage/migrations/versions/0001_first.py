"""The first tables: assets, scopes, findings, observations, presences, keys, reports."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE asset (
    asset_id uuid PRIMARY KEY,
    key varchar NOT NULL UNIQUE
);
CREATE TABLE scope (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL,
    ref varchar NOT NULL,
    scanner varchar NOT NULL,
    category varchar NOT NULL,
    last_at timestamptz NOT NULL,
    last_sequence bigint NOT NULL,
    complete_at timestamptz,
    complete_sequence bigint,
    last_report_id uuid NOT NULL,
    holds boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX scope_identity ON scope (asset_id, ref, scanner, category);
CREATE TABLE finding (
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    status varchar NOT NULL,
    severity smallint NOT NULL,
    version integer NOT NULL,
    change varchar NOT NULL,
    changed_by uuid NOT NULL,
    matched_by varchar,
    first_seen_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    reopen_count integer NOT NULL,
    PRIMARY KEY (asset_id, id)
);
CREATE TABLE observation (
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    scanner varchar NOT NULL,
    scanner_version varchar,
    seen_at timestamptz NOT NULL,
    seen_sequence bigint NOT NULL,
    rule varchar NOT NULL,
    path varchar NOT NULL,
    line integer NOT NULL,
    keys bytea NOT NULL,
    payload json NOT NULL,
    PRIMARY KEY (asset_id, finding_id, scanner)
);
CREATE TABLE presence (
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    scope_id bigint NOT NULL,
    exact bytea NOT NULL,
    content bytea NOT NULL,
    severity smallint NOT NULL,
    line integer NOT NULL,
    since_at timestamptz NOT NULL,
    since_sequence bigint NOT NULL,
    confirmed_at timestamptz,
    confirmed_sequence bigint,
    gone_at timestamptz,
    PRIMARY KEY (asset_id, finding_id, scope_id)
);
CREATE INDEX presence_open ON presence (scope_id) WHERE gone_at IS NULL;
CREATE TABLE finding_key (
    asset_id uuid NOT NULL,
    key bytea NOT NULL,
    finding_id uuid NOT NULL,
    algorithm smallint NOT NULL,
    scanner varchar NOT NULL,
    report_id uuid NOT NULL,
    PRIMARY KEY (asset_id, key, finding_id)
);
CREATE TABLE report (
    report_id uuid PRIMARY KEY,
    applied_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    scanner varchar NOT NULL,
    counts jsonb NOT NULL,
    scans jsonb NOT NULL,
    assets uuid[] NOT NULL,
    changed integer NOT NULL
);
CREATE TABLE identity_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    what varchar NOT NULL,
    scanner varchar NOT NULL,
    matched_by varchar,
    report_id uuid NOT NULL,
    other_id uuid,
    actor varchar,
    reason varchar
);
CREATE INDEX identity_event_finding ON identity_event (asset_id, finding_id, id);
CREATE TABLE action (
    action_id uuid PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT now(),
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz
);
CREATE INDEX action_due ON action (due_at) WHERE due_at IS NOT NULL;
"""


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";")):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "action",
        "identity_event",
        "report",
        "finding_key",
        "presence",
        "observation",
        "finding",
        "scope",
        "asset",
    ):
        op.execute(f"DROP TABLE {table}")
