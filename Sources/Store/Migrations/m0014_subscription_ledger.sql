-- The history of what clients pay for: who signed up, moved to another tier, left and returned, and when. A
-- forecast counts in it.

CREATE SEQUENCE subscription_changes CACHE 1;
CREATE TABLE subscription_ledger (
  client_id uuid NOT NULL,
  at timestamptz NOT NULL,
  -- The order of what happened in one instant.
  change bigint NOT NULL DEFAULT nextval('subscription_changes'),
  -- `returned` is within the hold, `ended` is the end of the hold; who comes later signs up anew. `changed`
  -- is another tier, or one that was scheduled or called off.
  kind text NOT NULL CONSTRAINT subscription_ledger_kind_known
    CHECK (kind IN ('signed_up', 'changed', 'left', 'returned', 'ended')),
  tier text NOT NULL,
  -- The tier before, if it was another.
  previous_tier text,
  actor text NOT NULL,
  reason text,
  -- The subscription after the change.
  state jsonb NOT NULL,
  CONSTRAINT subscription_ledger_pkey PRIMARY KEY (client_id, at, change)
);
CREATE INDEX subscription_ledger_at ON subscription_ledger (at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON subscription_ledger
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON subscription_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- What a change from one state to another is called; `was` is null for a client that had no subscription.
CREATE FUNCTION subscription_change_kind(was text, becomes text) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE
    WHEN was IS NULL OR was = 'ended' AND becomes = 'active' THEN 'signed_up'
    WHEN was = 'active' AND becomes <> 'active' THEN 'left'
    WHEN was = 'on_hold' AND becomes = 'active' THEN 'returned'
    WHEN was = 'on_hold' AND becomes = 'ended' THEN 'ended'
    ELSE 'changed' END
$$;

CREATE FUNCTION subscription_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  was text;
  previous text;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF (NEW.tier, NEW.state, NEW.signed_up_on, NEW.next_tier, NEW.next_tier_at, NEW.held_until)
      IS NOT DISTINCT FROM
      (OLD.tier, OLD.state, OLD.signed_up_on, OLD.next_tier, OLD.next_tier_at, OLD.held_until) THEN
      RETURN NULL;
    END IF;
    was := OLD.state;
    previous := nullif(OLD.tier, NEW.tier);
  END IF;
  INSERT INTO subscription_ledger (client_id, at, kind, tier, previous_tier, actor, reason, state)
  -- A command that waited for the client's turn began before the one that it waited for.
  VALUES (NEW.client_id,
    greatest(reservoir_now(), (SELECT max(at) FROM subscription_ledger WHERE client_id = NEW.client_id)),
    subscription_change_kind(was, NEW.state), NEW.tier, previous,
    reservoir_actor(), reservoir_reason(), to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TRIGGER recorded AFTER INSERT OR UPDATE ON subscriptions
  FOR EACH ROW EXECUTE FUNCTION subscription_recorded();

CREATE FUNCTION subscription_stays() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' OR NEW.client_id <> OLD.client_id THEN
    RAISE EXCEPTION 'a subscription ends, and is not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'subscription_stays';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stays BEFORE DELETE OR UPDATE OF client_id ON subscriptions
  FOR EACH ROW EXECUTE FUNCTION subscription_stays();

-- Of subscriptions that were there before there was a history it is known when they began, when a client left
-- that is on hold, and when a hold was found to be over. Tiers that they had before are not.
INSERT INTO subscription_ledger (client_id, at, kind, tier, actor, reason, state)
SELECT s.client_id, e.at, e.kind, s.tier, 'migration', 'from before the history',
  CASE WHEN e.is_last THEN to_jsonb(s)
  ELSE to_jsonb(s) || jsonb_build_object('state', e.state, 'held_until', NULL) END
FROM subscriptions s
CROSS JOIN LATERAL (VALUES
  (1, 'signed_up', 'active', least(s.signed_up_on::timestamp AT TIME ZONE 'UTC', s.updated_at,
    s.held_until - interval '30 days'), s.state = 'active'),
  (2, 'left', 'on_hold', coalesce(s.held_until, s.updated_at) - interval '30 days', s.state = 'on_hold'),
  (3, 'ended', 'ended', s.updated_at, true)) AS e (place, kind, state, at, is_last)
WHERE e.place <= CASE s.state WHEN 'active' THEN 1 WHEN 'on_hold' THEN 2 ELSE 3 END
ORDER BY s.client_id, e.place;

-- SQL users of a client read its own.
SELECT open_to_clients('subscription_ledger', 'client_id = (SELECT reservoir_client_id())');
