-- A resource whose places are counted anew has not changed otherwise: the assignment's own row in the ledger
-- tells it, and no second one about the resource. While it is counted, `reservoir.counting` is `on`, and
-- nothing else is to be guarded.

-- What a resource in use is called: these three say how its places are taken, and nothing else.
CREATE FUNCTION resting_status(status text, current_clients integer, held_clients integer,
  max_clients integer) RETURNS text
LANGUAGE sql IMMUTABLE
AS $$
  SELECT CASE WHEN status NOT IN ('available', 'assigned', 'held') THEN status
    WHEN current_clients < max_clients THEN 'available'
    WHEN held_clients = current_clients THEN 'held' ELSE 'assigned' END
$$;

CREATE OR REPLACE FUNCTION assignments_added() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
  IF current_setting('reservoir.mirroring', true) IS DISTINCT FROM 'entering' THEN
    PERFORM set_config('reservoir.counting', 'on', true);
    UPDATE resource_pool r
    SET current_clients = r.current_clients + a.count, held_clients = r.held_clients + a.held,
      status = resting_status(r.status, r.current_clients + a.count::integer,
        r.held_clients + a.held::integer, r.max_clients),
      updated_at = greatest(reservoir_now(), r.updated_at)
    FROM (
      SELECT resource_pool_id, count(*), count(held_until) AS held
      FROM after WHERE released_at IS NULL GROUP BY 1) AS a
    WHERE r.id = a.resource_pool_id;
    PERFORM set_config('reservoir.counting', '', true);
  END IF;
  INSERT INTO resource_ledger (at, resource_id, client_id, kind, actor, reason, state)
  SELECT assigned_at, resource_pool_id, client_id, 'assigned', reservoir_actor(), reservoir_reason(),
    to_jsonb(a)
  FROM after a;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION assignments_changed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
BEGIN
  PERFORM set_config('reservoir.counting', 'on', true);
  UPDATE resource_pool r
  SET current_clients = r.current_clients - a.released, held_clients = r.held_clients + a.held,
    status = resting_status(r.status, r.current_clients - a.released::integer,
      r.held_clients + a.held::integer, r.max_clients),
    updated_at = greatest(reservoir_now(), r.updated_at)
  FROM (
    SELECT n.resource_pool_id, count(*) FILTER (WHERE n.released_at IS NOT NULL) AS released,
      count(n.held_until) FILTER (WHERE n.released_at IS NULL) - count(o.held_until) AS held
    FROM after n JOIN before o ON o.id = n.id
    WHERE o.released_at IS NULL GROUP BY 1) AS a
  WHERE r.id = a.resource_pool_id AND (a.released > 0 OR a.held <> 0);
  PERFORM set_config('reservoir.counting', '', true);
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

-- A resource enters unused; only while numbers are made resources, when `reservoir.mirroring` is `entering`,
-- it enters with its client counted already, and the assignment that follows counts nothing.
CREATE OR REPLACE FUNCTION resource_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'a resource is retired, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'resource_stays';
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF current_setting('reservoir.mirroring', true) = 'entering' THEN RETURN NEW; END IF;
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
  NEW.status := resting_status(NEW.status, NEW.current_clients, NEW.held_clients, NEW.max_clients);
  IF NEW.status <> 'quarantined' THEN
    NEW.quarantined_at := NULL;
    NEW.quarantine_reason := NULL;
    NEW.quarantine_evidence := NULL;
  END IF;
  NEW.updated_at := greatest(reservoir_now(), OLD.updated_at);
  RETURN NEW;
END $$;

DROP TRIGGER guarded ON resource_pool;
CREATE TRIGGER guarded BEFORE INSERT OR UPDATE OR DELETE ON resource_pool
  FOR EACH ROW WHEN (current_setting('reservoir.counting', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION resource_guarded();

DROP TRIGGER changed ON resource_pool;
CREATE TRIGGER changed AFTER UPDATE ON resource_pool
  REFERENCING NEW TABLE AS after FOR EACH STATEMENT
  WHEN (current_setting('reservoir.counting', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION resources_recorded();

-- From the assignment to the pool of numbers, as before; only telephone numbers are looked for there.
CREATE OR REPLACE FUNCTION phone_assignments_followed() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
DECLARE
  held uuid[];
  numbers uuid[];
BEGIN
  SELECT array_agg(DISTINCT r.id),
    array_agg(DISTINCT r.id) FILTER (WHERE coalesce(t.held_until, t.release_due_at) IS NOT NULL)
  INTO numbers, held
  FROM touched t JOIN resource_pool r ON r.id = t.resource_pool_id
  WHERE r.resource_type = 'phone_number';
  IF numbers IS NULL THEN RETURN NULL; END IF;
  -- The assignments are as they should be: what moves now is not mirrored back to them.
  PERFORM set_config('reservoir.mirroring', 'on', true);
  UPDATE signalwire_phone_numbers n
  SET assigned_broker_company = owner.company_name,
    status = CASE WHEN owner.is_held THEN 'inactive'
      WHEN owner.was_held AND n.status = 'inactive' THEN 'active' ELSE n.status END
  FROM (
    SELECT r.resource_value AS number, c.company_name,
      coalesce(a.held_until, a.release_due_at) IS NOT NULL AS is_held,
      coalesce(r.id = ANY (held), false) AS was_held
    FROM resource_pool r
    LEFT JOIN client_resources a ON a.resource_pool_id = r.id AND a.released_at IS NULL
    LEFT JOIN clients c ON c.id = a.client_id
    WHERE r.id = ANY (numbers)) AS owner
  WHERE n.number = owner.number
    AND (n.assigned_broker_company IS DISTINCT FROM owner.company_name
      OR owner.is_held AND n.status = 'active'
      OR NOT owner.is_held AND owner.was_held AND n.status = 'inactive');
  PERFORM set_config('reservoir.mirroring', '', true);
  RETURN NULL;
END $$;

DROP TRIGGER mirrored_move ON signalwire_phone_numbers;
CREATE TRIGGER mirrored_move AFTER UPDATE OF assigned_broker_company ON signalwire_phone_numbers
  FOR EACH ROW WHEN (NEW.assigned_broker_company IS DISTINCT FROM OLD.assigned_broker_company
    AND current_setting('reservoir.mirroring', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION phone_number_moved();

-- Campaigns hear of assignments by the assignments themselves.
DROP TRIGGER inherited_change ON resource_pool;
CREATE TRIGGER inherited_change AFTER UPDATE ON resource_pool
  REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT
  WHEN (current_setting('reservoir.counting', true) IS DISTINCT FROM 'on')
  EXECUTE FUNCTION resources_inherited();
