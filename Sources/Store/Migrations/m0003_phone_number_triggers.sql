-- Changes that SQL users make obey the rules of the server and stand in the same ledger. The base retention
-- of 18 hours is written here once more, because SQL users have no server between them and the table
-- (Tests/StoreTests hold both to the same cases).

-- Ledger rows are never changed.
CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  RAISE EXCEPTION 'the ledger % is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON phone_number_ledger
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON phone_number_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON phone_number_ledger_rest
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger();

-- Writes one row about `n` to the ledger, as of its last change.
CREATE FUNCTION record_phone_number(n signalwire_phone_numbers, kind text, reason text) RETURNS void
LANGUAGE sql
AS $$
  INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor, reason,
    lease_id, term, lead_id, customer_phone, leased_at, release_at, appointment_at, last_outcome,
    missed_calls)
  SELECT n.updated_at, kind, n.vapi_phone_number_id, n.number, n.revision,
    (SELECT id FROM clients WHERE company_name = n.assigned_broker_company), reservoir_actor(), reason,
    n.lease_id, CASE WHEN n.lease_id IS NOT NULL THEN n.term END, n.currently_assigned_to, n.customer_phone,
    CASE WHEN n.lease_id IS NOT NULL THEN n.assigned_at END, n.release_at, n.appointment_scheduled_at,
    CASE WHEN n.lease_id IS NOT NULL THEN n.last_call_outcome END,
    CASE WHEN n.lease_id IS NOT NULL THEN n.missed_calls END
$$;

-- Ends the lease of `old`: the ledger says so, and the lead points to another number that it holds, or none.
CREATE FUNCTION end_phone_number_lease(old signalwire_phone_numbers) RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
  old.revision := old.revision + 1;
  old.updated_at := greatest(reservoir_now(), old.updated_at);
  PERFORM record_phone_number(old, 'ended',
    CASE WHEN old.release_at <= reservoir_now() THEN 'expired' ELSE 'forced' END);
  UPDATE leads l
  SET (assigned_phone_number_id, phone_assigned_at) = (
    SELECT o.vapi_phone_number_id, o.assigned_at
    FROM signalwire_phone_numbers o
    WHERE o.currently_assigned_to = l.id AND o.vapi_phone_number_id <> old.vapi_phone_number_id
    ORDER BY o.assigned_at DESC LIMIT 1)
  WHERE l.id = old.currently_assigned_to AND l.assigned_phone_number_id = old.vapi_phone_number_id;
END $$;

-- The numbers that a lead had last, now that it got `latest`: eight at most, each once.
CREATE FUNCTION remember_phone_number(recent text[], latest text) RETURNS text[]
LANGUAGE sql IMMUTABLE
AS $$ SELECT (latest || array_remove(recent, latest))[1:8] $$;

-- Turns what an SQL user wrote into a whole lease of `n.currently_assigned_to`.
CREATE FUNCTION begin_phone_number_lease(n signalwire_phone_numbers, old signalwire_phone_numbers)
RETURNS signalwire_phone_numbers
LANGUAGE plpgsql
AS $$
BEGIN
  IF old.currently_assigned_to IS NOT NULL THEN
    IF old.release_at > reservoir_now() THEN
      RAISE EXCEPTION 'the number is leased to another lead until %', old.release_at
        USING ERRCODE = 'unique_violation', CONSTRAINT = 'one_live_lease_per_number';
    END IF;
    PERFORM end_phone_number_lease(old);
    n.revision := old.revision + 1;
  END IF;
  PERFORM FROM leads WHERE id = n.currently_assigned_to FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no lead %', n.currently_assigned_to
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'signalwire_phone_numbers_lead_fkey';
  END IF;
  -- The lead's expired lease of another number must not stand in the way of this one.
  UPDATE signalwire_phone_numbers SET currently_assigned_to = NULL
  WHERE currently_assigned_to = n.currently_assigned_to
    AND assigned_broker_company = n.assigned_broker_company
    AND vapi_phone_number_id <> n.vapi_phone_number_id
    AND release_at <= reservoir_now();
  n.assignment_status := 'assigned';
  n.term := old.term + 1;
  n.lease_id := uuid_v7();
  n.assigned_at := n.updated_at;
  IF n.release_at IS NOT DISTINCT FROM old.release_at THEN
    n.release_at := n.updated_at + interval '18 hours';
  END IF;
  IF n.customer_phone IS NOT DISTINCT FROM old.customer_phone THEN n.customer_phone := NULL; END IF;
  IF n.appointment_scheduled_at IS NOT DISTINCT FROM old.appointment_scheduled_at THEN
    n.appointment_scheduled_at := NULL;
  END IF;
  IF n.last_call_outcome IS NOT DISTINCT FROM old.last_call_outcome THEN n.last_call_outcome := NULL; END IF;
  n.missed_calls := 0;
  n.revision := n.revision + 1;
  PERFORM record_phone_number(n, 'leased', 'sql');
  UPDATE leads SET assigned_phone_number_id = n.vapi_phone_number_id, phone_assigned_at = n.assigned_at,
    recent_phone_number_ids = remember_phone_number(recent_phone_number_ids, n.vapi_phone_number_id)
  WHERE id = n.currently_assigned_to;
  RETURN n;
