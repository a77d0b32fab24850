-- The lead pool: each person once, with all that is known of them; who may work with them; what must not be
-- contacted. Whom a lead is known by is a constraint of the database, whoever writes.

-- Keys of addresses are salted, so that what is left of somebody who was forgotten tells nothing elsewhere.
CREATE TABLE contact_salt (
  is_only boolean NOT NULL DEFAULT true CONSTRAINT contact_salt_pkey PRIMARY KEY
    CONSTRAINT contact_salt_only_one CHECK (is_only),
  salt bytea NOT NULL CONSTRAINT contact_salt_length CHECK (length(salt) >= 32)
);
INSERT INTO contact_salt (salt) SELECT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());

CREATE FUNCTION contact_salt_stays() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'without its salt nobody who was forgotten would be recognised'
    USING ERRCODE = 'restrict_violation', CONSTRAINT = 'contact_salt_stays';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE OR TRUNCATE ON contact_salt
FOR EACH STATEMENT EXECUTE FUNCTION contact_salt_stays();

-- The key of an identity or address: half a salted SHA-256. Kinds: apollo, linkedin, email, phone, domain.
-- The value is normalised by whoever asks. The salt is an argument, so that it is looked up once a statement:
--   SELECT contact_key('email', 'ada@example.com', s.salt) FROM contact_salt s
CREATE FUNCTION contact_key(kind text, value text, salt bytea) RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
  SELECT encode(substring(sha256(salt || convert_to(kind || ':' || value, 'UTF8')) FOR 16), 'hex')::uuid
$$;

