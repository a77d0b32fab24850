-- Access for SQL users who belong to one client: with `SET reservoir.client_id`, they read that client's rows
-- and nothing else. Who owns the tables, as the server does, is not affected.

-- Logins that belong to a client for good: what they set themselves does not count.
CREATE TABLE client_logins (
  login text NOT NULL CONSTRAINT client_logins_pkey PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT client_logins_client_fkey REFERENCES clients (id)
);

-- Whose rows the session may see: its login's client, else reservoir.client_id. Null, for nobody's, when that
-- is not set or is no id.
CREATE FUNCTION reservoir_client_id() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER
AS $$
  SELECT CASE
    WHEN l.client_id IS NOT NULL THEN l.client_id
    WHEN s.setting ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN s.setting::uuid
  END
  FROM (VALUES (current_setting('reservoir.client_id', true))) AS s (setting)
  LEFT JOIN client_logins l ON l.login = session_user
$$;
-- With the rights of its owner, a function must not find its tables where others could put theirs.
DO $$ BEGIN
  EXECUTE format('ALTER FUNCTION reservoir_client_id() SET search_path = pg_catalog, %I, pg_temp',
    current_schema());
END $$;

-- Clients cannot read it, whatever somebody grants.
CREATE FUNCTION close_to_clients(relation regclass) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', relation);
END $$;

-- Clients may read the rows for which the condition holds.
CREATE FUNCTION open_to_clients(relation regclass, condition text) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM close_to_clients(relation);
  IF EXISTS (SELECT FROM pg_policy WHERE polrelid = relation AND polname = 'own_rows') THEN
    EXECUTE format('DROP POLICY own_rows ON %s', relation);
  END IF;
  EXECUTE format('CREATE POLICY own_rows ON %s FOR SELECT USING (%s)', relation, condition);
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reservoir_client') THEN
    EXECUTE format('GRANT SELECT ON %s TO reservoir_client', relation);
  END IF;
END $$;

-- Lets a role read what is open to clients, and write none of it: reservoir_client, or one of yours, such as
-- `authenticated`.
CREATE FUNCTION grant_client_access(grantee text) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
  relation regclass;
BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), grantee);
  FOR relation IN
    SELECT c.oid FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE p.polname = 'own_rows' AND c.relnamespace = current_schema()::regnamespace
    UNION ALL SELECT 'brokers'::regclass
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM %I', relation, grantee);
    EXECUTE format('GRANT SELECT ON %s TO %I', relation, grantee);
  END LOOP;
END $$;

-- The role to grant. All databases of a cluster share it; another one may be making it right now. Who may
-- make no roles gives an existing one access: SELECT grant_client_access('authenticated').
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reservoir_client') THEN
    CREATE ROLE reservoir_client NOLOGIN;
  END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN RAISE NOTICE 'the role reservoir_client was not made';
END $$;

-- Views look with the rights of who asks.
ALTER VIEW brokers SET (security_invoker = true);

SELECT open_to_clients('clients', 'id = (SELECT reservoir_client_id())');
SELECT open_to_clients(relation::regclass, 'client_id = (SELECT reservoir_client_id())')
FROM unnest(ARRAY['client_resources', 'subscriptions', 'backorders', 'alerts', 'campaigns',
  'campaign_resources', 'resource_ledger']) AS relation;
-- That a number has moved tells whose it was before.
SELECT open_to_clients('phone_number_ledger',
  'client_id = (SELECT reservoir_client_id()) AND kind <> ''moved''');
SELECT open_to_clients('campaign_selections',
  'campaign_id IN (SELECT p.id FROM campaigns p WHERE p.client_id = (SELECT reservoir_client_id()))');
-- What it has now, on hold or not.
SELECT open_to_clients('resource_pool',
  'id = ANY (ARRAY(SELECT a.resource_pool_id FROM client_resources a
    WHERE a.client_id = (SELECT reservoir_client_id()) AND a.released_at IS NULL))');
SELECT open_to_clients('signalwire_phone_numbers',
  'assigned_broker_company =
    (SELECT c.company_name FROM clients c WHERE c.id = (SELECT reservoir_client_id()))');
-- The price list is the same for all.
SELECT open_to_clients('pricing_tiers', '(SELECT reservoir_client_id()) IS NOT NULL');

-- Leads are shared by all clients, and the rest is the platform's.
SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['leads', 'interactions', 'removed_phone_numbers', 'api_keys', 'idempotency_keys',
  'idempotency_claims', 'jobs', 'client_logins']) AS relation;
-- What others than this migration may have made by now.
SELECT close_to_clients(to_regclass(relation))
FROM unnest(ARRAY['reservoir_migrations', 'payment_events', 'payment_links', 'tier_prices',
  'purchase_budget', 'purchase_settings', 'resource_orders', 'resource_order_values',
  'resource_order_ledger', 'buffer_alerts']) AS relation
WHERE to_regclass(relation) IS NOT NULL;
-- A partition that is asked itself has no policies of its parent.
SELECT close_to_clients(i.inhrelid)
FROM pg_inherits i JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
JOIN pg_class c ON c.oid = i.inhparent
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE '%\_ledger';

DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'reservoir_client') THEN
    PERFORM grant_client_access('reservoir_client');
  END IF;
END $$;

-- Functions that write are for those who own what they write.
DO $$
DECLARE
  writer regprocedure;
BEGIN
  FOR writer IN
    SELECT oid FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND proname IN (
      'release_expired_phone_numbers', 'prepare_phone_number_ledger', 'prepare_ledger', 'prepare_ledgers',
      'record_phone_number', 'end_phone_number_lease', 'begin_phone_number_lease', 'mirror_phone_numbers',
      'inherit_resources', 'close_to_clients', 'open_to_clients', 'grant_client_access')
  LOOP
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', writer);
  END LOOP;
END $$;
