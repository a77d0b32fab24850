-- What follows from a change of the resource pool, whoever makes it: counts, history, and the telephone
-- numbers that leases are made from.

-- Why something is changed, for the ledger: set by the server.
CREATE FUNCTION reservoir_reason() RETURNS text
LANGUAGE sql STABLE
AS $$ SELECT nullif(current_setting('reservoir.reason', true), '') $$;

-- Everything that ever happened to a resource, with what it was after the change.
CREATE SEQUENCE resource_changes CACHE 1;
CREATE TABLE resource_ledger (
  at timestamptz NOT NULL,
  -- The order of what happened in one instant.
  change bigint NOT NULL DEFAULT nextval('resource_changes'),
  resource_id uuid NOT NULL,
  client_id uuid,
  kind text NOT NULL CONSTRAINT resource_ledger_kind_known CHECK (kind IN
    ('added', 'changed', 'assigned', 'assignment_changed', 'released')),
  actor text NOT NULL,
  reason text,
  state jsonb NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX resource_ledger_resource ON resource_ledger (resource_id, at, change);
CREATE INDEX resource_ledger_client ON resource_ledger (client_id, at, change) WHERE client_id IS NOT NULL;
-- Rows of months that nobody has prepared land here rather than failing.
CREATE TABLE resource_ledger_rest PARTITION OF resource_ledger DEFAULT;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON resource_ledger
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON resource_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON resource_ledger_rest
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- A resource enters the pool unused, keeps its kind and name, and is retired rather than removed.
CREATE FUNCTION resource_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a resource is retired, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'resource_stays';
  END IF;
  IF TG_OP = 'INSERT' THEN
    NEW.current_clients := 0;
    NEW.held_clients := 0;
    IF NEW.status IN ('assigned', 'held') THEN NEW.status := 'available'; END IF;
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.resource_type, NEW.domain_id)
    IS DISTINCT FROM (OLD.id, OLD.resource_type, OLD.domain_id) THEN
    RAISE EXCEPTION 'a resource keeps its id, its type and its domain'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'resource_keeps_its_name';
  END IF;
  IF NEW.max_clients <> OLD.max_clients AND NEW.current_clients > 0 THEN
    RAISE EXCEPTION 'a resource that clients have keeps its number of places'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'resource_keeps_its_places';
  END IF;
  -- These three say how its places are taken, and nothing else.
  IF NEW.status IN ('available', 'assigned', 'held') THEN
    NEW.status := CASE WHEN NEW.current_clients < NEW.max_clients THEN 'available'
      WHEN NEW.held_clients = NEW.current_clients THEN 'held' ELSE 'assigned' END;
  END IF;
  IF NEW.status <> 'quarantined' THEN
    NEW.quarantined_at := NULL;
    NEW.quarantine_reason := NULL;
    NEW.quarantine_evidence := NULL;
  END IF;
  NEW.updated_at := greatest(reservoir_now(), OLD.updated_at);
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OR DELETE ON resource_pool
  FOR EACH ROW EXECUTE FUNCTION resource_guarded();

CREATE FUNCTION resources_recorded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO resource_ledger (at, resource_id, kind, actor, reason, state)
  SELECT updated_at, id, CASE TG_OP WHEN 'INSERT' THEN 'added' ELSE 'changed' END, reservoir_actor(),
    reservoir_reason(), to_jsonb(r)
  FROM after r;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON resource_pool
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION resources_recorded();
CREATE TRIGGER changed AFTER UPDATE ON resource_pool
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION resources_recorded();

CREATE FUNCTION assignment_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an assignment is released, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'assignment_stays';
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT max_clients = 1 INTO NEW.is_exclusive FROM resource_pool WHERE id = NEW.resource_pool_id;
    -- Without a resource the foreign key says so.
    NEW.is_exclusive := coalesce(NEW.is_exclusive, true);
    RETURN NEW;
  END IF;
  IF (NEW.id, NEW.client_id, NEW.resource_pool_id, NEW.assigned_at, NEW.is_exclusive)
    IS DISTINCT FROM (OLD.id, OLD.client_id, OLD.resource_pool_id, OLD.assigned_at, OLD.is_exclusive)
    OR OLD.released_at IS NOT NULL AND NEW.released_at IS DISTINCT FROM OLD.released_at THEN
    RAISE EXCEPTION 'an assignment keeps its client and resource, and its end'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'assignment_keeps_its_parties';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OR DELETE ON client_resources
  FOR EACH ROW EXECUTE FUNCTION assignment_guarded();

