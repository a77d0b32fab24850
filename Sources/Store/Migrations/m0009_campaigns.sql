-- Campaigns, and the resources that they inherit from their clients. Which rows there are follows from
-- assignments and selections, and triggers see to it whoever changes those. What a row may do on a day is a
-- rule of the server: a change of the facts takes the limit away, and the server decides it anew at once when
-- it made the change, else within its next round.

CREATE TABLE campaigns (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT campaigns_pkey PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT campaigns_client_fkey REFERENCES clients (id),
  name text NOT NULL CONSTRAINT campaigns_name_plain
    CHECK (name = btrim(name) AND length(name) BETWEEN 1 AND 200),
  status text NOT NULL DEFAULT 'active'
    CONSTRAINT campaigns_status_known CHECK (status IN ('active', 'paused', 'ended')),
  -- Whether it has only what is in campaign_selections.
  is_restricted boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT campaigns_client_and_name_key UNIQUE (client_id, name)
);
CREATE INDEX campaigns_listed ON campaigns (client_id, id);

-- What a restricted campaign has of its client's resources, whenever the client has them.
CREATE TABLE campaign_selections (
  campaign_id uuid NOT NULL
    CONSTRAINT campaign_selections_campaign_fkey REFERENCES campaigns (id) ON DELETE CASCADE,
  resource_pool_id uuid NOT NULL
    CONSTRAINT campaign_selections_resource_fkey REFERENCES resource_pool (id),
  CONSTRAINT campaign_selections_pkey PRIMARY KEY (campaign_id, resource_pool_id)
);

CREATE TABLE campaign_resources (
  campaign_id uuid NOT NULL
    CONSTRAINT campaign_resources_campaign_fkey REFERENCES campaigns (id) ON DELETE CASCADE,
  client_resource_id uuid NOT NULL
    CONSTRAINT campaign_resources_assignment_fkey REFERENCES client_resources (id),
  channel text NOT NULL
    CONSTRAINT campaign_resources_channel_known CHECK (channel IN ('email', 'linkedin', 'voice', 'sms')),
  -- The resource's value, as the document names it.
  resource_id text NOT NULL,
  -- Actions a day; 0: not usable now. Null for a mailbox: what it sends counts for its domain's limit.
  daily_limit integer DEFAULT 0 CONSTRAINT campaign_resources_daily_limit_range CHECK (daily_limit >= 0),
  is_warmed boolean NOT NULL DEFAULT false,
  -- Why it is less than it could be.
  limited_by text[] NOT NULL DEFAULT '{undecided}',
  client_id uuid NOT NULL,
  resource_pool_id uuid NOT NULL,
  -- Of a mailbox.
  domain_id uuid,
  -- When the limit is to be decided anew: at once, or when the next step of a ramp begins; null when only a
  -- change of the facts can change it.
  refresh_at timestamptz DEFAULT '-infinity',
  CONSTRAINT campaign_resources_pkey PRIMARY KEY (campaign_id, client_resource_id, channel)
);
CREATE INDEX campaign_resources_assignment ON campaign_resources (client_resource_id);
CREATE INDEX campaign_resources_resource ON campaign_resources (resource_pool_id);
CREATE INDEX campaign_resources_domain ON campaign_resources (domain_id) WHERE domain_id IS NOT NULL;
CREATE INDEX campaign_resources_due ON campaign_resources (refresh_at) WHERE refresh_at IS NOT NULL;
CREATE INDEX campaign_resources_client ON campaign_resources (client_id, refresh_at);

-- The rows that campaign_resources should have.
CREATE VIEW campaign_inheritance WITH (security_invoker = true) AS
SELECT p.id AS campaign_id, a.id AS client_resource_id, k.channel, r.resource_value AS resource_id,
  p.client_id, r.id AS resource_pool_id, r.domain_id
FROM campaigns p
JOIN client_resources a ON a.client_id = p.client_id AND a.released_at IS NULL
JOIN resource_pool r ON r.id = a.resource_pool_id
JOIN (VALUES ('email_domain', 'email'), ('mailbox', 'email'), ('phone_number', 'voice'),
  ('phone_number', 'sms'), ('linkedin_seat', 'linkedin')) AS k (resource_type, channel)
  ON k.resource_type = r.resource_type
