-- The resource pool: what the platform owns, who has it, and what each client pays for. Names and meanings of
-- columns are those of the resource-pool document.

-- What a client can pay for (R1). Tiers are rows: an operator may add one.
CREATE TABLE pricing_tiers (
  name text NOT NULL CONSTRAINT pricing_tiers_pkey PRIMARY KEY
    CONSTRAINT pricing_tiers_name_plain CHECK (name ~ '^[a-z0-9_-]{1,50}$'),
  price_cents integer NOT NULL CONSTRAINT pricing_tiers_price_range CHECK (price_cents >= 0),
  -- Leads of a billing month.
  lead_quota integer NOT NULL CONSTRAINT pricing_tiers_lead_quota_range CHECK (lead_quota >= 0),
  email_domains integer NOT NULL,
  mailboxes integer NOT NULL,
  phone_numbers integer NOT NULL,
  linkedin_seats integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT pricing_tiers_counts_range CHECK (
    least(email_domains, mailboxes, phone_numbers, linkedin_seats) >= 0
    AND greatest(email_domains, mailboxes, phone_numbers, linkedin_seats) <= 10000)
);
INSERT INTO pricing_tiers
  (name, price_cents, lead_quota, email_domains, mailboxes, phone_numbers, linkedin_seats)
VALUES
  ('ignition', 250000, 1250, 3, 6, 1, 4),
  ('velocity', 500000, 2250, 5, 10, 2, 7),
  ('dominance', 750000, 4500, 9, 18, 3, 14);

ALTER TABLE clients
  ADD COLUMN warmup_policy text NOT NULL DEFAULT 'strict'
    CONSTRAINT clients_warmup_policy_known CHECK (warmup_policy IN ('strict', 'ramp'));

CREATE TABLE resource_pool (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT resource_pool_pkey PRIMARY KEY,
  resource_type text NOT NULL CONSTRAINT resource_pool_type_known
    CHECK (resource_type IN ('email_domain', 'mailbox', 'phone_number', 'linkedin_seat')),
  resource_value text NOT NULL CONSTRAINT resource_pool_value_key UNIQUE
    CONSTRAINT resource_pool_value_not_blank CHECK (resource_value = btrim(resource_value)
      AND resource_value <> ''),
  resource_name text,
  -- A mailbox belongs to a domain.
  domain_id uuid CONSTRAINT resource_pool_domain_fkey REFERENCES resource_pool (id),

  -- How many clients may share it, how many have it now, and how many of those are on hold: triggers count
  -- the unreleased assignments.
  max_clients integer NOT NULL DEFAULT 1 CONSTRAINT resource_pool_max_clients_range CHECK (max_clients >= 1),
  current_clients integer NOT NULL DEFAULT 0,
  held_clients integer NOT NULL DEFAULT 0,
  CONSTRAINT resource_has_room CHECK (
    current_clients BETWEEN 0 AND max_clients AND held_clients BETWEEN 0 AND current_clients),

  -- `assigned` is full, `held` is full of clients that left; one in quarantine is out of use whoever has it.
  status text NOT NULL DEFAULT 'available' CONSTRAINT resource_pool_status_known
    CHECK (status IN ('available', 'assigned', 'warming', 'retired', 'held', 'quarantined')),
  created_at timestamptz NOT NULL DEFAULT reservoir_now(),
  warmup_started_at timestamptz,
  warmup_completed_at timestamptz,
  reputation_score integer NOT NULL DEFAULT 0
    CONSTRAINT resource_pool_reputation_range CHECK (reputation_score BETWEEN 0 AND 100),

  -- Of the rolling 30 days.
  sent_count integer NOT NULL DEFAULT 0,
  bounce_count integer NOT NULL DEFAULT 0,
  complaint_count integer NOT NULL DEFAULT 0,
  CONSTRAINT resource_pool_counts_range CHECK (least(sent_count, bounce_count, complaint_count) >= 0),
  quarantined_at timestamptz,
  quarantine_reason text,
  quarantine_evidence text,
  CONSTRAINT quarantine_has_a_reason CHECK (
    (status = 'quarantined') = (quarantined_at IS NOT NULL AND quarantine_reason IS NOT NULL)),
  spf_state text NOT NULL DEFAULT 'unknown',
  dkim_state text NOT NULL DEFAULT 'unknown',
  dmarc_state text NOT NULL DEFAULT 'unknown',
  CONSTRAINT resource_pool_dns_states_known CHECK (
    ARRAY[spf_state, dkim_state, dmarc_state] <@ ARRAY['unknown', 'pass', 'fail']),

  provider text,
  provider_id text,
  -- Its daily limit counts in this zone's days (R12); null: its client's.
  time_zone text,
  updated_at timestamptz NOT NULL DEFAULT reservoir_now(),
  CONSTRAINT mailbox_has_a_domain CHECK ((resource_type = 'mailbox') = (domain_id IS NOT NULL))
);
CREATE INDEX idx_resource_pool_type_status ON resource_pool (resource_type, status);
-- Selection walks this index: warmed first, then reputation, load, age, id (R5).
CREATE INDEX idx_resource_pool_available ON resource_pool
  (resource_type, (warmup_completed_at IS NULL), reputation_score DESC, current_clients, created_at, id)
  WHERE status = 'available' AND current_clients < max_clients;
