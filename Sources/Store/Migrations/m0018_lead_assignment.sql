-- Who gets which lead: what clients want, how leads are scored for them, whose each lead is and was, and the
-- plans by which the allocator gives them out.

-- What a client wants of leads. Lists that are empty ask for nothing.
CREATE TABLE client_profiles (
  client_id uuid NOT NULL CONSTRAINT client_profiles_pkey PRIMARY KEY
    CONSTRAINT client_profiles_client_fkey REFERENCES clients (id),
  -- Counts the changes: scores by an older version are due.
  version integer NOT NULL,
  industries text[] NOT NULL DEFAULT '{}',
  titles text[] NOT NULL DEFAULT '{}',
  excluded_titles text[] NOT NULL DEFAULT '{}',
  seniorities text[] NOT NULL DEFAULT '{}',
  -- Both null: a company of any size.
  employees_min bigint DEFAULT 5,
  employees_max bigint DEFAULT 50,
  countries text[] NOT NULL DEFAULT '{}',
  states text[] NOT NULL DEFAULT '{}',
  cities text[] NOT NULL DEFAULT '{}',
  technologies text[] NOT NULL DEFAULT '{}',
  keywords text[] NOT NULL DEFAULT '{}',
  excluded_domains text[] NOT NULL DEFAULT '{}',
  competitor_domains text[] NOT NULL DEFAULT '{}',
  -- In hundredths: data quality, authority, company fit, timing, risk.
  weights integer[] NOT NULL DEFAULT '{100,100,100,100,100}'
    CONSTRAINT client_profiles_weights_usable CHECK (cardinality(weights) = 5
      AND 0 <= ALL (weights) AND 1000 >= ALL (weights) AND 0 < ANY (weights)),
  claims_companies boolean NOT NULL DEFAULT false,
  daily_pace integer CONSTRAINT client_profiles_pace_range CHECK (daily_pace > 0),
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT client_profiles_employees_whole CHECK (
    (employees_min IS NULL) = (employees_max IS NULL) AND employees_min <= employees_max)
);

-- The company of a lead, while it is the client's, and whether its client has it to itself.
ALTER TABLE lead_assignments
  ADD COLUMN company_domain text,
  -- Null until the trigger `completed` has looked it up.
  ADD COLUMN claims_company boolean;
UPDATE lead_assignments a SET company_domain = p.company_domain, claims_company = false
FROM lead_pool p WHERE p.id = a.lead_id;
ALTER TABLE lead_assignments
  ADD CONSTRAINT lead_assignments_claim_known CHECK (claims_company IS NOT NULL),
  ADD CONSTRAINT lead_assignments_claim_of_company CHECK (NOT claims_company OR company_domain IS NOT NULL);
-- The history of a lead.
CREATE INDEX lead_assignments_lead ON lead_assignments (lead_id, id);
CREATE INDEX lead_assignments_quota ON lead_assignments (client_id, assigned_at);
CREATE INDEX lead_assignments_company ON lead_assignments (company_domain, client_id)
  WHERE released_at IS NULL AND company_domain IS NOT NULL;
CREATE INDEX lead_assignments_claims ON lead_assignments (company_domain)
  WHERE released_at IS NULL AND claims_company;

-- For who writes neither: SQL users, migrations.
CREATE FUNCTION lead_assignment_completed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.company_domain := coalesce(NEW.company_domain,
    (SELECT p.company_domain FROM lead_pool p WHERE p.id = NEW.lead_id));
  NEW.claims_company := NEW.company_domain IS NOT NULL AND coalesce(
    (SELECT c.claims_companies FROM client_profiles c WHERE c.client_id = NEW.client_id), false);
  RETURN NEW;
END $$;
CREATE TRIGGER completed BEFORE INSERT ON lead_assignments FOR EACH ROW
WHEN (NEW.claims_company IS NULL) EXECUTE FUNCTION lead_assignment_completed();