WHERE p.status <> 'ended'
  AND (NOT p.is_restricted OR EXISTS (
    SELECT FROM campaign_selections s WHERE s.campaign_id = p.id AND s.resource_pool_id = r.id));

-- Gives these campaigns what they should have, and takes the rest away.
CREATE FUNCTION inherit_resources(campaigns uuid[]) RETURNS void
LANGUAGE plpgsql
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  owners uuid[] := ARRAY(SELECT DISTINCT p.client_id FROM campaigns p WHERE p.id = ANY (campaigns));
BEGIN
  -- An assignment that somebody else makes, ends or holds right now is waited for, or waits for us: its
  -- trigger would not see rows that are not committed.
  PERFORM FROM clients c WHERE c.id = ANY (owners) ORDER BY c.id FOR UPDATE;
  PERFORM FROM client_resources a WHERE a.client_id = ANY (owners) AND a.released_at IS NULL
  ORDER BY a.id FOR SHARE;
  PERFORM FROM resource_pool r WHERE r.id IN (
    SELECT unnest(ARRAY[o.id, o.domain_id])
    FROM client_resources a JOIN resource_pool o ON o.id = a.resource_pool_id
    WHERE a.client_id = ANY (owners) AND a.released_at IS NULL)
  ORDER BY r.id FOR SHARE;
  DELETE FROM campaign_resources x
  WHERE x.campaign_id = ANY (campaigns) AND NOT EXISTS (
    SELECT FROM campaign_inheritance i
    WHERE i.campaign_id = x.campaign_id AND i.client_resource_id = x.client_resource_id
      AND i.channel = x.channel);
  INSERT INTO campaign_resources (campaign_id, client_resource_id, channel, resource_id, client_id,
    resource_pool_id, domain_id)
  SELECT * FROM campaign_inheritance i WHERE i.campaign_id = ANY (campaigns)
  ON CONFLICT ON CONSTRAINT campaign_resources_pkey DO NOTHING;
END $$;

CREATE FUNCTION campaign_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF (NEW.id, NEW.client_id, NEW.created_at) IS DISTINCT FROM (OLD.id, OLD.client_id, OLD.created_at) THEN
    RAISE EXCEPTION 'a campaign keeps its client'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'campaign_keeps_its_client';
  END IF;
  IF OLD.status = 'ended' AND NEW.status <> 'ended' THEN
    RAISE EXCEPTION 'a campaign ends for good'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'campaign_ends_for_good';
  END IF;
  NEW.updated_at := greatest(reservoir_now(), OLD.updated_at);
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE ON campaigns FOR EACH ROW EXECUTE FUNCTION campaign_guarded();

CREATE FUNCTION campaigns_added() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM inherit_resources((SELECT array_agg(id) FROM after));
  RETURN NULL;
END $$;
CREATE TRIGGER inherits AFTER INSERT ON campaigns
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION campaigns_added();

CREATE FUNCTION campaigns_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM inherit_resources(changed.ids)
  FROM (
    SELECT array_agg(n.id) AS ids FROM after n JOIN before o ON o.id = n.id
    WHERE (n.status = 'ended', n.is_restricted) <> (o.status = 'ended', o.is_restricted)) AS changed
  WHERE changed.ids IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER inherits_anew AFTER UPDATE ON campaigns
  REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION campaigns_changed();

CREATE FUNCTION campaign_selection_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM inherit_resources(changed.ids)
  FROM (
    SELECT array_agg(DISTINCT p.id) AS ids
    FROM touched t JOIN campaigns p ON p.id = t.campaign_id AND p.is_restricted) AS changed
  WHERE changed.ids IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON campaign_selections
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION campaign_selection_changed();
CREATE TRIGGER removed AFTER DELETE ON campaign_selections
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT EXECUTE FUNCTION campaign_selection_changed();
-- A change is a removal and an addition.
CREATE FUNCTION campaign_selection_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'a selection is added or removed, not changed'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'campaign_selection_stays';
END $$;
CREATE TRIGGER guarded BEFORE UPDATE ON campaign_selections
  FOR EACH ROW EXECUTE FUNCTION campaign_selection_guarded();

