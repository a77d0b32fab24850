-- The phone-number pool: leads, their trail, the numbers, and the ledger of everything that happened to them.
-- Names and meanings of columns are those of the phone-number document.

CREATE TABLE leads (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT leads_pkey PRIMARY KEY,
  primary_email text,
  first_name text,
  last_name text,
  -- The number that the lead holds now (the latest, if it holds one at several companies).
  assigned_phone_number_id varchar(100),
  phone_assigned_at timestamptz,
  -- The numbers that the lead had last, latest first: it gets them back when they are free.
  recent_phone_number_ids text[] NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT reservoir_now()
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.2);
CREATE INDEX leads_primary_email ON leads (primary_email, id);

-- The audit trail of a lead. No foreign key: a trail outlives what it tells of.
CREATE TABLE interactions (
  id uuid NOT NULL DEFAULT uuid_v7(),
  lead_id uuid NOT NULL,
  type varchar(50) NOT NULL,
  metadata jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT interactions_pkey PRIMARY KEY (lead_id, created_at, id)
);

-- A domain, since a check of the table would be made again with every change of a row.
CREATE DOMAIN e164 AS varchar(20) CONSTRAINT number_is_e164 CHECK (VALUE ~ '^\+[1-9][0-9]{6,14}$');

-- A company's territories as they are searched: in lower case, each with the company in front.
CREATE FUNCTION territory_keys(company text, territories text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT array_agg(company || E'\n' || lower(territory)) FROM unnest(territories) AS territory $$;

CREATE TABLE signalwire_phone_numbers (
  vapi_phone_number_id varchar(100) NOT NULL
    CONSTRAINT signalwire_phone_numbers_pkey PRIMARY KEY
    CONSTRAINT signalwire_phone_numbers_id_not_blank CHECK (vapi_phone_number_id <> ''),
  number e164 NOT NULL CONSTRAINT signalwire_phone_numbers_number_key UNIQUE,
  name varchar(100) NOT NULL,
  assigned_broker_company varchar(200)
    CONSTRAINT signalwire_phone_numbers_company_fkey REFERENCES clients (company_name) ON UPDATE CASCADE,

  -- The live lease.
  -- A lead that exists: triggers see to it (signalwire_phone_numbers_lead_fkey). A foreign key would look
  -- again for every lease that the server writes while it has the lead locked.
  currently_assigned_to uuid,
  -- When the number was last leased. A release keeps it: numbers rotate by it.
  assigned_at timestamptz,
  release_at timestamptz,
  assignment_status varchar(20) NOT NULL DEFAULT 'available'
    CONSTRAINT signalwire_phone_numbers_assignment_status_known
      CHECK (assignment_status IN ('available', 'assigned')),
  lease_id uuid,
  -- Counts the leases of this number; a call that quotes an older term changes nothing.
  term bigint NOT NULL DEFAULT 0,
  customer_phone varchar(20),
  missed_calls integer NOT NULL DEFAULT 0,

  last_call_outcome varchar(50),
  appointment_scheduled_at timestamptz,

  status varchar(20) NOT NULL DEFAULT 'active'
    CONSTRAINT signalwire_phone_numbers_status_known CHECK (status IN ('active', 'inactive', 'maintenance')),
  notes text,
  territories text[] NOT NULL DEFAULT '{}',
  area_code text GENERATED ALWAYS AS (
    CASE WHEN starts_with(number, '+1') AND length(number) = 12 THEN substr(number, 3, 3) END) STORED,
  signalwire_phone_number_id varchar(100),

  -- Counts the changes of this row. The server raises it with every change that it has itself written to the
  -- ledger; a change that leaves it as it was is written there by the trigger.
  revision bigint NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),

  CONSTRAINT times_are_finite CHECK (
    isfinite(assigned_at) AND isfinite(release_at) AND isfinite(appointment_scheduled_at)
    AND isfinite(updated_at)),
  CONSTRAINT lease_is_whole CHECK (
    CASE assignment_status
      WHEN 'assigned' THEN currently_assigned_to IS NOT NULL AND release_at IS NOT NULL
        AND lease_id IS NOT NULL AND assigned_at IS NOT NULL AND assigned_broker_company IS NOT NULL
      ELSE currently_assigned_to IS NULL AND release_at IS NULL AND lease_id IS NULL
        AND customer_phone IS NULL AND appointment_scheduled_at IS NULL AND missed_calls = 0
    END)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- Claims walk this index from its start: least recently used first, never used before all others.
CREATE INDEX idx_signalwire_pool_assignment ON signalwire_phone_numbers
  (assigned_broker_company, assignment_status, assigned_at NULLS FIRST);
CREATE INDEX idx_signalwire_pool_area ON signalwire_phone_numbers
  (assigned_broker_company, area_code, assigned_at NULLS FIRST)
  WHERE assignment_status = 'available';
CREATE INDEX idx_signalwire_pool_territory ON signalwire_phone_numbers
  USING gin (territory_keys(assigned_broker_company, territories))
  WHERE assignment_status = 'available' AND territories <> '{}';
CREATE INDEX idx_signalwire_pool_due ON signalwire_phone_numbers (assigned_broker_company, release_at)
  WHERE assignment_status = 'assigned';
CREATE UNIQUE INDEX one_live_lease_per_lead_and_company ON signalwire_phone_numbers
  (currently_assigned_to, assigned_broker_company) WHERE currently_assigned_to IS NOT NULL;

-- How far the counts of numbers had come when they were removed, in case they come back.
CREATE TABLE removed_phone_numbers (
  vapi_phone_number_id varchar(100) NOT NULL CONSTRAINT removed_phone_numbers_pkey PRIMARY KEY,
  term bigint NOT NULL,
  revision bigint NOT NULL
);

-- Everything that ever happened to a number. Each row carries the whole lease as it was after the change, so
-- that the last row of a lease is its state, and its row of kind 'ended' is its history.
CREATE TABLE phone_number_ledger (
  at timestamptz NOT NULL,
  kind text NOT NULL CONSTRAINT phone_number_ledger_kind_known CHECK (kind IN
    ('added', 'removed', 'moved', 'status_changed', 'leased', 'extended', 'outcome', 'ended')),
  vapi_phone_number_id varchar(100) NOT NULL,
  number varchar(20) NOT NULL,
  revision bigint NOT NULL,
  client_id uuid,
  actor text NOT NULL,
  reason text,
  -- The lease; absent where the change is about the number alone.
  lease_id uuid,
  term bigint,
  lead_id uuid,
  customer_phone varchar(20),
  leased_at timestamptz,
  release_at timestamptz,
  appointment_at timestamptz,
  last_outcome varchar(50),
  missed_calls integer,
  CONSTRAINT phone_number_ledger_lease_is_whole CHECK (
    kind IN ('added', 'removed', 'moved', 'status_changed')
    OR (lease_id IS NOT NULL AND term IS NOT NULL AND lead_id IS NOT NULL AND client_id IS NOT NULL
      AND leased_at IS NOT NULL AND release_at IS NOT NULL))
) PARTITION BY RANGE (at);

CREATE INDEX phone_number_ledger_lease ON phone_number_ledger (lease_id, revision) WHERE lease_id IS NOT NULL;
CREATE INDEX phone_number_ledger_holder ON phone_number_ledger (vapi_phone_number_id, leased_at)
  WHERE kind = 'ended';
CREATE INDEX phone_number_ledger_lead ON phone_number_ledger (lead_id, client_id, leased_at)
  WHERE kind = 'ended';
CREATE INDEX phone_number_ledger_client ON phone_number_ledger (client_id, leased_at, lease_id)
  WHERE kind = 'ended';
-- Lists of all clients' leases. Rows of live leases have no entry here: a lease costs none.
CREATE INDEX phone_number_ledger_ended ON phone_number_ledger (leased_at, lease_id) WHERE kind = 'ended';
CREATE INDEX phone_number_ledger_at ON phone_number_ledger USING brin (at) WITH (pages_per_range = 16);

-- Rows of months that nobody has prepared land here rather than failing.
CREATE TABLE phone_number_ledger_rest PARTITION OF phone_number_ledger DEFAULT;

-- Makes the ledger's partitions for the months from `first` to `last`; returns how many were new. A month
-- of which rows are already in the rest is left there.
CREATE FUNCTION prepare_phone_number_ledger(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
  start_of_month timestamp := date_trunc('month', first AT TIME ZONE 'UTC');
  prepared integer := 0;
  partition text;
BEGIN
  WHILE start_of_month <= last AT TIME ZONE 'UTC' LOOP
    partition := 'phone_number_ledger_' || to_char(start_of_month, 'YYYY_MM');
    IF to_regclass(partition) IS NULL AND NOT EXISTS (
      SELECT FROM phone_number_ledger_rest
      WHERE at >= start_of_month AT TIME ZONE 'UTC'
        AND at < (start_of_month + interval '1 month') AT TIME ZONE 'UTC'
    ) THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF phone_number_ledger FOR VALUES FROM (%L) TO (%L)',
        partition, start_of_month AT TIME ZONE 'UTC',
        (start_of_month + interval '1 month') AT TIME ZONE 'UTC');
      -- The parent's trigger does not watch over its partitions.
      EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()', partition);
      prepared := prepared + 1;
    END IF;
    start_of_month := start_of_month + interval '1 month';
  END LOOP;
  RETURN prepared;
END $$;

-- An open alert has no cleared_at; a company has one open alert of a kind at most.
CREATE TABLE alerts (
  id uuid NOT NULL CONSTRAINT alerts_pkey PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT alerts_client_fkey REFERENCES clients (id),
  kind text NOT NULL CONSTRAINT alerts_kind_known CHECK (kind IN ('pool_low', 'pool_exhausted')),
  available integer NOT NULL,
  total integer NOT NULL,
  raised_at timestamptz NOT NULL,
  -- When the pool was last found as the alert says: an alert that is seen again and again is not cleared.
  seen_at timestamptz NOT NULL,
  cleared_at timestamptz
);
CREATE UNIQUE INDEX one_open_alert_per_client_and_kind ON alerts (client_id, kind) WHERE cleared_at IS NULL;