-- Two clients never have people of one company while one of them has it to itself. Whoever assigns shares a
-- key; who claims companies holds it alone, so that neither looks past the other.
CREATE FUNCTION share_companies() RETURNS void
LANGUAGE sql
AS $$ SELECT pg_advisory_xact_lock_shared(7246015) $$;
CREATE FUNCTION hold_companies() RETURNS void
LANGUAGE sql
AS $$ SELECT pg_advisory_xact_lock(7246015) $$;

CREATE FUNCTION lead_assignments_begin() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM share_companies();
  RETURN NULL;
END $$;
CREATE TRIGGER begin BEFORE INSERT ON lead_assignments
FOR EACH STATEMENT EXECUTE FUNCTION lead_assignments_begin();

CREATE FUNCTION company_has_another_client() RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'another client has people of this company'
    USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'one_client_per_claimed_company';
END $$;

CREATE FUNCTION lead_assignments_companies() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF EXISTS (SELECT FROM added WHERE claims_company AND released_at IS NULL) THEN
    PERFORM hold_companies();
    IF EXISTS (
      SELECT FROM added a JOIN lead_assignments o ON o.company_domain = a.company_domain
        AND o.client_id <> a.client_id AND o.released_at IS NULL
      WHERE a.claims_company AND a.released_at IS NULL) THEN
      PERFORM company_has_another_client();
    END IF;
  END IF;
  IF EXISTS (SELECT FROM lead_assignments WHERE claims_company AND released_at IS NULL) AND EXISTS (
    SELECT FROM added a JOIN lead_assignments o ON o.company_domain = a.company_domain
      AND o.client_id <> a.client_id AND o.released_at IS NULL AND o.claims_company
    WHERE a.released_at IS NULL) THEN
    PERFORM company_has_another_client();
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER companies AFTER INSERT ON lead_assignments REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION lead_assignments_companies();

-- An assignment is never given to another client, and what was converted or released is never removed; a
-- converted lead stays with its client for ever (R16), unless it turns out to be another lead. An active one
-- may be withdrawn, as if it had never been given: when an import is undone. So may a converted one that the
-- import of an older platform's leads brought in as such.
CREATE FUNCTION lead_assignment_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status = 'active' OR (OLD.status = 'converted' AND EXISTS (
      SELECT FROM lead_migration_claims c JOIN lead_imports i ON i.id = c.import_id
      WHERE c.assignment_id = OLD.id AND i.state = 'undoing')) THEN
      RETURN OLD;
    END IF;
    RAISE EXCEPTION 'an assignment that has ended is not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lead_assignments_stay';
  END IF;
  IF NEW.id <> OLD.id OR NEW.client_id <> OLD.client_id THEN
    RAISE EXCEPTION 'an assignment is of one client'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'lead_assignments_of_one_client';
  END IF;
  IF OLD.status = 'converted' AND NEW.status <> 'converted' AND NOT EXISTS (
    SELECT FROM lead_pool WHERE id = OLD.lead_id AND merged_into_id IS NOT NULL) THEN
    RAISE EXCEPTION 'a converted lead stays with its client'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'converted_stays';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON lead_assignments
FOR EACH ROW EXECUTE FUNCTION lead_assignment_guarded();

