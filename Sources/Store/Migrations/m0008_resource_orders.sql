-- Supply: what may be spent on resources, what was ordered, and warnings about the buffer (R10).

-- One row: what may be spent in a calendar month of the platform's zone. Whoever makes an order locks it
-- first, so that two servers never order for the same shortage or spend the same money.
CREATE TABLE purchase_budget (
  one boolean NOT NULL DEFAULT true CONSTRAINT purchase_budget_pkey PRIMARY KEY
    CONSTRAINT purchase_budget_is_one CHECK (one),
  -- Null: no limit.
  monthly_cents bigint CONSTRAINT purchase_budget_monthly_range CHECK (monthly_cents >= 0),
  -- An order that costs more waits for an operator. Null: none does.
  approval_above_cents bigint CONSTRAINT purchase_budget_approval_range CHECK (approval_above_cents >= 0),
  time_zone text NOT NULL DEFAULT 'UTC',
  updated_at timestamptz NOT NULL DEFAULT reservoir_now()
);
-- Nothing is bought until somebody says how much may be spent.
INSERT INTO purchase_budget (monthly_cents, approval_above_cents) VALUES (0, 0);

-- How resources of a type are bought.
CREATE TABLE purchase_settings (
  resource_type text NOT NULL CONSTRAINT purchase_settings_pkey PRIMARY KEY
    CONSTRAINT purchase_settings_type_known
      CHECK (resource_type IN ('email_domain', 'mailbox', 'phone_number', 'linkedin_seat')),
  provider text NOT NULL DEFAULT 'manual',
  -- What one is expected to cost, and the most that is paid for one.
  unit_price_cents integer NOT NULL DEFAULT 0
    CONSTRAINT purchase_settings_price_range CHECK (unit_price_cents >= 0),
  -- Whether a shortage of the buffer is ordered without being asked.
  auto_order boolean NOT NULL DEFAULT false,
  -- What names of domains are made from.
  name_stems text[] NOT NULL DEFAULT '{}',
  name_words text[] NOT NULL DEFAULT '{}',
  name_endings text[] NOT NULL DEFAULT '{}',
  -- What the last look would have ordered and the budget did not allow.
  beyond_budget integer NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT reservoir_now()
);
INSERT INTO purchase_settings (resource_type)
VALUES ('email_domain'), ('mailbox'), ('phone_number'), ('linkedin_seat');

