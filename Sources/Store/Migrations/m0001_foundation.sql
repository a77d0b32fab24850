-- What every capability stands on: time and ids for SQL users, clients, API keys,
-- answers kept for idempotency keys, and jobs.

-- The instant of the current transaction for functions and triggers that serve SQL users.
-- A simulation may set it: SELECT set_config('reservoir.now', '2026-01-31T00:00:00Z', true).
CREATE FUNCTION reservoir_now() RETURNS timestamptz
LANGUAGE sql STABLE
AS $$ SELECT coalesce(nullif(current_setting('reservoir.now', true), '')::timestamptz, now()) $$;

-- Who is acting, for the ledger: set by the server, else the SQL user.
CREATE FUNCTION reservoir_actor() RETURNS text
LANGUAGE sql STABLE
AS $$ SELECT coalesce(nullif(current_setting('reservoir.actor', true), ''), 'sql:' || session_user) $$;

-- UUIDv7 (RFC 9562): 48 bits of milliseconds over a random UUID, whose version 4 two bits turn into 7.
CREATE FUNCTION uuid_v7(at timestamptz DEFAULT reservoir_now()) RETURNS uuid
LANGUAGE sql VOLATILE
AS $$
  SELECT encode(
    set_bit(set_bit(
      overlay(uuid_send(gen_random_uuid())
        PLACING substring(int8send(floor(extract(epoch FROM at) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
      52, 1), 53, 1),
    'hex')::uuid
$$;

CREATE TABLE clients (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT clients_pkey PRIMARY KEY,
  company_name varchar(200) NOT NULL
    CONSTRAINT clients_company_name_key UNIQUE
    CONSTRAINT clients_company_name_not_blank
      CHECK (company_name = btrim(company_name) AND company_name <> ''),
  time_zone text NOT NULL DEFAULT 'UTC',
  -- An alert is raised when no more numbers than this are free.
  low_water_mark integer NOT NULL DEFAULT 1
    CONSTRAINT clients_low_water_mark_range CHECK (low_water_mark >= 0),
  created_at timestamptz NOT NULL DEFAULT reservoir_now()
);

-- The name that the phone-number document uses for the same companies.
CREATE VIEW brokers AS SELECT id, company_name, time_zone, low_water_mark, created_at FROM clients;

CREATE TABLE api_keys (
  id uuid NOT NULL CONSTRAINT api_keys_pkey PRIMARY KEY,
  name varchar(200) NOT NULL,
  role text NOT NULL CONSTRAINT api_keys_role_known CHECK (role IN ('operator', 'client', 'sender')),
  client_id uuid CONSTRAINT api_keys_client_fkey REFERENCES clients (id),
  -- The first characters of the key, to recognise it by.
  prefix varchar(16) NOT NULL,
  -- SHA-256 of the key: keys are random and long, so a slow hash would add nothing.
  hash bytea NOT NULL CONSTRAINT api_keys_hash_key UNIQUE,
  created_at timestamptz NOT NULL,
  revoked_at timestamptz,
  CONSTRAINT api_keys_client_iff_bound CHECK ((role = 'operator') = (client_id IS NULL))
);

-- The answer to a command, kept in the transaction of its effect.
CREATE TABLE idempotency_keys (
  -- The API key's id; the zero UUID for the key given in the environment.
  principal_id uuid NOT NULL,
  key varchar(255) NOT NULL,
  -- SHA-256 of method, path and body.
  fingerprint bytea NOT NULL,
  status smallint NOT NULL,
  body bytea NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (principal_id, key)
);
CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);

-- A command that is under way for an idempotency key and takes more than one transaction, so that its answer
-- cannot be kept with its effect. After `claimed_until` the server that was at it is taken for dead.
CREATE TABLE idempotency_claims (
  principal_id uuid NOT NULL,
  key varchar(255) NOT NULL,
  fingerprint bytea NOT NULL,
  claimed_until timestamptz NOT NULL,
  CONSTRAINT idempotency_claims_pkey PRIMARY KEY (principal_id, key)
);

CREATE TABLE jobs (
  name text NOT NULL CONSTRAINT jobs_pkey PRIMARY KEY,
  next_run_at timestamptz NOT NULL,
  -- Set while a server is running the job; a server that died is replaced after this instant.
  claimed_until timestamptz,
  -- Counts the runs; a server that lost its claim cannot end a later run.
  term bigint NOT NULL DEFAULT 0,
  last_started_at timestamptz,
  last_finished_at timestamptz,
  -- What the last run did: {"processed": 12, "has_more": false, "details": {}}.
  last_result jsonb,
  -- Why it failed; null when it succeeded.
  last_error text,
  -- Failed runs since the last good one.
  failures integer NOT NULL DEFAULT 0
);