-- New assignments join their clients' campaigns. Without campaigns this is one look into an empty table.
CREATE FUNCTION assignments_inherited() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  joining uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM campaigns WHERE status <> 'ended') THEN RETURN NULL; END IF;
  SELECT array_agg(n.id) INTO joining FROM after n
  WHERE n.released_at IS NULL AND n.client_id IN (SELECT client_id FROM campaigns WHERE status <> 'ended');
  IF joining IS NULL THEN RETURN NULL; END IF;
  INSERT INTO campaign_resources (campaign_id, client_resource_id, channel, resource_id, client_id,
    resource_pool_id, domain_id)
  SELECT i.*
  FROM unnest(joining) AS j (id)
  -- One by one, each by index.
  CROSS JOIN LATERAL (SELECT * FROM campaign_inheritance i WHERE i.client_resource_id = j.id OFFSET 0) AS i
  ON CONFLICT ON CONSTRAINT campaign_resources_pkey DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER inherited AFTER INSERT ON client_resources
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION assignments_inherited();

-- Released ones leave; those that go on hold or come back are to be decided anew. What has changed is found
-- by EXCEPT, since a join of two transition tables, of which nobody knows the size, may compare all with all.
CREATE FUNCTION assignments_disinherited() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  changed uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM campaign_resources) THEN RETURN NULL; END IF;
  changed := ARRAY(
    SELECT id FROM (
      SELECT id, released_at IS NULL, held_until IS NULL, release_due_at IS NULL FROM after
      EXCEPT SELECT id, released_at IS NULL, held_until IS NULL, release_due_at IS NULL FROM before) AS d);
  IF changed = '{}' THEN RETURN NULL; END IF;
  DELETE FROM campaign_resources x USING unnest(changed) AS c (id), client_resources a
  WHERE x.client_resource_id = c.id AND a.id = c.id AND a.released_at IS NOT NULL;
  UPDATE campaign_resources x
  SET daily_limit = 0, limited_by = '{undecided}', refresh_at = '-infinity'
  FROM unnest(changed) AS c (id) WHERE x.client_resource_id = c.id;
  -- A domain that goes on hold, or comes back, decides about mailboxes that others have on it.
  UPDATE campaign_resources x
  SET daily_limit = 0, limited_by = '{undecided}', refresh_at = '-infinity'
  FROM unnest(changed) AS c (id) JOIN client_resources a ON a.id = c.id
  WHERE x.domain_id = a.resource_pool_id;
  RETURN NULL;
END $$;
CREATE TRIGGER inherited_change AFTER UPDATE ON client_resources
  REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION assignments_disinherited();

-- What a resource may do is to be decided anew when it, or the domain of a mailbox, has changed. Whether all
-- its places are taken does not matter.
CREATE FUNCTION resources_inherited() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  changed uuid[];
BEGIN
  IF NOT EXISTS (SELECT FROM campaign_resources) THEN RETURN NULL; END IF;
  changed := ARRAY(
    SELECT id FROM (
      SELECT id, replace(status, 'assigned', 'available'), warmup_started_at, warmup_completed_at, sent_count,
        bounce_count, complaint_count, spf_state, dkim_state, dmarc_state, resource_value FROM after
      EXCEPT
      SELECT id, replace(status, 'assigned', 'available'), warmup_started_at, warmup_completed_at, sent_count,
        bounce_count, complaint_count, spf_state, dkim_state, dmarc_state, resource_value FROM before) AS d);
  IF changed = '{}' THEN RETURN NULL; END IF;
  UPDATE campaign_resources x
  SET resource_id = r.resource_value, daily_limit = 0, limited_by = '{undecided}', refresh_at = '-infinity'
  FROM unnest(changed) AS c (id), resource_pool r WHERE x.resource_pool_id = c.id AND r.id = c.id;
  UPDATE campaign_resources x
  SET daily_limit = 0, limited_by = '{undecided}', refresh_at = '-infinity'
  FROM unnest(changed) AS c (id) WHERE x.domain_id = c.id;
  RETURN NULL;
END $$;
CREATE TRIGGER inherited_change AFTER UPDATE ON resource_pool
  REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION resources_inherited();

CREATE FUNCTION warmup_policy_inherited() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE campaign_resources
  SET daily_limit = 0, limited_by = '{undecided}', refresh_at = '-infinity'
  WHERE client_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER inherited_policy AFTER UPDATE OF warmup_policy ON clients
  FOR EACH ROW WHEN (NEW.warmup_policy <> OLD.warmup_policy)
  EXECUTE FUNCTION warmup_policy_inherited();