-- Each change of owner stands in the ledger, whoever makes it.
CREATE FUNCTION lead_assignment_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF NEW.released_at IS NULL AND (OLD.released_at IS NOT NULL OR NEW.claims_company <> OLD.claims_company
    OR NEW.company_domain IS DISTINCT FROM OLD.company_domain) THEN
    IF NEW.claims_company THEN
      PERFORM hold_companies();
    ELSE
      PERFORM share_companies();
    END IF;
    IF EXISTS (
      SELECT FROM lead_assignments o
      WHERE o.company_domain = NEW.company_domain AND o.client_id <> NEW.client_id
        AND o.released_at IS NULL AND (o.claims_company OR NEW.claims_company)) THEN
      PERFORM company_has_another_client();
    END IF;
  END IF;
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
  SELECT reservoir_now(), NEW.lead_id, NEW.client_id, e.kind,
    coalesce(CASE WHEN e.kind = 'released' THEN NEW.release_reason END, reservoir_reason(), ''),
    jsonb_build_object('assignment_id', NEW.id) || e.details
  FROM (VALUES
    ('moved', NEW.lead_id <> OLD.lead_id, jsonb_build_object('from_lead_id', OLD.lead_id)),
    ('converted', NEW.converted_at IS NOT NULL AND OLD.converted_at IS NULL, '{}'),
    ('unconverted', NEW.converted_at IS NULL AND OLD.converted_at IS NOT NULL, '{}'),
    ('released', NEW.released_at IS NOT NULL AND OLD.released_at IS NULL, '{}'),
    ('restored', NEW.released_at IS NULL AND OLD.released_at IS NOT NULL, '{}'),
    ('replied', NEW.replied_at IS NOT NULL AND NEW.replied_at IS DISTINCT FROM OLD.replied_at,
      jsonb_build_object('intent', NEW.reply_intent)),
    ('campaign_changed', NEW.campaign_id IS DISTINCT FROM OLD.campaign_id,
      jsonb_build_object('campaign_id', NEW.campaign_id))) AS e (kind, has_happened, details)
  WHERE e.has_happened;
  RETURN NULL;
END $$;
-- Not for contacts, which are many.
CREATE TRIGGER changed AFTER UPDATE ON lead_assignments FOR EACH ROW
WHEN ((NEW.lead_id, NEW.campaign_id, NEW.status, NEW.released_at, NEW.converted_at, NEW.replied_at,
    NEW.company_domain, NEW.claims_company)
  IS DISTINCT FROM (OLD.lead_id, OLD.campaign_id, OLD.status, OLD.released_at, OLD.converted_at,
    OLD.replied_at, OLD.company_domain, OLD.claims_company))
EXECUTE FUNCTION lead_assignment_changed();

-- A lead whose company becomes another one takes its assignment along. When other clients have people there,
-- its client does not get the company to itself; when one of them has it to itself, the assignment is of no
-- company, and gives no right to more of its people.
CREATE FUNCTION lead_company_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  own record;
  others record;
BEGIN
  SELECT a.id, a.client_id, NEW.company_domain IS NOT NULL AND coalesce(f.claims_companies, false) AS claims
  INTO own
  FROM lead_assignments a LEFT JOIN client_profiles f ON f.client_id = a.client_id
  WHERE a.lead_id = NEW.id AND a.released_at IS NULL;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF own.claims THEN
    PERFORM hold_companies();
  ELSE
    PERFORM share_companies();
  END IF;
  SELECT count(*) > 0 AS are_there, coalesce(bool_or(o.claims_company), false) AS claim INTO others
  FROM lead_assignments o
  WHERE o.company_domain = NEW.company_domain AND o.client_id <> own.client_id AND o.released_at IS NULL;
  UPDATE lead_assignments
  SET company_domain = CASE WHEN others.claim THEN NULL ELSE NEW.company_domain END,
    claims_company = own.claims AND NOT others.are_there
  WHERE id = own.id;
  RETURN NULL;
END $$;
CREATE TRIGGER company_changed AFTER UPDATE OF company_domain ON lead_pool FOR EACH ROW
WHEN (NEW.company_domain IS DISTINCT FROM OLD.company_domain) EXECUTE FUNCTION lead_company_changed();

CREATE FUNCTION lead_assignments_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, actor, reason, details)
  SELECT s.now, a.lead_id, a.client_id, 'assigned', s.actor, s.reason,
    jsonb_build_object('assignment_id', a.id, 'campaign_id', a.campaign_id)
  FROM (SELECT reservoir_now() AS now, reservoir_actor() AS actor,
      coalesce(reservoir_reason(), '') AS reason) AS s CROSS JOIN added a;
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
  SELECT reservoir_now(), a.lead_id, a.client_id, a.status,
    coalesce(a.release_reason, reservoir_reason(), ''), jsonb_build_object('assignment_id', a.id)
  FROM added a WHERE a.status <> 'active';
  RETURN NULL;
END $$;
CREATE TRIGGER recorded AFTER INSERT ON lead_assignments REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION lead_assignments_recorded();

