-- How numbers enter the pool and get other digits: numbers that enter become resources in few steps, so that
-- long imports are quick; a lease that is over keeps nobody from changing digits.

CREATE OR REPLACE FUNCTION assignment_guarded() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    RAISE EXCEPTION 'an assignment is released, not removed'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'assignment_stays';
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- Numbers are for one client at a time, and the column's default says so.
    IF current_setting('reservoir.mirroring', true) = 'entering' THEN RETURN NEW; END IF;
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

-- The assignments of mirrored numbers are not followed back, neither these nor those.
DROP TRIGGER followed ON client_resources;
CREATE TRIGGER followed AFTER INSERT ON client_resources
  REFERENCING NEW TABLE AS touched FOR EACH STATEMENT
  WHEN (coalesce(current_setting('reservoir.mirroring', true), '') NOT IN ('on', 'entering'))
  EXECUTE FUNCTION phone_assignments_followed();

-- New numbers become resources with their company's client. One that was a resource before keeps its client
-- unless it came with a company of its own.
CREATE OR REPLACE FUNCTION phone_numbers_entered() RETURNS trigger
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  known text[];
  before text := coalesce(current_setting('reservoir.mirroring', true), '');
BEGIN
  PERFORM set_config('reservoir.mirroring', 'entering', true);
  WITH entering AS (
    INSERT INTO resource_pool (resource_type, resource_value, resource_name, provider, provider_id, status,
      current_clients)
    SELECT 'phone_number', n.number, n.name, 'signalwire', n.vapi_phone_number_id,
      CASE WHEN n.assigned_broker_company IS NULL THEN 'available' ELSE 'assigned' END,
      CASE WHEN n.assigned_broker_company IS NULL THEN 0 ELSE 1 END
    FROM added n
    ON CONFLICT ON CONSTRAINT resource_pool_value_key DO NOTHING
    RETURNING id, provider_id)
  , assigned AS (
    INSERT INTO client_resources (client_id, resource_pool_id)
    SELECT c.id, r.id
    FROM entering r
    JOIN added n ON n.vapi_phone_number_id = r.provider_id
    JOIN clients c ON c.company_name = n.assigned_broker_company)
  SELECT array_agg(n.vapi_phone_number_id) INTO known
  FROM added n LEFT JOIN entering r ON r.provider_id = n.vapi_phone_number_id
  WHERE r.id IS NULL;
  PERFORM set_config('reservoir.mirroring', before, true);
  IF known IS NOT NULL THEN PERFORM meet_phone_numbers(known); END IF;
  RETURN NULL;
END $$;

-- Numbers whose resources were there first.
CREATE FUNCTION meet_phone_numbers(numbers text[]) RETURNS void
LANGUAGE plpgsql
SET enable_seqscan = off SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
  before text := coalesce(current_setting('reservoir.mirroring', true), '');
BEGIN
  PERFORM set_config('reservoir.mirroring', 'on', true);
  -- One that had left the pool of numbers is back.
  UPDATE resource_pool r SET status = 'available'
  FROM signalwire_phone_numbers n
  WHERE n.vapi_phone_number_id = ANY (numbers) AND r.resource_value = n.number
    AND r.resource_type = 'phone_number' AND r.status = 'retired';
  UPDATE signalwire_phone_numbers n SET assigned_broker_company = c.company_name
  FROM resource_pool r
  JOIN client_resources a ON a.resource_pool_id = r.id AND a.released_at IS NULL
  JOIN clients c ON c.id = a.client_id
  WHERE n.vapi_phone_number_id = ANY (numbers) AND n.assigned_broker_company IS NULL
    AND r.resource_value = n.number AND r.resource_type = 'phone_number';
  PERFORM mirror_phone_numbers(numbers);
  PERFORM set_config('reservoir.mirroring', before, true);
END $$;

-- Other digits are another resource, which may have been there before.
CREATE OR REPLACE FUNCTION phone_number_left() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  UPDATE client_resources a SET released_at = greatest(reservoir_now(), a.assigned_at)
  FROM resource_pool r
  WHERE r.resource_value = OLD.number AND a.resource_pool_id = r.id AND a.released_at IS NULL;
  UPDATE resource_pool SET status = 'retired'
  WHERE resource_value = OLD.number AND resource_type = 'phone_number';
  IF TG_OP = 'UPDATE' THEN PERFORM meet_phone_numbers(ARRAY[NEW.vapi_phone_number_id]); END IF;
  RETURN NULL;