-- One row for each person. The columns up to company_spam_score are the fields of `LeadField`.
CREATE TABLE lead_pool (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_pool_pkey PRIMARY KEY,
  apollo_id text,
  first_name text,
  last_name text,
  full_name text,
  photo_url text,
  title text,
  linkedin_headline text,
  seniority text,
  departments text[],
  subdepartments text[],
  functions text[],
  role_started_on date,
  employment_history jsonb,
  email text,
  email_status text,
  email_confidence double precision,
  email_is_catchall boolean,
  email_domain text,
  personal_emails text[],
  phone text,
  phones text[],
  phone_numbers jsonb,
  linkedin_url text,
  linkedin_key text,
  twitter_url text,
  github_url text,
  facebook_url text,
  street_address text,
  city text,
  state text,
  country text,
  postal_code text,
  formatted_address text,
  time_zone text,
  is_likely_to_engage boolean,
  show_intent boolean,
  intent_strength text,
  apollo_crm_contact_id text,
  apollo_crm_company_id text,
  is_revealed boolean,
  apollo_crm_contact jsonb,
  apollo_crm_company jsonb,
  apollo_organization_id text,
  company_apollo_id text,
  company_name text,
  company_domain text,
  company_website_url text,
  company_blog_url text,
  company_linkedin_url text,
  company_linkedin_uid text,
  company_twitter_url text,
  company_facebook_url text,
  company_angellist_url text,
  company_crunchbase_url text,
  company_logo_url text,
  company_founded_year bigint,
  company_traded_symbol text,
  company_traded_exchange text,
  company_market_cap text,
  company_alexa_rank bigint,
  company_languages text[],
  company_language_count bigint,
  company_has_snippets boolean,
  company_has_detail boolean,
  company_phone text,
  company_sanitized_phone text,
  company_primary_phone jsonb,
  company_employees bigint,
  company_growth_six_months double precision,
  company_growth_twelve_months double precision,
  company_growth_twenty_four_months double precision,
  company_department_heads jsonb,
  company_employee_metrics jsonb,
  company_industry text,
  company_industries text[],
  company_secondary_industries text[],
  company_industry_tag_id text,
  company_industry_tags jsonb,
  company_keywords text[],
  company_sic_codes text[],
  company_naics_codes text[],
  company_description text,
  company_seo_description text,
  company_raw_address text,
  company_street_address text,
  company_city text,
  company_state text,
  company_postal_code text,
  company_country text,
  company_retail_location_count bigint,
  company_retail_locations bigint,
  company_revenue double precision,
  company_revenue_printed text,
  company_organization_revenue double precision,
  company_organization_revenue_printed text,
  company_total_funding double precision,
  company_total_funding_printed text,
  company_funding_stage text,
  company_funded_on date,
  company_funding_events jsonb,
  company_technologies text[],
  company_current_technologies jsonb,
  company_owner_id text,
  company_owner jsonb,
  company_owner_chain text[],
  company_ultimate_parent jsonb,
  company_suborganizations jsonb,
  company_suborganization_count bigint,
  company_subsidiary_rollups jsonb,
  company_chart_root_people text[],
  company_chart_sector text,
  company_chart_is_removed boolean,
  company_chart_shows_departments boolean,
  company_crm_id text,
  company_crm jsonb,
  company_show_intent boolean,
  company_has_intent_signal boolean,
  company_intent_signal jsonb,
  company_insights jsonb,
  company_is_hiring boolean,
  company_domain_rank bigint,
  company_organic_traffic bigint,
  company_top_ten_keywords bigint,
  company_spam_score double precision,
  -- Source and time of each group of facts: {"email": {"source": "apollo", "at": "2026-01-31T09:00:00Z"}}.
  provenance jsonb NOT NULL DEFAULT '{}',
  bounced_at timestamptz,
  complained_at timestamptz,
  unsubscribed_at timestamptz,
  -- Set for a lead that turned out to be another one. It keeps no identities.
  merged_into_id uuid CONSTRAINT lead_pool_merged_into_fkey REFERENCES lead_pool (id),
  -- When the person was forgotten: no field has a value any more.
  erased_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT lead_pool_not_merged_into_itself CHECK (merged_into_id <> id),
  CONSTRAINT lead_pool_email_folded CHECK (email = lower(email)),
  CONSTRAINT lead_pool_no_placeholder CHECK (email NOT LIKE 'email\_not\_unlocked@%')
);
CREATE INDEX lead_pool_merged ON lead_pool (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- By what each lead is known, also by what it was known before: a key belongs to one lead, so that a person
-- is one lead however many import it at once. No foreign key, for the speed of imports: `reservoir check`
-- proves that each row has its lead.
CREATE TABLE lead_identities (
  key uuid NOT NULL CONSTRAINT lead_identities_pkey PRIMARY KEY,
  lead_id uuid NOT NULL,
  kind text NOT NULL CONSTRAINT lead_identities_kind_known CHECK (kind IN ('apollo', 'linkedin', 'email'))
);
CREATE INDEX lead_identities_lead ON lead_identities (lead_id);

-- New leads take their identities. A violation of lead_identities_pkey says that somebody else has one.
CREATE FUNCTION lead_pool_added() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_identities (key, lead_id, kind)
  SELECT contact_key(k.kind, k.value, s.salt), n.id, k.kind
  FROM contact_salt s CROSS JOIN added n CROSS JOIN LATERAL (VALUES
    ('apollo', n.apollo_id), ('linkedin', n.linkedin_key), ('email', n.email)) AS k (kind, value)
  WHERE k.value IS NOT NULL AND n.merged_into_id IS NULL
  -- All who import take keys in the same order, so that they wait for each other in a row and not in a ring.
  ORDER BY 1;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON lead_pool REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION lead_pool_added();

-- A lead that comes to be known by something else stays known by what it was known by.
CREATE FUNCTION lead_pool_known_otherwise() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO lead_identities AS i (key, lead_id, kind)
  SELECT contact_key(k.kind, k.value, s.salt), NEW.id, k.kind
  FROM contact_salt s CROSS JOIN LATERAL (VALUES
    ('apollo', NEW.apollo_id), ('linkedin', NEW.linkedin_key), ('email', NEW.email)) AS k (kind, value)
  WHERE k.value IS NOT NULL AND NOT EXISTS (
    SELECT FROM lead_identities o
    WHERE o.key = contact_key(k.kind, k.value, s.salt) AND o.lead_id = NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER known_otherwise AFTER UPDATE ON lead_pool FOR EACH ROW
WHEN (NEW.merged_into_id IS NULL AND (NEW.apollo_id IS DISTINCT FROM OLD.apollo_id
  OR NEW.linkedin_key IS DISTINCT FROM OLD.linkedin_key OR NEW.email IS DISTINCT FROM OLD.email))
EXECUTE FUNCTION lead_pool_known_otherwise();

CREATE FUNCTION lead_pool_deleted() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  DELETE FROM lead_identities WHERE lead_id = OLD.id;
  RETURN OLD;
END $$;
CREATE TRIGGER deleted BEFORE DELETE ON lead_pool FOR EACH ROW EXECUTE FUNCTION lead_pool_deleted();

-- The latest record of each provider, as it came: what nobody has a column for is still there.
CREATE TABLE lead_records (
  lead_id uuid NOT NULL
    CONSTRAINT lead_records_lead_fkey REFERENCES lead_pool (id) ON DELETE CASCADE,
  provider text NOT NULL,
  -- When the provider knew it.
  received_at timestamptz NOT NULL,
  -- When the pool took it: what changed a lead later was not this record.
  taken_at timestamptz NOT NULL DEFAULT reservoir_now(),
  -- Tells whether a record is the same as the one before.
  fingerprint uuid NOT NULL,
  record json COMPRESSION lz4 NOT NULL,
  CONSTRAINT lead_records_pkey PRIMARY KEY (lead_id, provider)
);

-- What providers say that no field is there for.
CREATE TABLE lead_unknown_fields (
  provider text NOT NULL,
  path text NOT NULL,
  seen bigint NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  CONSTRAINT lead_unknown_fields_pkey PRIMARY KEY (provider, path)
);

-- The row of `leads` is the side of a lead that telephones: what it leases. It has the id of its lead in the
-- pool, and is made when the lead gets a client, or earlier. A row that an older platform wrote has none yet.
ALTER TABLE leads ADD COLUMN lead_pool_id uuid
  CONSTRAINT leads_lead_pool_fkey REFERENCES lead_pool (id);
CREATE INDEX leads_lead_pool ON leads (lead_pool_id) WHERE lead_pool_id IS NOT NULL;

-- Whose a lead is (R16): each lead has one assignment that is not released. A converted one never is.
CREATE TABLE lead_assignments (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT lead_assignments_pkey PRIMARY KEY,
  lead_id uuid NOT NULL CONSTRAINT lead_assignments_lead_fkey REFERENCES lead_pool (id),
  client_id uuid NOT NULL CONSTRAINT lead_assignments_client_fkey REFERENCES clients (id),
  campaign_id uuid CONSTRAINT lead_assignments_campaign_fkey REFERENCES campaigns (id),
  status text NOT NULL DEFAULT 'active'
    CONSTRAINT lead_assignments_status_known CHECK (status IN ('active', 'converted', 'released')),
  assigned_at timestamptz NOT NULL DEFAULT reservoir_now(),
  released_at timestamptz,
  release_reason text,
  converted_at timestamptz,
  replied_at timestamptz,
  reply_intent text,
  last_contacted_at timestamptz,
  contacts integer NOT NULL DEFAULT 0,
  CONSTRAINT lead_assignments_released_iff CHECK ((status = 'released') = (released_at IS NOT NULL)),
  CONSTRAINT lead_assignments_converted_iff CHECK ((status = 'converted') = (converted_at IS NOT NULL))
);
CREATE UNIQUE INDEX lead_assignments_one_owner ON lead_assignments (lead_id) WHERE released_at IS NULL;
CREATE INDEX lead_assignments_client ON lead_assignments (client_id, id);

-- A lead that gets a client can lease.
CREATE FUNCTION lead_assignments_added() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO leads (id, lead_pool_id, primary_email, first_name, last_name, created_at)
  SELECT p.id, p.id, p.email, p.first_name, p.last_name, p.created_at
  FROM added a JOIN lead_pool p ON p.id = a.lead_id
  ON CONFLICT ON CONSTRAINT leads_pkey DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON lead_assignments REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION lead_assignments_added();

-- All that happened to leads: owners, scores, merges, events. Nothing personal stands in it: ids, names
-- of fields, reasons.
CREATE TABLE lead_ledger (
  id uuid NOT NULL DEFAULT uuid_v7(),
  at timestamptz NOT NULL DEFAULT reservoir_now(),
  lead_id uuid NOT NULL,
  client_id uuid,
  kind text NOT NULL,
  actor text NOT NULL DEFAULT reservoir_actor(),
  reason text NOT NULL DEFAULT '',
  details jsonb NOT NULL DEFAULT '{}',
  CONSTRAINT lead_ledger_pkey PRIMARY KEY (lead_id, at, id)
) PARTITION BY RANGE (at);
CREATE INDEX lead_ledger_client ON lead_ledger (client_id, at) WHERE client_id IS NOT NULL;
CREATE TABLE lead_ledger_rest PARTITION OF lead_ledger DEFAULT;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON lead_ledger
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON lead_ledger
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON lead_ledger_rest
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- What must not be contacted: by nobody, or not by one client. A row that was lifted stays as history.
CREATE TABLE suppressions (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT suppressions_pkey PRIMARY KEY,
  -- Null: by nobody.
  client_id uuid CONSTRAINT suppressions_client_fkey REFERENCES clients (id),
  kind text NOT NULL
    CONSTRAINT suppressions_kind_known CHECK (kind IN ('email', 'domain', 'phone', 'linkedin', 'apollo')),
  key uuid NOT NULL,
  -- Normalised; null for somebody who was forgotten.
  value text,
  reason text NOT NULL CONSTRAINT suppressions_reason_known
    CHECK (reason IN ('bounce', 'complaint', 'opt_out', 'legal', 'manual', 'erased')),
  -- Where it comes from: a provider, a list, a person.
  source text NOT NULL DEFAULT 'manual',
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  lifted_at timestamptz,
  CONSTRAINT suppressions_erased_iff CHECK ((reason = 'erased') = (value IS NULL))
);
CREATE UNIQUE INDEX suppressions_once ON suppressions
  (key, coalesce(client_id, '00000000-0000-0000-0000-000000000000'), reason) WHERE lifted_at IS NULL;
CREATE INDEX suppressions_listed ON suppressions (client_id, id);

SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['contact_salt', 'lead_identities', 'lead_records', 'lead_unknown_fields', 'suppressions',
  'lead_ledger_rest']) AS relation;
SELECT open_to_clients('lead_assignments', 'client_id = (SELECT reservoir_client_id())');
SELECT open_to_clients('lead_ledger', 'client_id = (SELECT reservoir_client_id())');
SELECT open_to_clients('lead_pool',
  'id = ANY (ARRAY(SELECT a.lead_id FROM lead_assignments a
    WHERE a.client_id = (SELECT reservoir_client_id()) AND a.released_at IS NULL))');
