-- Permits: the single-use right to contact a lead, with its place in the day's limit reserved.

-- What a resource did in one of its days, permits that may yet be used included. A mailbox has rows too, so
-- that the least used one sends; its domain's row is what is limited.
CREATE TABLE resource_usage (
  resource_id uuid NOT NULL CONSTRAINT resource_usage_resource_fkey REFERENCES resource_pool (id),
  channel text NOT NULL
    CONSTRAINT resource_usage_channel_known CHECK (channel IN ('email', 'linkedin', 'voice', 'sms')),
  -- Of the resource's own zone (R12).
  day date NOT NULL,
  used integer NOT NULL DEFAULT 0,
  -- The highest limit under which a permit was issued in that day; null for a mailbox.
  top_limit integer,
  CONSTRAINT resource_usage_pkey PRIMARY KEY (resource_id, channel, day),
  CONSTRAINT resource_usage_within_limit CHECK (used BETWEEN 0 AND coalesce(top_limit, 2147483647))
) WITH (fillfactor = 50);

CREATE TABLE permits (
  id uuid NOT NULL CONSTRAINT permits_pkey PRIMARY KEY,
  client_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  channel text NOT NULL
    CONSTRAINT permits_channel_known CHECK (channel IN ('email', 'linkedin', 'voice', 'sms')),
  -- Whose limit it counts for, and what to send from: a mailbox of that domain, else the same.
  resource_id uuid NOT NULL,
  sender_id uuid NOT NULL,
  sender text NOT NULL,
  campaign_id uuid,
  day date NOT NULL,
  issued_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  daily_limit integer NOT NULL,
  -- Of the day's limit, this permit included.
  used integer NOT NULL,
  resets_at timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'issued'
    CONSTRAINT permits_status_known CHECK (status IN ('issued', 'sent', 'failed', 'expired', 'void')),
  sent_at timestamptz,
  provider_message_id text,
  CONSTRAINT permits_within_limit CHECK (used BETWEEN 1 AND daily_limit),
  CONSTRAINT permits_sent_has_a_time CHECK (status <> 'sent' OR sent_at IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX permits_lead ON permits (lead_id, client_id, issued_at);
CREATE INDEX permits_client ON permits (client_id, id);
CREATE INDEX permits_open ON permits (expires_at) WHERE status = 'issued';

-- The last touch of a lead by a client on each channel; a permit that was not reported failed counts as one.
CREATE TABLE last_touches (
  lead_id uuid NOT NULL,
  client_id uuid NOT NULL,
  channel text NOT NULL,
  touched_at timestamptz NOT NULL,
  sender_id uuid NOT NULL,
  permit_id uuid NOT NULL,
  CONSTRAINT last_touches_pkey PRIMARY KEY (lead_id, client_id, channel)
) WITH (fillfactor = 80);

-- All that was asked and decided: issued and refused with the facts that decided, and what became of permits.
-- Nothing personal stands in it.
CREATE TABLE permit_ledger (
  id uuid NOT NULL DEFAULT uuid_v7(),
  at timestamptz NOT NULL,
  lead_id uuid NOT NULL,
  client_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT permit_ledger_kind_known
    CHECK (kind IN ('issued', 'refused', 'sent', 'failed', 'expired', 'void')),
  -- Null for a refusal.
  permit_id uuid,
  channel text NOT NULL,
  resource_id uuid,
  actor text NOT NULL DEFAULT reservoir_actor(),
  details jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT permit_ledger_pkey PRIMARY KEY (lead_id, at, id)
) PARTITION BY RANGE (at);
CREATE TABLE permit_ledger_rest PARTITION OF permit_ledger DEFAULT;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON permit_ledger
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON permit_ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON permit_ledger_rest
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- A permit is used once: what has ended stays as it is, but one of which nobody said anything may have been
-- sent after all. Who it is for, and what it counts for, never changes.
CREATE FUNCTION permit_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF (NEW.id, NEW.client_id, NEW.lead_id, NEW.channel, NEW.resource_id, NEW.sender_id, NEW.day, NEW.issued_at,
      NEW.expires_at, NEW.daily_limit, NEW.used) IS DISTINCT FROM (OLD.id, OLD.client_id, OLD.lead_id,
      OLD.channel, OLD.resource_id, OLD.sender_id, OLD.day, OLD.issued_at, OLD.expires_at, OLD.daily_limit,
      OLD.used) THEN
    RAISE EXCEPTION 'a permit stays what it was issued for'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'permit_stays';
  END IF;
  IF NEW.status <> OLD.status AND NOT (OLD.status = 'issued'
      OR (OLD.status = 'expired' AND NEW.status IN ('sent', 'failed', 'void'))) THEN
    RAISE EXCEPTION 'a permit is used once'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'permit_is_used_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE ON permits FOR EACH ROW EXECUTE FUNCTION permit_guarded();

CREATE FUNCTION permits_stay() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'what was permitted is not forgotten'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'permits_stay';
END $$;
CREATE TRIGGER stays BEFORE DELETE ON permits FOR EACH ROW EXECUTE FUNCTION permits_stay();
CREATE TRIGGER stays_truncate BEFORE TRUNCATE ON permits FOR EACH STATEMENT EXECUTE FUNCTION permits_stay();

SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['resource_usage', 'last_touches', 'permit_ledger', 'permit_ledger_rest']) AS relation;
SELECT open_to_clients('permits', 'client_id = (SELECT reservoir_client_id())');
