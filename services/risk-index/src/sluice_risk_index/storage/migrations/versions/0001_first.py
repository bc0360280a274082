"""The first tables: assets, facets, findings with detail and history, alerts, emissions, coverage, recalculations."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE asset (
    asset_id uuid PRIMARY KEY,
    key text NOT NULL,
    title text,
    team text NOT NULL,
    tier text NOT NULL,
    criticality text NOT NULL,
    exposure text NOT NULL,
    environment text,
    data_class text,
    tags text[] NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_scan_at timestamptz
);
CREATE INDEX asset_key ON asset (key);
CREATE TABLE facet (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    status text NOT NULL,
    risk_class text NOT NULL,
    severity text NOT NULL,
    kind text NOT NULL,
    sla_state text NOT NULL,
    tier text NOT NULL,
    scanners text[] NOT NULL,
    CONSTRAINT facet_values_key UNIQUE (status, risk_class, severity, kind, sla_state, tier, scanners)
);
CREATE TABLE finding (
    asset_id uuid NOT NULL,
    id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    severity text NOT NULL,
    severity_rank smallint NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    rule_id text NOT NULL,
    scanners text[] NOT NULL,
    identifiers text[] NOT NULL,
    cwes integer[] NOT NULL,
    refs text[] NOT NULL,
    package text,
    purl text,
    path text,
    location text,
    fix_action text,
    terms text NOT NULL,
    facts json NOT NULL,
    published_at timestamptz,
    first_seen_at timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    clock integer NOT NULL,
    score double precision NOT NULL,
    score_factors json NOT NULL,
    risk_class text NOT NULL,
    class_reason text NOT NULL,
    team text NOT NULL,
    owner_reason text NOT NULL,
    tier text NOT NULL,
    sla_state text NOT NULL,
    sla_started_at timestamptz,
    due_at timestamptz,
    timer_reached double precision NOT NULL,
    next_timer_at timestamptz,
    facet integer NOT NULL,
    policy_version text NOT NULL,
    PRIMARY KEY (asset_id, id)
) WITH (fillfactor = 90);
CREATE INDEX finding_id ON finding (id);
CREATE INDEX finding_score ON finding (facet, score, id);
CREATE INDEX finding_due ON finding (facet, coalesce(due_at, 'infinity'::timestamptz), id);
CREATE INDEX finding_first_seen ON finding (facet, first_seen_at, id);
CREATE INDEX finding_team_score ON finding (team, facet, score, id) WHERE status = 'open';
CREATE INDEX finding_team_due ON finding (team, facet, coalesce(due_at, 'infinity'::timestamptz), id)
    WHERE status = 'open';
CREATE INDEX finding_team_first_seen ON finding (team, facet, first_seen_at, id) WHERE status = 'open';
CREATE INDEX finding_resolved ON finding (team, resolved_at) WHERE status = 'resolved';
CREATE INDEX finding_timer ON finding (next_timer_at) WHERE next_timer_at IS NOT NULL;
CREATE INDEX finding_search ON finding USING gin (array_to_tsvector(string_to_array(terms, ' ') || identifiers));
CREATE TABLE finding_detail (
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    keys json NOT NULL,
    observations json NOT NULL,
    PRIMARY KEY (asset_id, finding_id)
);
CREATE TABLE finding_history (
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    at timestamptz NOT NULL,
    event text NOT NULL,
    was text,
    now text,
    PRIMARY KEY (asset_id, finding_id, at, event)
);
CREATE TABLE alert (
    id uuid PRIMARY KEY,
    asset_id uuid NOT NULL,
    finding_id uuid NOT NULL,
    level text NOT NULL,
    step smallint NOT NULL,
    clock integer NOT NULL,
    team text NOT NULL,
    payload json NOT NULL,
    raised_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    published_at timestamptz,
    settled_at timestamptz,
    CONSTRAINT alert_once_key UNIQUE (finding_id, level, step, clock)
);
CREATE INDEX alert_due ON alert (due_at) WHERE settled_at IS NULL;
CREATE TABLE emission (
    emission_id uuid PRIMARY KEY,
    report_id uuid NOT NULL,
    chunks integer NOT NULL,
    seen integer[] NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX emission_at ON emission (at);
CREATE TABLE coverage (
    asset_id uuid NOT NULL,
    scanner text NOT NULL,
    kind text NOT NULL,
    ref text NOT NULL,
    commit text,
    last_scan_at timestamptz,
    PRIMARY KEY (asset_id, scanner, kind, ref)
);
CREATE INDEX coverage_ref ON coverage (ref, asset_id);
CREATE TABLE recalculation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rules_version text NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    after_asset uuid,
    after_finding uuid,
    seen bigint NOT NULL DEFAULT 0,
    changed bigint NOT NULL DEFAULT 0
);
"""

LIGHTER_COMPRESSION = """
DO $$ BEGIN
    ALTER TABLE finding_detail ALTER COLUMN observations SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported OR undefined_object OR syntax_error THEN
    NULL;  -- a server built without lz4 compresses in its own way
END $$
"""


def upgrade() -> None:
    for statement in filter(str.strip, TABLES.split(";")):
        op.execute(statement)
    op.execute(LIGHTER_COMPRESSION)


def downgrade() -> None:
    tables = ("recalculation", "coverage", "emission", "alert", "finding_history", "finding_detail", "finding")
    for table in (*tables, "facet", "asset"):
        op.execute(f"DROP TABLE {table}")