CREATE INDEX resource_pool_listed ON resource_pool (resource_type, id);
CREATE INDEX resource_pool_domain ON resource_pool (domain_id) WHERE domain_id IS NOT NULL;

-- An assignment: a client's long exclusive right (R4).
CREATE TABLE client_resources (
  id uuid NOT NULL DEFAULT uuid_v7() CONSTRAINT client_resources_pkey PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT client_resources_client_fkey REFERENCES clients (id),
  resource_pool_id uuid NOT NULL CONSTRAINT client_resources_resource_fkey REFERENCES resource_pool (id),
  assigned_at timestamptz NOT NULL DEFAULT reservoir_now(),
  released_at timestamptz,
  -- After churn: not usable, and nobody else's until then (R7).
  held_until timestamptz,
  -- Given up already, but a lead leases it until then.
  release_due_at timestamptz,
  -- Whether the resource is for one client at a time; set from it.
  is_exclusive boolean NOT NULL DEFAULT true,
  total_sends integer NOT NULL DEFAULT 0,
  last_used_at timestamptz,
  CONSTRAINT client_resources_released_after CHECK (released_at >= assigned_at)
);
CREATE UNIQUE INDEX unique_client_resource ON client_resources (client_id, resource_pool_id)
  WHERE released_at IS NULL;
CREATE UNIQUE INDEX one_client_per_exclusive_resource ON client_resources (resource_pool_id)
  WHERE released_at IS NULL AND is_exclusive;
CREATE INDEX client_resources_resource ON client_resources (resource_pool_id, assigned_at);
CREATE INDEX client_resources_due ON client_resources (release_due_at)
  WHERE released_at IS NULL AND release_due_at IS NOT NULL;

-- What a client pays for, since when, and what is to change. The row of a client that left stays.
CREATE TABLE subscriptions (
  client_id uuid NOT NULL CONSTRAINT subscriptions_pkey PRIMARY KEY
    CONSTRAINT subscriptions_client_fkey REFERENCES clients (id),
  tier text NOT NULL CONSTRAINT subscriptions_tier_fkey REFERENCES pricing_tiers (name),
  state text NOT NULL CONSTRAINT subscriptions_state_known CHECK (state IN ('active', 'on_hold', 'ended')),
  -- The day of signing up, in the client's zone: billing months are counted from it (R9).
  signed_up_on date NOT NULL,
  next_tier text CONSTRAINT subscriptions_next_tier_fkey REFERENCES pricing_tiers (name),
  next_tier_at timestamptz,
  held_until timestamptz,
  updated_at timestamptz NOT NULL,
  CONSTRAINT next_tier_has_a_time CHECK ((next_tier IS NULL) = (next_tier_at IS NULL)),
  CONSTRAINT hold_has_an_end CHECK ((state = 'on_hold') = (held_until IS NOT NULL))
);
CREATE INDEX subscriptions_due ON subscriptions (least(next_tier_at, held_until))
  WHERE next_tier_at IS NOT NULL OR held_until IS NOT NULL;

-- What was paid for and could not be given yet (R6): filled, oldest first, as supply arrives.
CREATE TABLE backorders (
  id uuid NOT NULL CONSTRAINT backorders_pkey PRIMARY KEY,
  client_id uuid NOT NULL CONSTRAINT backorders_client_fkey REFERENCES clients (id),
  resource_type text NOT NULL,
  wanted integer NOT NULL CONSTRAINT backorders_wanted_range CHECK (wanted > 0),
  filled integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL,
  closed_at timestamptz,
  CONSTRAINT backorders_filled_range CHECK (filled BETWEEN 0 AND wanted),
  CONSTRAINT backorders_open_until_filled CHECK (closed_at IS NOT NULL OR filled < wanted)
);
CREATE INDEX backorders_open ON backorders (resource_type, created_at, id) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX one_open_backorder_per_client_and_type ON backorders (client_id, resource_type)
  WHERE closed_at IS NULL;