CREATE TABLE resource_orders (
  id uuid NOT NULL CONSTRAINT resource_orders_pkey PRIMARY KEY,
  resource_type text NOT NULL CONSTRAINT resource_orders_type_fkey
    REFERENCES purchase_settings (resource_type),
  -- Becomes less when a part of it is not to be had.
  quantity integer NOT NULL CONSTRAINT resource_orders_quantity_range CHECK (quantity BETWEEN 1 AND 10000),
  -- Those that are in the pool.
  delivered integer NOT NULL DEFAULT 0,
  unit_price_cents integer NOT NULL
    CONSTRAINT resource_orders_price_range CHECK (unit_price_cents >= 0),
  provider text NOT NULL,
  status text NOT NULL CONSTRAINT resource_orders_status_known CHECK (status IN
    ('requested', 'approved', 'placed', 'arriving', 'warming', 'available', 'failed')),
  -- When it got this status.
  since timestamptz NOT NULL,
  -- Made by the look at the buffer.
  is_automatic boolean NOT NULL,
  reason text NOT NULL,
  requested_at timestamptz NOT NULL,
  requested_by text NOT NULL,
  approved_at timestamptz,
  approved_by text,
  placed_at timestamptz,
  -- The provider's own name of it, as an operator wrote it down.
  provider_reference text,
  -- Rises each time that a server works on it: what an older one found out late is dropped.
  term bigint NOT NULL DEFAULT 0,
  -- Failed tries since the last good one.
  failures integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz,
  last_error text,
  closed_at timestamptz,
  CONSTRAINT resource_orders_delivered_range CHECK (delivered BETWEEN 0 AND quantity),
  CONSTRAINT resource_orders_closed_at_the_end CHECK (
    (closed_at IS NOT NULL) = (status IN ('available', 'failed')))
);
CREATE INDEX resource_orders_open ON resource_orders (resource_type, id) WHERE closed_at IS NULL;
CREATE INDEX resource_orders_due ON resource_orders (next_attempt_at) WHERE closed_at IS NULL;
CREATE INDEX resource_orders_placed ON resource_orders (placed_at) WHERE placed_at IS NOT NULL;
CREATE INDEX resource_orders_closed ON resource_orders (resource_type, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX resource_orders_listed ON resource_orders (status, id);

-- What an order buys, by name: for a domain, its name, written before the provider is asked to sell it.
CREATE TABLE resource_order_values (
  order_id uuid NOT NULL CONSTRAINT resource_order_values_order_fkey REFERENCES resource_orders (id),
  value text NOT NULL,
  state text NOT NULL CONSTRAINT resource_order_values_state_known CHECK (state IN
    -- to be bought; asked for, and no answer yet; the provider has it; in the pool; not to be had
    ('chosen', 'sent', 'bought', 'delivered', 'dropped')),
  quoted_cents integer,
  -- When the provider was last asked to sell it.
  sent_at timestamptz,
  provider_id text,
  resource_id uuid CONSTRAINT resource_order_values_resource_fkey REFERENCES resource_pool (id),
  changed_at timestamptz NOT NULL,
  CONSTRAINT resource_order_values_pkey PRIMARY KEY (order_id, value),
  CONSTRAINT delivered_value_is_a_resource CHECK ((state = 'delivered') = (resource_id IS NOT NULL))
);
-- Nothing is bought twice.
CREATE UNIQUE INDEX one_order_per_value ON resource_order_values (value) WHERE state <> 'dropped';
CREATE UNIQUE INDEX one_order_per_resource ON resource_order_values (resource_id)
  WHERE resource_id IS NOT NULL;

-- Everything that ever happened to an order, with what it was after the change.
CREATE SEQUENCE resource_order_changes CACHE 1;
CREATE TABLE resource_order_ledger (
  order_id uuid NOT NULL,
  at timestamptz NOT NULL,
  change bigint NOT NULL DEFAULT nextval('resource_order_changes'),
  status text NOT NULL,
  actor text NOT NULL,
  reason text,
  state jsonb NOT NULL,
  CONSTRAINT resource_order_ledger_pkey PRIMARY KEY (order_id, change)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON resource_order_ledger
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON resource_order_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

CREATE FUNCTION resource_order_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an order ends, and is not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_stays';
  END IF;
  IF (NEW.id, NEW.resource_type, NEW.requested_at, NEW.requested_by)
    IS DISTINCT FROM (OLD.id, OLD.resource_type, OLD.requested_at, OLD.requested_by)
    OR OLD.closed_at IS NOT NULL AND NEW.status <> OLD.status THEN
    RAISE EXCEPTION 'an order keeps what it is for, and its end'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_keeps_its_end';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE UPDATE OR DELETE ON resource_orders
  FOR EACH ROW EXECUTE FUNCTION resource_order_guarded();

-- Which server works on it, and when the next one may, is no history.
CREATE FUNCTION resource_order_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (NEW.status, NEW.quantity, NEW.delivered, NEW.unit_price_cents, NEW.provider,
      NEW.provider_reference, NEW.failures, NEW.last_error)
    IS NOT DISTINCT FROM (OLD.status, OLD.quantity, OLD.delivered, OLD.unit_price_cents, OLD.provider,
      OLD.provider_reference, OLD.failures, OLD.last_error) THEN
    RETURN NULL;
  END IF;
  INSERT INTO resource_order_ledger (order_id, at, status, actor, reason, state)
  VALUES (NEW.id, reservoir_now(), NEW.status, reservoir_actor(), reservoir_reason(), to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TRIGGER recorded AFTER INSERT OR UPDATE ON resource_orders
  FOR EACH ROW EXECUTE FUNCTION resource_order_recorded();

-- The same for each name: what was asked for and when, whatever became of it.
CREATE FUNCTION resource_order_value_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'what an order asked for is dropped, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'order_value_stays';
  END IF;
  INSERT INTO resource_order_ledger (order_id, at, status, actor, reason, state)
  VALUES (NEW.order_id, reservoir_now(), 'value_' || NEW.state, reservoir_actor(), reservoir_reason(),
    to_jsonb(NEW));
  RETURN NULL;
END $$;
CREATE TRIGGER recorded AFTER INSERT OR UPDATE OR DELETE ON resource_order_values
  FOR EACH ROW EXECUTE FUNCTION resource_order_value_recorded();

-- A warning that fewer than 40 % (low) or 20 % (critical) of what is assigned lies ready.
CREATE TABLE buffer_alerts (
  id uuid NOT NULL CONSTRAINT buffer_alerts_pkey PRIMARY KEY,
  resource_type text NOT NULL CONSTRAINT buffer_alerts_type_fkey
    REFERENCES purchase_settings (resource_type),
  level text NOT NULL CONSTRAINT buffer_alerts_level_known CHECK (level IN ('low', 'critical')),
  -- As it was when the alert was raised.
  assigned integer NOT NULL,
  available integer NOT NULL,
  required integer NOT NULL,
  raised_at timestamptz NOT NULL,
  cleared_at timestamptz
);
CREATE UNIQUE INDEX one_open_buffer_alert_per_type ON buffer_alerts (resource_type) WHERE cleared_at IS NULL;
