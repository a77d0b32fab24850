-- What intake leaves for an operator: records that claim two leads, what merges and imports changed.
-- These tables hold what is known of persons; whoever is forgotten must leave them too: forget_lead_traces().

-- One claim by records that two leads are one person, or that one address belongs to two. A claim is one row
-- however often it is made.
CREATE TABLE lead_conflicts (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_conflicts_pkey PRIMARY KEY,
  -- Of the claim: which identities, which leads.
  fingerprint uuid NOT NULL CONSTRAINT lead_conflicts_once UNIQUE,
  why text NOT NULL CONSTRAINT lead_conflicts_why_known CHECK (why IN ('two-leads', 'shared-address')),
  lead_ids uuid[] NOT NULL CONSTRAINT lead_conflicts_has_leads CHECK (cardinality(lead_ids) >= 1),
  source text NOT NULL,
  as_of timestamptz NOT NULL,
  -- What the record says, by the names of fields.
  facts jsonb NOT NULL,
  record json COMPRESSION lz4,
  import_id uuid,
  status text NOT NULL DEFAULT 'open'
    CONSTRAINT lead_conflicts_status_known CHECK (status IN ('open', 'merged', 'separate')),
  found_at timestamptz NOT NULL DEFAULT reservoir_now(),
  resolved_at timestamptz,
  resolved_by text,
  -- The merges that resolved it.
  merge_ids uuid[] NOT NULL DEFAULT '{}',
  CONSTRAINT lead_conflicts_resolved_iff CHECK ((status = 'open') = (resolved_at IS NULL))
);
CREATE INDEX lead_conflicts_listed ON lead_conflicts (status, id);
CREATE INDEX lead_conflicts_leads ON lead_conflicts USING gin (lead_ids);

-- A lead that was made one with another, and all that is needed to undo it.
CREATE TABLE lead_merges (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_merges_pkey PRIMARY KEY,
  -- The one that stays, and the one that is gone.
  kept_id uuid NOT NULL CONSTRAINT lead_merges_kept_fkey REFERENCES lead_pool (id) ON DELETE CASCADE,
  merged_id uuid NOT NULL CONSTRAINT lead_merges_merged_fkey REFERENCES lead_pool (id) ON DELETE CASCADE,
  merged_at timestamptz NOT NULL,
  merged_by text NOT NULL,
  reason text NOT NULL DEFAULT '',
  -- Both leads as they were, the keys that moved, and what became of assignments.
  before jsonb NOT NULL,
  undone_at timestamptz,
  undone_by text,
  CONSTRAINT lead_merges_two_leads CHECK (kept_id <> merged_id)
);
CREATE INDEX lead_merges_kept ON lead_merges (kept_id, id);
CREATE INDEX lead_merges_merged ON lead_merges (merged_id, id);
CREATE UNIQUE INDEX lead_merges_once ON lead_merges (merged_id) WHERE undone_at IS NULL;

-- What an import replaced: the values before, of the fields that it changed, and their provenance.
CREATE TABLE lead_changes (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_changes_pkey PRIMARY KEY,
  import_id uuid NOT NULL,
  lead_id uuid NOT NULL CONSTRAINT lead_changes_lead_fkey REFERENCES lead_pool (id) ON DELETE CASCADE,
  at timestamptz NOT NULL,
  -- {"facts": {"title": "CTO", "city": null}, "provenance": {…}}
  before jsonb NOT NULL
);
CREATE INDEX lead_changes_import ON lead_changes (import_id, id);
CREATE INDEX lead_changes_lead ON lead_changes (lead_id);

-- Takes out of these tables what is known of leads who are forgotten. Their merges can no longer be undone.
CREATE FUNCTION forget_lead_traces(forgotten uuid[]) RETURNS void
LANGUAGE sql
AS $$
  DELETE FROM lead_conflicts WHERE lead_ids && forgotten;
  DELETE FROM lead_changes WHERE lead_id = ANY (forgotten);
  UPDATE lead_merges SET before = '{}' WHERE kept_id = ANY (forgotten) OR merged_id = ANY (forgotten);
  DELETE FROM lead_records WHERE lead_id = ANY (forgotten);
$$;
REVOKE EXECUTE ON FUNCTION forget_lead_traces(uuid[]) FROM PUBLIC;

SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['lead_conflicts', 'lead_merges', 'lead_changes']) AS relation;