-- Counts the unreleased assignments, and writes the history. By index always: within a long import nobody has
-- told the planner how much there is by now, and it would read the whole table for each part.
CREATE FUNCTION assignments_added() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  UPDATE resource_pool r
  SET current_clients = r.current_clients + a.count, held_clients = r.held_clients + a.held
  FROM (
    SELECT resource_pool_id, count(*), count(held_until) AS held
    FROM after WHERE released_at IS NULL GROUP BY 1) AS a
  WHERE r.id = a.resource_pool_id;
  INSERT INTO resource_ledger (at, resource_id, client_id, kind, actor, reason, state)
  SELECT assigned_at, resource_pool_id, client_id, 'assigned', reservoir_actor(), reservoir_reason(),
    to_jsonb(a)
  FROM after a;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON client_resources
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION assignments_added();

CREATE FUNCTION assignments_changed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  UPDATE resource_pool r
  SET current_clients = r.current_clients - a.released, held_clients = r.held_clients + a.held
  FROM (
    SELECT n.resource_pool_id, count(*) FILTER (WHERE n.released_at IS NOT NULL) AS released,
      count(n.held_until) FILTER (WHERE n.released_at IS NULL) - count(o.held_until) AS held
    FROM after n JOIN before o ON o.id = n.id
    WHERE o.released_at IS NULL GROUP BY 1) AS a
  WHERE r.id = a.resource_pool_id AND (a.released > 0 OR a.held <> 0);
  INSERT INTO resource_ledger (at, resource_id, client_id, kind, actor, reason, state)
  SELECT greatest(reservoir_now(), n.released_at), n.resource_pool_id, n.client_id,
    CASE WHEN n.released_at IS NOT NULL AND o.released_at IS NULL THEN 'released'
      ELSE 'assignment_changed' END,
    reservoir_actor(), reservoir_reason(), to_jsonb(n)
  FROM after n JOIN before o ON o.id = n.id
  -- What is counted with each send stands in the ledger of sends.
  WHERE (n.released_at, n.held_until, n.release_due_at)
    IS DISTINCT FROM (o.released_at, o.held_until, o.release_due_at);
  RETURN NULL;
END $$;
CREATE TRIGGER changed AFTER UPDATE ON client_resources
  REFERENCING OLD TABLE AS before NEW TABLE AS after
  FOR EACH STATEMENT EXECUTE FUNCTION assignments_changed();

-- A telephone number is one thing: a resource that a client has, and a number that its leads lease. The pool
-- of numbers says whose it is (assigned_broker_company), the assignment says so too, and these triggers keep
-- the two in step, whichever is changed.

-- Makes the resources of these numbers, and the assignments that follow from their companies.
-- While it does, the assignments are not followed back. By index always, as above.
CREATE FUNCTION mirror_phone_numbers(numbers text[]) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET join_collapse_limit = 1 SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  before text := coalesce(current_setting('reservoir.mirroring', true), '');
BEGIN
  -- Not by a clause SET of the function, which only a superuser may write for a setting of ours.
  PERFORM set_config('reservoir.mirroring', 'on', true);
  INSERT INTO resource_pool (resource_type, resource_value, resource_name, provider, provider_id)
  SELECT 'phone_number', n.number, n.name, 'signalwire', n.vapi_phone_number_id
  FROM signalwire_phone_numbers n WHERE n.vapi_phone_number_id = ANY (numbers)
  ON CONFLICT ON CONSTRAINT resource_pool_value_key DO NOTHING;
  UPDATE client_resources a SET released_at = greatest(reservoir_now(), a.assigned_at)
  WHERE a.id = ANY (ARRAY(
    SELECT owned.id
    FROM unnest(numbers) AS given (id)
    JOIN signalwire_phone_numbers n ON n.vapi_phone_number_id = given.id
    JOIN resource_pool r ON r.resource_value = n.number
    JOIN client_resources owned ON owned.resource_pool_id = r.id AND owned.released_at IS NULL
    LEFT JOIN clients c ON c.company_name = n.assigned_broker_company
    WHERE owned.client_id IS DISTINCT FROM c.id));
  INSERT INTO client_resources (client_id, resource_pool_id)
  SELECT c.id, r.id
  FROM unnest(numbers) AS given (id)
  JOIN signalwire_phone_numbers n ON n.vapi_phone_number_id = given.id
  JOIN clients c ON c.company_name = n.assigned_broker_company
  JOIN resource_pool r ON r.resource_value = n.number
  LEFT JOIN client_resources a ON a.resource_pool_id = r.id AND a.released_at IS NULL
  WHERE a.id IS NULL;
  PERFORM set_config('reservoir.mirroring', before, true);