CREATE FUNCTION lead_assignment_withdrawn() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
  VALUES (reservoir_now(), OLD.lead_id, OLD.client_id, 'withdrawn', coalesce(reservoir_reason(), ''),
    jsonb_build_object('assignment_id', OLD.id));
  RETURN NULL;
END $$;
CREATE TRIGGER withdrawn AFTER DELETE ON lead_assignments
FOR EACH ROW EXECUTE FUNCTION lead_assignment_withdrawn();

-- What the allocator searches: of each lead that may be contacted as much as is needed to find it for a
-- profile and to order by score (`LeadTraits`). The server keeps it, behind the pool by a little; who assigns
-- decides by the lead itself.
CREATE TABLE lead_matching (
  lead_id uuid NOT NULL CONSTRAINT lead_matching_pkey PRIMARY KEY,
  employees bigint,
  data_quality smallint NOT NULL,
  authority smallint NOT NULL,
  web smallint NOT NULL,
  timing smallint NOT NULL,
  risk smallint NOT NULL,
  -- When the points of timing change by themselves.
  changes_on date,
  company_domain text,
  title text NOT NULL,
  terms integer[] NOT NULL
);
CREATE INDEX lead_matching_changes ON lead_matching (changes_on) WHERE changes_on IS NOT NULL;
CREATE INDEX lead_matching_base ON lead_matching
  ((data_quality + authority + web + timing + greatest(risk, 0::smallint)) DESC);

-- Leads of which the server has not looked at the latest facts yet; the same one perhaps many times.
CREATE TABLE lead_matching_queue (lead_id uuid NOT NULL);

CREATE FUNCTION lead_pool_to_match() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_matching_queue (lead_id) SELECT c.id FROM changed c;
  RETURN NULL;
END $$;
CREATE TRIGGER matched AFTER INSERT ON lead_pool REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION lead_pool_to_match();
CREATE TRIGGER matched_anew AFTER UPDATE ON lead_pool REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION lead_pool_to_match();
CREATE TRIGGER matched_no_more AFTER DELETE ON lead_pool REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION lead_pool_to_match();
INSERT INTO lead_matching_queue (lead_id) SELECT id FROM lead_pool;

-- The score of a lead for a client, with the points of its components before the client's weights.
CREATE TABLE lead_scores (
  client_id uuid NOT NULL CONSTRAINT lead_scores_client_fkey REFERENCES clients (id),
  -- No foreign key, as for identities: scores of a lead that was removed mean nothing.
  lead_id uuid NOT NULL,
  score smallint NOT NULL CONSTRAINT lead_scores_range CHECK (score BETWEEN 0 AND 100),
  tier text NOT NULL
    CONSTRAINT lead_scores_tier_known CHECK (tier IN ('hot', 'warm', 'cool', 'cold', 'dead')),
  data_quality smallint NOT NULL,
  authority smallint NOT NULL,
  company_fit smallint NOT NULL,
  timing smallint NOT NULL,
  risk smallint NOT NULL,
  is_excluded boolean NOT NULL DEFAULT false,
  profile_version integer NOT NULL,
  scored_at timestamptz NOT NULL,
  -- Facts or profile are others by now.
  is_due boolean NOT NULL DEFAULT false,
  CONSTRAINT lead_scores_pkey PRIMARY KEY (client_id, lead_id)
);
CREATE INDEX lead_scores_lead ON lead_scores (lead_id);
CREATE INDEX lead_scores_version ON lead_scores (client_id, profile_version);
CREATE INDEX lead_scores_due ON lead_scores (client_id, lead_id) WHERE is_due;

CREATE FUNCTION lead_scores_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, actor, reason, details)
  SELECT s.now, n.lead_id, n.client_id, 'scored', s.actor, s.reason, jsonb_build_object('to', n.score)
  FROM (SELECT reservoir_now() AS now, reservoir_actor() AS actor,
      coalesce(reservoir_reason(), '') AS reason) AS s CROSS JOIN added n;
  RETURN NULL;
