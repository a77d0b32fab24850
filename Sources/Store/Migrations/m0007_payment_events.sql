-- What the payment provider told us, and whom it is about.

-- A webhook's events as they came: stored before anything is done about them, and kept. The payload holds
-- personal data (names and addresses of those who pay).
CREATE TABLE payment_events (
  -- The provider's: one event is stored once, however often it is delivered.
  id text NOT NULL CONSTRAINT payment_events_pkey PRIMARY KEY
    CONSTRAINT payment_events_id_plain CHECK (id ~ '^[!-~]{1,255}$'),
  type text NOT NULL,
  -- The provider's ids of what it is about.
  object_id text,
  payer_id text,
  subscription_id text,
  occurred_at timestamptz NOT NULL,
  is_live boolean NOT NULL,
  payload bytea NOT NULL,
  received_at timestamptz NOT NULL,

  state text NOT NULL CONSTRAINT payment_events_state_known
    CHECK (state IN ('received', 'processed', 'ignored', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CONSTRAINT payment_events_attempts_range CHECK (attempts >= 0),
  -- Null: not by itself.
  next_attempt_at timestamptz,
  processed_at timestamptz,
  client_id uuid CONSTRAINT payment_events_client_fkey REFERENCES clients (id),
  -- What was done, or why nothing was.
  outcome text,
  failure text CONSTRAINT payment_events_failure_known
    CHECK (failure IN ('unknown_client', 'unknown_price', 'unreadable', 'fault')),
  error text,
  CONSTRAINT payment_events_failed_with_a_reason CHECK (state <> 'failed' OR failure IS NOT NULL),
  CONSTRAINT payment_events_done_at_a_time CHECK (
    state NOT IN ('processed', 'ignored') OR (processed_at IS NOT NULL AND next_attempt_at IS NULL)),

  -- What it says about one contract of the client; null: nothing. By it a late event finds its place.
  contract text,
  assertion text CONSTRAINT payment_events_assertion_known
    CHECK (assertion IN ('priced', 'paid', 'active', 'stopped', 'ended')),
  asserted_tier text CONSTRAINT payment_events_tier_fkey REFERENCES pricing_tiers (name),
  asserted_from timestamptz,
  CONSTRAINT payment_events_assertion_is_of_a_client CHECK (
    assertion IS NULL OR (client_id IS NOT NULL AND contract IS NOT NULL AND state = 'processed'))
);
CREATE INDEX payment_events_listed ON payment_events (received_at DESC, id DESC);
CREATE INDEX payment_events_by_state ON payment_events (state, received_at DESC, id DESC);
CREATE INDEX payment_events_of_client ON payment_events (client_id, received_at DESC, id DESC)
  WHERE client_id IS NOT NULL;
CREATE INDEX payment_events_said_of_client ON payment_events (client_id, occurred_at)
  WHERE assertion IS NOT NULL;
CREATE INDEX payment_events_due ON payment_events (next_attempt_at)
  WHERE state IN ('received', 'failed') AND next_attempt_at IS NOT NULL;
CREATE INDEX payment_events_waiting ON payment_events (failure, occurred_at) WHERE state = 'failed';

-- Which client the provider's payer or subscription is.
CREATE TABLE payment_links (
  kind text NOT NULL CONSTRAINT payment_links_kind_known CHECK (kind IN ('payer', 'subscription')),
  reference text NOT NULL CONSTRAINT payment_links_reference_plain CHECK (reference ~ '^[!-~]{1,255}$'),
  client_id uuid NOT NULL CONSTRAINT payment_links_client_fkey REFERENCES clients (id),
  -- A payer that pays for several clients tells none of them.
  is_shared boolean NOT NULL DEFAULT false,
  -- An operator's word counts for every subscription of the payer; what events told, only for their own.
  is_by_hand boolean NOT NULL DEFAULT false,
  actor text NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT payment_links_pkey PRIMARY KEY (kind, reference),
  CONSTRAINT payment_links_only_payers_are_shared CHECK (kind = 'payer' OR NOT is_shared)
);
CREATE INDEX payment_links_of_client ON payment_links (client_id);

-- Which tier a price at the provider is for, by its id or its lookup key.
CREATE TABLE tier_prices (
  price text NOT NULL CONSTRAINT tier_prices_pkey PRIMARY KEY
    CONSTRAINT tier_prices_price_plain CHECK (price ~ '^[!-~]{1,255}$'),
  tier text NOT NULL CONSTRAINT tier_prices_tier_fkey REFERENCES pricing_tiers (name),
  created_at timestamptz NOT NULL
);
CREATE INDEX tier_prices_of_tier ON tier_prices (tier, price);