END $$;

-- As before; a lease that is over ends when its number gets other digits, as when it moves.
CREATE OR REPLACE FUNCTION phone_number_changed() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  -- A company that got another name has not lost its numbers: by now the old name is gone.
  moves boolean := NEW.assigned_broker_company IS DISTINCT FROM OLD.assigned_broker_company
    AND (OLD.assigned_broker_company IS NULL
      OR EXISTS (SELECT FROM clients WHERE company_name = OLD.assigned_broker_company));
  frees boolean := OLD.currently_assigned_to IS NOT NULL
    AND (NEW.currently_assigned_to IS NULL
      OR (NEW.assignment_status = 'available' AND NEW.currently_assigned_to = OLD.currently_assigned_to)
      OR ((moves OR NEW.number <> OLD.number) AND OLD.release_at <= reservoir_now()));
  takes boolean := NEW.currently_assigned_to IS NOT NULL
    AND NEW.currently_assigned_to IS DISTINCT FROM OLD.currently_assigned_to;
BEGIN
  NEW.term := OLD.term;
  NEW.lease_id := OLD.lease_id;
  -- A transaction that waited began before the change that it waited for; history runs forward all the same.
  NEW.updated_at := greatest(reservoir_now(), OLD.updated_at);
  IF moves AND NOT frees AND OLD.currently_assigned_to IS NOT NULL THEN
    RAISE EXCEPTION 'a leased number cannot move to another company'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'leased_number_stays';
  END IF;
  IF NEW.vapi_phone_number_id <> OLD.vapi_phone_number_id
    OR (NEW.number <> OLD.number AND NOT frees AND OLD.currently_assigned_to IS NOT NULL) THEN
    RAISE EXCEPTION 'a number keeps its id, and its digits while it is leased'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'number_keeps_its_name';
  END IF;
  IF frees THEN
    PERFORM end_phone_number_lease(OLD);
    NEW.revision := NEW.revision + 1;
    NEW.currently_assigned_to := NULL;
    NEW.assignment_status := 'available';
    NEW.lease_id := NULL;
    NEW.customer_phone := NULL;
    NEW.appointment_scheduled_at := NULL;
    NEW.missed_calls := 0;
  ELSIF takes THEN
    NEW := begin_phone_number_lease(NEW, OLD);
  ELSIF OLD.currently_assigned_to IS NOT NULL THEN
    NEW.assigned_at := OLD.assigned_at;
    IF (NEW.release_at, NEW.appointment_scheduled_at, NEW.last_call_outcome, NEW.customer_phone,
        NEW.missed_calls)
      IS DISTINCT FROM
      (OLD.release_at, OLD.appointment_scheduled_at, OLD.last_call_outcome, OLD.customer_phone,
        OLD.missed_calls)
      AND NEW.release_at IS NOT NULL THEN
      NEW.revision := NEW.revision + 1;
      PERFORM record_phone_number(NEW,
        CASE WHEN NEW.last_call_outcome IS DISTINCT FROM OLD.last_call_outcome THEN 'outcome'
          ELSE 'extended' END, 'sql');
    END IF;
  END IF;
  IF NEW.currently_assigned_to IS NULL THEN
    NEW.assigned_at := coalesce(NEW.assigned_at, OLD.assigned_at);
    NEW.release_at := NULL;
  END IF;
  IF moves THEN
    NEW.revision := NEW.revision + 1;
    PERFORM record_phone_number(NEW, 'moved', OLD.assigned_broker_company);
  END IF;
  IF NEW.status IS DISTINCT FROM OLD.status THEN
    NEW.revision := NEW.revision + 1;
    PERFORM record_phone_number(NEW, 'status_changed', OLD.status || ' to ' || NEW.status);
  END IF;
  RETURN NEW;
END $$;

-- It writes: for those who own what it writes.
REVOKE EXECUTE ON FUNCTION meet_phone_numbers(text[]) FROM PUBLIC;