END $$;
CREATE TRIGGER recorded AFTER INSERT ON lead_scores REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION lead_scores_recorded();

CREATE FUNCTION lead_scores_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_ledger (at, lead_id, client_id, kind, reason, details)
  SELECT reservoir_now(), n.lead_id, n.client_id, 'scored', coalesce(reservoir_reason(), ''),
    jsonb_build_object('from', o.score, 'to', n.score)
  FROM became n JOIN was o ON o.client_id = n.client_id AND o.lead_id = n.lead_id
  WHERE n.score <> o.score;
  RETURN NULL;
END $$;
CREATE TRIGGER recorded_change AFTER UPDATE ON lead_scores
REFERENCING OLD TABLE AS was NEW TABLE AS became
FOR EACH STATEMENT EXECUTE FUNCTION lead_scores_changed();

-- A distribution that was worked out, so that it can be looked at before it is carried out, and carried on
-- after an interruption.
CREATE TABLE lead_plans (
  id uuid NOT NULL CONSTRAINT lead_plans_pkey PRIMARY KEY,
  seed bigint NOT NULL,
  state text NOT NULL DEFAULT 'draft'
    CONSTRAINT lead_plans_state_known CHECK (state IN ('draft', 'applying', 'applied')),
  -- Whether each client gets no more than its pace allows today, whenever it is carried out.
  keeps_pace boolean NOT NULL,
  created_at timestamptz NOT NULL,
  applied_at timestamptz,
  CONSTRAINT lead_plans_applied_iff CHECK ((state = 'applied') = (applied_at IS NOT NULL))
);

CREATE TABLE lead_plan_shares (
  plan_id uuid NOT NULL
    CONSTRAINT lead_plan_shares_plan_fkey REFERENCES lead_plans (id) ON DELETE CASCADE,
  client_id uuid NOT NULL CONSTRAINT lead_plan_shares_client_fkey REFERENCES clients (id),
  campaign_id uuid CONSTRAINT lead_plan_shares_campaign_fkey REFERENCES campaigns (id),
  wanted integer NOT NULL,
  planned integer NOT NULL DEFAULT 0,
  assigned integer NOT NULL DEFAULT 0,
  quota_left integer NOT NULL,
  pace_left integer NOT NULL,
  CONSTRAINT lead_plan_shares_pkey PRIMARY KEY (plan_id, client_id),
  CONSTRAINT lead_plan_shares_no_more_than_wanted CHECK (assigned <= wanted)
);

CREATE TABLE lead_plan_entries (
  plan_id uuid NOT NULL
    CONSTRAINT lead_plan_entries_plan_fkey REFERENCES lead_plans (id) ON DELETE CASCADE,
  position integer NOT NULL,
  client_id uuid NOT NULL,
  lead_id uuid NOT NULL,
  score smallint NOT NULL,
  -- Null: to be carried out.
  outcome text,
  CONSTRAINT lead_plan_entries_pkey PRIMARY KEY (plan_id, position),
  CONSTRAINT lead_plan_entries_lead_once UNIQUE (plan_id, lead_id)
);
CREATE INDEX lead_plan_entries_open ON lead_plan_entries (plan_id, position) WHERE outcome IS NULL;

SELECT open_to_clients('client_profiles', 'client_id = (SELECT reservoir_client_id())');
SELECT open_to_clients('lead_scores',
  'client_id = (SELECT reservoir_client_id()) AND lead_id = ANY (ARRAY(SELECT a.lead_id
    FROM lead_assignments a WHERE a.client_id = (SELECT reservoir_client_id())
      AND a.released_at IS NULL))');
SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['lead_matching', 'lead_matching_queue', 'lead_plans', 'lead_plan_shares',
  'lead_plan_entries']) AS relation;
-- A score that a client may not read tells of leads that are not its own.
SELECT open_to_clients('lead_ledger',
  'client_id = (SELECT reservoir_client_id()) AND kind <> ''scored''');

REVOKE EXECUTE ON FUNCTION share_companies() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION hold_companies() FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION company_has_another_client() FROM PUBLIC;
