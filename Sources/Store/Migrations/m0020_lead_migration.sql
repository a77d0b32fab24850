-- Runs that bring records into the pool: files, searches at a provider, the leads of an older platform. What
-- became of each row is written in the transaction that took it, so that a run goes on after a crash exactly
-- where it was. Nothing personal stands in these tables: ids, numbers of rows, codes.

CREATE TABLE lead_imports (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_imports_pkey PRIMARY KEY,
  kind text NOT NULL CONSTRAINT lead_imports_kind_known CHECK (kind IN ('file', 'scout', 'migration')),
  name text NOT NULL,
  -- What its records are said to come from.
  source text NOT NULL,
  format text NOT NULL,
  -- Tells whether a file is the same again; null for what cannot be read twice.
  fingerprint text,
  is_rehearsal boolean NOT NULL DEFAULT false,
  -- How columns are read, what was searched.
  options jsonb NOT NULL DEFAULT '{}',
  actor text NOT NULL DEFAULT reservoir_actor(),
  state text NOT NULL DEFAULT 'running' CONSTRAINT lead_imports_state_known
    CHECK (state IN ('running', 'done', 'failed', 'undoing', 'undone')),
  -- How far it has come: bytes, rows, lines; the reader's own matter; the last key of a table.
  place_offset bigint NOT NULL DEFAULT 0,
  place_row bigint NOT NULL DEFAULT 0,
  place_line bigint NOT NULL DEFAULT 1,
  place_mode integer NOT NULL DEFAULT 0,
  place_key text,
  -- Rows by verdict: {"new": 12, "rejected": 1}.
  counts jsonb NOT NULL DEFAULT '{}',
  failure text,
  started_at timestamptz NOT NULL DEFAULT reservoir_now(),
  finished_at timestamptz,
  CONSTRAINT lead_imports_finished_iff CHECK ((state = 'running') = (finished_at IS NULL))
);
-- One run of a file at a time: who starts it again goes on with it.
CREATE UNIQUE INDEX lead_imports_one_running ON lead_imports (kind, fingerprint, is_rehearsal)
  WHERE state = 'running' AND fingerprint IS NOT NULL;

-- No foreign key, for the speed of imports: imports are never deleted. A lead that was deleted since keeps
-- its id here.
CREATE TABLE lead_import_rows (
  import_id uuid NOT NULL,
  row_number bigint NOT NULL,
  verdict text NOT NULL CONSTRAINT lead_import_rows_verdict_known CHECK (verdict IN
    ('new', 'updated', 'unchanged', 'merged', 'duplicate', 'conflict', 'suppressed', 'rejected')),
  -- Whether the row made the lead, whatever its verdict.
  is_new boolean NOT NULL DEFAULT false,
  lead_id uuid,
  earlier_row bigint,
  conflict_id uuid,
  detail text,
  -- What undoing did.
  undone text CONSTRAINT lead_import_rows_undone_known CHECK (undone IN ('deleted', 'restored', 'nothing',
    'kept_assigned', 'kept_changed', 'kept_shared', 'kept_merged', 'kept_erased')),
  CONSTRAINT lead_import_rows_pkey PRIMARY KEY (import_id, row_number)
);
-- Finds the earlier row of the same person, and other imports that found a lead too.
CREATE INDEX lead_import_rows_lead ON lead_import_rows (lead_id, import_id) WHERE lead_id IS NOT NULL;

-- Who was met in a rehearsal: what it would have put into the pool is not there for its later rows to find.
CREATE TABLE lead_import_keys (
  import_id uuid NOT NULL,
  key uuid NOT NULL,
  row_number bigint NOT NULL,
  -- The lead of the pool that the row would change; null for one that it would make.
  lead_id uuid,
  CONSTRAINT lead_import_keys_pkey PRIMARY KEY (import_id, key)
);

-- Who claims a lead of an older platform, and what was decided.
CREATE TABLE lead_migration_claims (
  import_id uuid NOT NULL,
  row_number bigint NOT NULL,
  lead_id uuid NOT NULL,
  client_id uuid NOT NULL,
  converted_at timestamptz,
  replied_at timestamptz,
  last_contacted_at timestamptz,
  contacts integer NOT NULL DEFAULT 0,
  assigned_at timestamptz NOT NULL,
  outcome text CONSTRAINT lead_migration_claims_outcome_known
    CHECK (outcome IN ('keeps', 'same_client', 'loses', 'owned_before')),
  assignment_id uuid,
  CONSTRAINT lead_migration_claims_pkey PRIMARY KEY (import_id, row_number)
);
CREATE INDEX lead_migration_claims_lead ON lead_migration_claims (import_id, lead_id);
CREATE INDEX lead_migration_claims_listed ON lead_migration_claims (import_id, outcome, row_number);

-- Rows of `leads` that a migration tied to a lead of the pool.
CREATE TABLE lead_migration_ties (
  import_id uuid NOT NULL,
  row_number bigint NOT NULL,
  old_lead_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  CONSTRAINT lead_migration_ties_pkey PRIMARY KEY (import_id, row_number)
);

-- What a provider of leads took for its answers. Appended only.
CREATE TABLE scout_credits (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT scout_credits_pkey PRIMARY KEY,
  import_id uuid,
  at timestamptz NOT NULL DEFAULT reservoir_now(),
  provider text NOT NULL,
  operation text NOT NULL,
  people integer NOT NULL,
  -- May be fractions.
  credits numeric(12, 3) NOT NULL CONSTRAINT scout_credits_not_negative CHECK (credits >= 0),
  -- Whether the provider said so; else the most that the call may have cost.
  is_stated boolean NOT NULL
);
CREATE INDEX scout_credits_month ON scout_credits (provider, at);
CREATE INDEX scout_credits_import ON scout_credits (import_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON scout_credits
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON scout_credits
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- Deletes a lead that an import made, with what was made beside it; false when something refers to it.
CREATE FUNCTION delete_unused_lead(unused uuid) RETURNS boolean
LANGUAGE plpgsql
AS $$
BEGIN
  DELETE FROM leads WHERE id = unused AND lead_pool_id = unused
    AND NOT EXISTS (SELECT FROM interactions n WHERE n.lead_id = unused);
  DELETE FROM lead_pool WHERE id = unused;
  RETURN FOUND;
EXCEPTION WHEN foreign_key_violation OR restrict_violation THEN
  RETURN false;
END $$;
REVOKE EXECUTE ON FUNCTION delete_unused_lead(uuid) FROM PUBLIC;

SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['lead_imports', 'lead_import_rows', 'lead_import_keys', 'lead_migration_claims',
  'lead_migration_ties', 'scout_credits']) AS relation;
