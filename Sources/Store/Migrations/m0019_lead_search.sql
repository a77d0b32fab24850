-- Search of the lead pool, templates of content, and the pool's figures.

-- Text without case and accents, as search and filters compare it. Most text is ASCII and done at once.
CREATE FUNCTION search_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT CASE WHEN octet_length(value) = char_length(value) THEN lower(value)
    ELSE regexp_replace(normalize(replace(replace(replace(replace(replace(replace(
      lower(value), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'ø', 'o'), 'ł', 'l'), 'đ', 'd'), NFKD),
      '[\u0300-\u036f]', '', 'g') END
$$;

CREATE FUNCTION search_fold(items text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT string_to_array(search_fold(array_to_string(items, E'\x1f')), E'\x1f')
$$;

-- The words of a text, separated by U+001F. What is not here belongs to a word.
CREATE FUNCTION search_words(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT translate(value, E' ,.-/&()|''@:_+"\t\n\u00a0\u2019', repeat(E'\x1f', 19))
$$;

-- What is separated by U+001F as lexemes, none too long for an index.
CREATE FUNCTION search_lexemes(listed text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
AS $$
DECLARE
  lexemes text[] := array_remove(string_to_array(search_fold(listed), E'\x1f'), '');
BEGIN
  IF octet_length(listed) > 400 AND (SELECT max(octet_length(l)) > 400 FROM unnest(lexemes) AS l) THEN
    lexemes := ARRAY(SELECT left(l, 100) FROM unnest(lexemes) AS l);
  END IF;
  RETURN array_to_tsvector(lexemes);
END $$;

-- By what a lead is found: words of names, title, headline and company; and terms of what is often filtered
-- by: U+001E, so that no word begins one, a letter for the kind, a colon, the value.
-- `Store/LeadSearch/LeadTerm.swift` has the same letters.
CREATE FUNCTION lead_search(
  first_name text, last_name text, title text, headline text, company_name text, seniority text,
  departments text[], city text, state text, country text, email_domain text, company_domain text,
  company_industry text, company_industries text[], company_country text, technologies text[]
) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 500
AS $$
  SELECT search_lexemes(concat_ws(E'\x1f\x1e',
    search_words(concat_ws(' ', left(first_name, 200), left(last_name, 200), left(title, 400),
      left(headline, 400), left(company_name, 400))),
    's:' || seniority, 'p:' || array_to_string(departments, E'\x1f\x1ep:'),
    'l:' || city, 'l:' || state, 'l:' || country, 'd:' || email_domain, 'd:' || company_domain,
    'i:' || company_industry, 'i:' || array_to_string(company_industries, E'\x1f\x1ei:'),
    'o:' || company_country, 't:' || array_to_string(technologies, E'\x1f\x1et:')))
$$;

-- A query for terms of one kind: any of them, or all.
CREATE FUNCTION search_query(kind text, items text[], wants_all boolean) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT string_agg(
    '''' || replace(replace(E'\x1e' || kind || search_fold(item), '\', '\\'), '''', '''''') || '''',
    CASE WHEN wants_all THEN ' & ' ELSE ' | ' END)::tsquery
  FROM unnest(items) AS item
$$;

-- A query for all words of a text; of the last one the beginning is enough. Null when it has no word.
CREATE FUNCTION search_query(value text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''''
    || CASE WHEN place = count THEN ':*' ELSE '' END, ' & ')::tsquery
  FROM (
    SELECT left(word, 100) AS word, place, max(place) OVER () AS count
    FROM unnest(string_to_array(search_fold(search_words(value)), E'\x1f')) WITH ORDINALITY AS w (word, place)
    -- Signs alone are no words.
    WHERE word ~ '[^\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]') AS words
$$;

-- The same words as text, U+001F before and after each, for looking into one lead after the other.
CREATE FUNCTION lead_words(
  first_name text, last_name text, title text, headline text, company_name text
) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 150
AS $$
DECLARE
  listed text := search_words(concat_ws(' ', left(first_name, 200), left(last_name, 200), left(title, 400),
    left(headline, 400), left(company_name, 400)));
BEGIN
  RETURN E'\x1f' || search_fold(listed) || E'\x1f';
END $$;

-- What `lead_words` is LIKE, all of it, for a lead that search_query(value) finds.
CREATE FUNCTION search_patterns(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
  SELECT array_agg(E'%\x1f' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_')
    || CASE WHEN place = count THEN '%' ELSE E'\x1f%' END)
  FROM (
    SELECT left(word, 100) AS word, place, max(place) OVER () AS count
    FROM unnest(string_to_array(search_fold(search_words(value)), E'\x1f')) WITH ORDINALITY AS w (word, place)
    WHERE word ~ '[^\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]') AS words
$$;

-- New leads wait in the index's list and are sorted in by the thousand: an import pays for it once.
CREATE INDEX lead_pool_search ON lead_pool USING gin (lead_search(first_name, last_name, title,
  linkedin_headline, company_name, seniority, departments, city, state, country, email_domain,
  company_domain, company_industry, company_industries, company_country, company_technologies))
WITH (gin_pending_list_limit = 16384);

-- A client's leads in the order of leads.
CREATE INDEX lead_assignments_owned ON lead_assignments (client_id, lead_id) WHERE released_at IS NULL;

-- Leads that an older platform wrote, and nobody has brought into the pool yet.
CREATE INDEX leads_not_in_pool ON leads (id) WHERE lead_pool_id IS NULL;

-- What is written to leads. A template of the platform has no client.
CREATE TABLE templates (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT templates_pkey PRIMARY KEY,
  client_id uuid CONSTRAINT templates_client_fkey REFERENCES clients (id),
  name text NOT NULL CONSTRAINT templates_name_length CHECK (length(name) BETWEEN 1 AND 200),
  channel text NOT NULL CONSTRAINT templates_channel_known
    CHECK (channel IN ('email', 'linkedin', 'voice', 'sms')),
  -- The latest of its versions.
  version integer NOT NULL DEFAULT 1 CONSTRAINT templates_version_counts CHECK (version >= 1),
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT templates_client_and_name_key UNIQUE NULLS NOT DISTINCT (client_id, name)
);
CREATE INDEX templates_client ON templates (client_id, id);

-- Each text that a template had: a version that was sent stays what it was.
CREATE TABLE template_versions (
  template_id uuid NOT NULL CONSTRAINT template_versions_template_fkey REFERENCES templates (id),
  version integer NOT NULL,
  -- Of emails only.
  subject text,
  body text NOT NULL,
  format text NOT NULL CONSTRAINT template_versions_format_known CHECK (format IN ('text', 'html')),
  -- Names of values that the sender gives.
  variables text[] NOT NULL DEFAULT '{}',
  actor text NOT NULL DEFAULT reservoir_actor(),
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT template_versions_pkey PRIMARY KEY (template_id, version)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON template_versions
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON template_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- The pool as it was on a day (UTC), looked at once more each hour until the day is over: of all leads, of
-- each client's, of each source's.
CREATE TABLE lead_daily_figures (
  day date NOT NULL,
  scope text NOT NULL CONSTRAINT lead_daily_figures_scope_known CHECK (scope IN ('pool', 'client', 'source')),
  -- The client's id or the source's name; nothing of the pool.
  subject text NOT NULL DEFAULT '',
  -- At the end of the day, or when it was looked at.
  leads bigint NOT NULL DEFAULT 0,
  contactable bigint NOT NULL DEFAULT 0,
  assigned bigint NOT NULL DEFAULT 0,
  contacted bigint NOT NULL DEFAULT 0,
  bounced bigint NOT NULL DEFAULT 0,
  replied bigint NOT NULL DEFAULT 0,
  converted bigint NOT NULL DEFAULT 0,
  -- During the day.
  added bigint NOT NULL DEFAULT 0,
  claimed bigint NOT NULL DEFAULT 0,
  released bigint NOT NULL DEFAULT 0,
  at timestamptz NOT NULL,
  CONSTRAINT lead_daily_figures_pkey PRIMARY KEY (day, scope, subject)
);

-- How many leads have a value of each field, the last time that somebody looked.
CREATE TABLE lead_field_figures (
  field text NOT NULL CONSTRAINT lead_field_figures_pkey PRIMARY KEY,
  leads bigint NOT NULL,
  known bigint NOT NULL,
  -- From the planner's statistics, not counted.
  is_estimate boolean NOT NULL,
  at timestamptz NOT NULL
);

SELECT open_to_clients('templates', 'client_id = (SELECT reservoir_client_id())');
SELECT open_to_clients('template_versions',
  'template_id = ANY (ARRAY(SELECT t.id FROM templates t
    WHERE t.client_id = (SELECT reservoir_client_id())))');
SELECT close_to_clients(relation::regclass)
FROM unnest(ARRAY['lead_daily_figures', 'lead_field_figures']) AS relation;