END $$;

CREATE FUNCTION phone_number_changed() RETURNS trigger
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
      OR (moves AND OLD.release_at <= reservoir_now()));
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
    OR (NEW.number <> OLD.number AND OLD.currently_assigned_to IS NOT NULL) THEN
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

-- The server raises the revision itself; then this trigger costs one comparison.
CREATE TRIGGER changed BEFORE UPDATE ON signalwire_phone_numbers
  FOR EACH ROW WHEN (NEW.revision = OLD.revision) EXECUTE FUNCTION phone_number_changed();

-- A lead that holds a number stays, under its id.
CREATE FUNCTION refuse_removal_of_holder() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.id = OLD.id THEN RETURN NEW; END IF;
  IF EXISTS (
    SELECT FROM signalwire_phone_numbers
    WHERE currently_assigned_to IS NOT NULL AND (TG_OP = 'TRUNCATE' OR currently_assigned_to = OLD.id)
  ) THEN
    RAISE EXCEPTION 'a lead that holds a number cannot be removed'
      USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'signalwire_phone_numbers_lead_fkey';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER holders_stay BEFORE TRUNCATE ON leads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal_of_holder();
CREATE TRIGGER holder_stays BEFORE DELETE OR UPDATE OF id ON leads
  FOR EACH ROW EXECUTE FUNCTION refuse_removal_of_holder();

-- A number enters the pool free. One that was removed before goes on counting where it was: otherwise a late
-- call could quote a term that has come round again.
CREATE FUNCTION phone_number_inserted() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
  earlier removed_phone_numbers;
BEGIN
  IF NEW.currently_assigned_to IS NOT NULL OR NEW.lease_id IS NOT NULL
    OR NEW.assignment_status = 'assigned' THEN
    RAISE EXCEPTION 'a number enters the pool free; lease it by an UPDATE afterwards'
      USING ERRCODE = 'restrict_violation', CONSTRAINT = 'number_enters_free';
  END IF;
  -- A removal under way is waited for, so that its count is seen; additions do not wait for each other.
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('removed_phone_numbers', 0));
  SELECT * INTO earlier FROM removed_phone_numbers WHERE vapi_phone_number_id = NEW.vapi_phone_number_id;
  NEW.term := coalesce(earlier.term, 0);
  NEW.revision := coalesce(earlier.revision + 1, 0);
  RETURN NEW;
END $$;
CREATE TRIGGER enters_free BEFORE INSERT ON signalwire_phone_numbers
  FOR EACH ROW EXECUTE FUNCTION phone_number_inserted();

CREATE FUNCTION phone_numbers_added() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  INSERT INTO phone_number_ledger (at, kind, vapi_phone_number_id, number, revision, client_id, actor)
  SELECT reservoir_now(), 'added', n.vapi_phone_number_id, n.number, n.revision, c.id, reservoir_actor()
  FROM added n LEFT JOIN clients c ON c.company_name = n.assigned_broker_company;
  RETURN NULL;
END $$;
CREATE TRIGGER added AFTER INSERT ON signalwire_phone_numbers
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION phone_numbers_added();

CREATE FUNCTION phone_number_removed() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('removed_phone_numbers', 0));
  IF OLD.currently_assigned_to IS NOT NULL THEN
    IF OLD.release_at > reservoir_now() THEN
      RAISE EXCEPTION 'a leased number cannot be removed'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'leased_number_stays';
    END IF;
    PERFORM end_phone_number_lease(OLD);
    OLD.revision := OLD.revision + 1;
    OLD.currently_assigned_to := NULL;
    OLD.lease_id := NULL;
  END IF;
  OLD.revision := OLD.revision + 1;
  PERFORM record_phone_number(OLD, 'removed', NULL);
  INSERT INTO removed_phone_numbers (vapi_phone_number_id, term, revision)
  VALUES (OLD.vapi_phone_number_id, OLD.term, OLD.revision)
  ON CONFLICT ON CONSTRAINT removed_phone_numbers_pkey DO UPDATE
  SET term = EXCLUDED.term, revision = EXCLUDED.revision;
  RETURN OLD;
END $$;
CREATE TRIGGER removed BEFORE DELETE ON signalwire_phone_numbers
  FOR EACH ROW EXECUTE FUNCTION phone_number_removed();

-- Frees every number whose lease has expired; returns how many. For pg_cron and n8n; the server's sweep
-- follows the same rule and may run at the same time.
CREATE FUNCTION release_expired_phone_numbers() RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
  released integer;
BEGIN
  WITH due AS (
    SELECT n.vapi_phone_number_id
    FROM signalwire_phone_numbers n JOIN leads l ON l.id = n.currently_assigned_to
    WHERE n.assignment_status = 'assigned' AND n.release_at <= reservoir_now()
    FOR UPDATE OF l, n SKIP LOCKED)
  UPDATE signalwire_phone_numbers n
  SET assignment_status = 'available', currently_assigned_to = NULL
  FROM due WHERE n.vapi_phone_number_id = due.vapi_phone_number_id;
  GET DIAGNOSTICS released = ROW_COUNT;
  RETURN released;
END $$;
