-- What must not be contacted, with its history; what providers tell of leads; and how a person is forgotten.

-- Domains -----------------------------------------------------------------------------------------------

-- A domain and those above it, down to two labels: a.b.example -> {a.b.example, b.example}.
CREATE FUNCTION domain_and_above(domain text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT array_agg(array_to_string(labels[place:], '.') ORDER BY place)
  FROM (SELECT string_to_array(domain, '.') AS labels) AS d
  CROSS JOIN generate_series(1, cardinality(labels) - 1) AS place
$$;

-- The keys of everything by which a suppression can mean this lead: what it is or was known by, its numbers,
-- its own and its company's domain and the domains above them; also the numbers and personal addresses of
-- leads that were merged into this one, since what they were known by is its own already.
CREATE FUNCTION lead_contact_keys(lead lead_pool) RETURNS uuid[]
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT array_agg(DISTINCT k.key) FROM (
    SELECT i.key FROM lead_identities i WHERE i.lead_id = lead.id
    UNION ALL
    SELECT contact_key(v.kind, v.value, s.salt)
    FROM contact_salt s CROSS JOIN (
      SELECT 'phone', unnest(lead.phones)
      UNION ALL SELECT 'phone', lead.phone
      UNION ALL SELECT 'email', lower(unnest(lead.personal_emails))
      UNION ALL SELECT 'phone', unnest(m.phones || m.phone) FROM lead_pool m WHERE m.merged_into_id = lead.id
      UNION ALL SELECT 'email', lower(unnest(m.personal_emails)) FROM lead_pool m
        WHERE m.merged_into_id = lead.id
      UNION ALL SELECT 'domain', unnest(domain_and_above(lead.email_domain))
      UNION ALL SELECT 'domain', unnest(domain_and_above(lead.company_domain))) AS v (kind, value)
    WHERE v.value IS NOT NULL) AS k
$$;

-- What forbids the client, or with null everybody, to contact this lead; no row means that nothing does.
CREATE FUNCTION lead_suppressions(lead lead_pool, client uuid) RETURNS SETOF suppressions
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT s.* FROM suppressions s
  WHERE s.key = ANY (lead_contact_keys(lead)) AND s.lifted_at IS NULL
    AND (s.client_id IS NULL OR s.client_id = client)
$$;

-- Texts of SMS name a lead by its number only.
CREATE INDEX lead_pool_phone ON lead_pool (phone) WHERE phone IS NOT NULL;

-- Suppressions ------------------------------------------------------------------------------------------

-- The lead whose event brought it about; null for lists and for what was written by hand.
ALTER TABLE suppressions ADD COLUMN lead_id uuid;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_erased_is_global
  CHECK (reason <> 'erased' OR client_id IS NULL AND kind <> 'domain' AND lead_id IS NULL
    AND lifted_at IS NULL);
CREATE INDEX suppressions_lifted ON suppressions (key) WHERE lifted_at IS NOT NULL;

-- A suppression is lifted, not changed or removed. The one of somebody who was forgotten stays for ever; the
-- others of the same address, which still have it in clear, go.
CREATE FUNCTION suppression_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.reason <> 'erased'
      AND EXISTS (SELECT FROM suppressions e WHERE e.key = OLD.key AND e.reason = 'erased') THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a suppression is lifted, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'suppression_stays';
  END IF;
  IF OLD.reason = 'erased' OR OLD.lifted_at IS NOT NULL
    OR (NEW.id, NEW.client_id, NEW.kind, NEW.key, NEW.value, NEW.reason, NEW.source, NEW.created_at,
      NEW.lead_id)
      IS DISTINCT FROM (OLD.id, OLD.client_id, OLD.kind, OLD.key, OLD.value, OLD.reason, OLD.source,
      OLD.created_at, OLD.lead_id) THEN
    RAISE EXCEPTION 'a suppression can be lifted once, and is not changed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'suppression_stays';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON suppressions
FOR EACH ROW EXECUTE FUNCTION suppression_guarded();

CREATE FUNCTION suppressions_stay() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'a suppression is lifted, not removed'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'suppression_stays';
END $$;
CREATE TRIGGER stay BEFORE TRUNCATE ON suppressions FOR EACH STATEMENT EXECUTE FUNCTION suppressions_stay();

-- Every change of a suppression, without the address.
CREATE TABLE suppression_ledger (
  id uuid NOT NULL DEFAULT uuid_v7(),
  at timestamptz NOT NULL DEFAULT reservoir_now(),
  suppression_id uuid NOT NULL,
  client_id uuid,
  -- `forgotten`: removed with the address that it had in clear.
  change text NOT NULL CONSTRAINT suppression_ledger_change_known
    CHECK (change IN ('added', 'lifted', 'forgotten')),
  kind text NOT NULL,
  reason text NOT NULL,
  actor text NOT NULL DEFAULT reservoir_actor(),
  because text NOT NULL DEFAULT '',
  CONSTRAINT suppression_ledger_pkey PRIMARY KEY (suppression_id, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE suppression_ledger_rest PARTITION OF suppression_ledger DEFAULT;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON suppression_ledger
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON suppression_ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON suppression_ledger_rest
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

CREATE FUNCTION suppressions_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO suppression_ledger (at, suppression_id, client_id, change, kind, reason, because)
  SELECT reservoir_now(), c.id, c.client_id,
    CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'lifted' ELSE 'forgotten' END,
    c.kind, c.reason, coalesce(reservoir_reason(), '')
  FROM changed c;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON suppressions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION suppressions_recorded();
CREATE TRIGGER lifted AFTER UPDATE ON suppressions REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION suppressions_recorded();
CREATE TRIGGER forgotten AFTER DELETE ON suppressions REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION suppressions_recorded();

-- Those from before the history.
INSERT INTO suppression_ledger (at, suppression_id, client_id, change, kind, reason, actor, because)
SELECT s.created_at, s.id, s.client_id, 'added', s.kind, s.reason, 'migration', 'from before the history'
FROM suppressions s
UNION ALL
SELECT s.lifted_at, s.id, s.client_id, 'lifted', s.kind, s.reason, 'migration', 'from before the history'
FROM suppressions s WHERE s.lifted_at IS NOT NULL;

-- Events ------------------------------------------------------------------------------------------------

-- What providers told of leads, each event once. Of the event itself only codes are kept: no address, no
-- text. No foreign key to leads: a trail outlives what it tells of.
CREATE TABLE lead_events (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_events_pkey PRIMARY KEY,
  -- The key of who reports, the provider and the provider's id of the event, which may name a person.
  event_key uuid NOT NULL CONSTRAINT lead_events_once UNIQUE,
  provider text NOT NULL,
  -- The client whose key told of it; null for an operator.
  reported_by uuid CONSTRAINT lead_events_reporter_fkey REFERENCES clients (id),
  kind text NOT NULL CONSTRAINT lead_events_kind_known
    CHECK (kind IN ('bounced', 'complained', 'unsubscribed', 'replied', 'converted', 'delivered')),
  channel text NOT NULL CONSTRAINT lead_events_channel_known
    CHECK (channel IN ('email', 'linkedin', 'voice', 'sms')),
  -- Of a bounce: hard or soft; of a reply: its intent; of an opt-out: from whom.
  detail text,
  -- Null for somebody whom the pool does not know.
  lead_id uuid,
  client_id uuid CONSTRAINT lead_events_client_fkey REFERENCES clients (id),
  assignment_id uuid,
  resource_id uuid CONSTRAINT lead_events_resource_fkey REFERENCES resource_pool (id),
  occurred_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  -- What it changed, as codes.
  effects text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX lead_events_lead ON lead_events (lead_id, occurred_at);

-- What a sender sent and what came back, by day: the days that its rolling counts are made of.
CREATE TABLE sender_days (
  resource_pool_id uuid NOT NULL CONSTRAINT sender_days_resource_fkey REFERENCES resource_pool (id),
  on_day date NOT NULL,
  sent integer NOT NULL DEFAULT 0,
  bounced integer NOT NULL DEFAULT 0,
  complained integer NOT NULL DEFAULT 0,
  CONSTRAINT sender_days_pkey PRIMARY KEY (resource_pool_id, on_day),
  CONSTRAINT sender_days_counts_range CHECK (least(sent, bounced, complained) >= 0)
);
CREATE INDEX sender_days_old ON sender_days (on_day);

-- Forgetting --------------------------------------------------------------------------------------------

-- Whoever writes: a lead that was forgotten has no value in any field.
DO $$ BEGIN
  EXECUTE (
    SELECT format('ALTER TABLE lead_pool ADD CONSTRAINT lead_pool_forgotten_is_empty CHECK (
      erased_at IS NULL OR provenance = ''{}'' AND %s)',
      string_agg(format('%I IS NULL', attname), ' AND ' ORDER BY attnum))
    FROM pg_attribute
    WHERE attrelid = 'lead_pool'::regclass AND attnum > 0 AND NOT attisdropped
      AND attname NOT IN ('id', 'provenance', 'bounced_at', 'complained_at', 'unsubscribed_at',
        'merged_into_id', 'erased_at', 'created_at', 'updated_at'));
END $$;

-- The side that telephones of a lead that was forgotten: to leases it is no lead.
ALTER TABLE leads ADD COLUMN is_closed boolean NOT NULL DEFAULT false;

-- Ledgers are append-only. The one exception: the telephone number of a lead that was forgotten may be taken
-- out of the ledger of numbers, and nothing else of the row.
CREATE OR REPLACE FUNCTION refuse_change_of_ledger() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME LIKE 'phone\_number\_ledger%' THEN
    IF to_jsonb(NEW) = to_jsonb(OLD) || '{"customer_phone": null}'
      AND EXISTS (
        SELECT FROM lead_pool
        WHERE erased_at IS NOT NULL AND id = coalesce(
          (SELECT lead_pool_id FROM leads WHERE id = (to_jsonb(OLD)->>'lead_id')::uuid),
          (to_jsonb(OLD)->>'lead_id')::uuid)) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the ledger % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['suppression_ledger', 'suppression_ledger_rest', 'lead_events', 'sender_days']) AS relation;