END $$;

CREATE FUNCTION phone_numbers_entered() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM mirror_phone_numbers((SELECT array_agg(vapi_phone_number_id) FROM added));
  RETURN NULL;
END $$;
CREATE TRIGGER mirrored AFTER INSERT ON signalwire_phone_numbers
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION phone_numbers_entered();

-- A company that got another name has not lost its numbers.
CREATE FUNCTION phone_number_moved() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM mirror_phone_numbers(ARRAY[NEW.vapi_phone_number_id]);
  RETURN NULL;
END $$;
CREATE TRIGGER mirrored_move AFTER UPDATE OF assigned_broker_company ON signalwire_phone_numbers
  FOR EACH ROW WHEN (NEW.assigned_broker_company IS DISTINCT FROM OLD.assigned_broker_company)
  EXECUTE FUNCTION phone_number_moved();

-- The resource of a number that gets other digits, or leaves the pool, is another one: the old one is given
-- back and retired.
CREATE FUNCTION phone_number_left() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE client_resources a SET released_at = greatest(reservoir_now(), a.assigned_at)
  FROM resource_pool r
  WHERE r.resource_value = OLD.number AND a.resource_pool_id = r.id AND a.released_at IS NULL;
  UPDATE resource_pool SET status = 'retired'
  WHERE resource_value = OLD.number AND resource_type = 'phone_number';
  IF TG_OP = 'UPDATE' THEN PERFORM mirror_phone_numbers(ARRAY[NEW.vapi_phone_number_id]); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER mirrored_removal AFTER DELETE ON signalwire_phone_numbers
  FOR EACH ROW EXECUTE FUNCTION phone_number_left();
CREATE TRIGGER mirrored_digits AFTER UPDATE OF number ON signalwire_phone_numbers
  FOR EACH ROW WHEN (NEW.number <> OLD.number) EXECUTE FUNCTION phone_number_left();

-- From the assignment to the pool of numbers. One on hold, or about to be given back, leases to nobody.
CREATE FUNCTION phone_assignments_followed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
BEGIN
  UPDATE signalwire_phone_numbers n
  SET assigned_broker_company = owner.company_name,
    status = CASE WHEN owner.is_held THEN 'inactive'
      WHEN owner.was_held AND n.status = 'inactive' THEN 'active' ELSE n.status END
  FROM (
    SELECT r.resource_value AS number, c.company_name,
      coalesce(a.held_until, a.release_due_at) IS NOT NULL AS is_held,
      bool_or(coalesce(t.held_until, t.release_due_at) IS NOT NULL) AS was_held
    FROM touched t
    JOIN resource_pool r ON r.id = t.resource_pool_id AND r.resource_type = 'phone_number'
    LEFT JOIN client_resources a ON a.resource_pool_id = r.id AND a.released_at IS NULL
    LEFT JOIN clients c ON c.id = a.client_id
    GROUP BY r.resource_value, c.company_name, a.held_until, a.release_due_at) AS owner
  WHERE n.number = owner.number
    AND (n.assigned_broker_company IS DISTINCT FROM owner.company_name
      OR owner.is_held AND n.status = 'active'
      OR NOT owner.is_held AND owner.was_held AND n.status = 'inactive');
  RETURN NULL;
END $$;
CREATE TRIGGER followed AFTER INSERT ON client_resources
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
  WHEN (current_setting('reservoir.mirroring', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION phone_assignments_followed();
CREATE TRIGGER followed_change AFTER UPDATE ON client_resources
  REFERENCING OLD TABLE AS touched FOR EACH STATEMENT
  WHEN (current_setting('reservoir.mirroring', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION phone_assignments_followed();

-- Numbers that were there before.
SELECT mirror_phone_numbers(array_agg(vapi_phone_number_id)) FROM signalwire_phone_numbers;
