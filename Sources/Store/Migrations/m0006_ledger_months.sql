-- A ledger that is partitioned has a partition for each month, whichever ledger it is.

-- Makes the partitions of the months from `first` to `last` of a ledger; returns how many were new. A month
-- whose rows landed in the rest already keeps them there.
CREATE FUNCTION prepare_ledger(ledger text, first timestamptz, last timestamptz) RETURNS integer
LANGUAGE plpgsql
AS $$
DECLARE
  start_of_month timestamp := date_trunc('month', first AT TIME ZONE 'UTC');
  prepared integer := 0;
  partition text;
  begins timestamptz;
  ends timestamptz;
  has_rest boolean;
BEGIN
  WHILE start_of_month <= last AT TIME ZONE 'UTC' LOOP
    partition := ledger || '_' || to_char(start_of_month, 'YYYY_MM');
    begins := start_of_month AT TIME ZONE 'UTC';
    start_of_month := start_of_month + interval '1 month';
    ends := start_of_month AT TIME ZONE 'UTC';
    CONTINUE WHEN to_regclass(partition) IS NOT NULL;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE at >= $1 AND at < $2)', ledger || '_rest')
      INTO has_rest USING begins, ends;
    CONTINUE WHEN has_rest;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
      partition, ledger, begins, ends);
    -- The parent's trigger does not watch over its partitions, and its policies do not guard them: who asks a
    -- partition itself must own it.
    EXECUTE format('CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON %I
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()', partition);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', partition);
    prepared := prepared + 1;
  END LOOP;
  RETURN prepared;
END $$;

-- All ledgers that have months.
CREATE FUNCTION prepare_ledgers(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE sql
AS $$
  SELECT coalesce(sum(prepare_ledger(c.relname, first, last)), 0)::integer
  FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
  WHERE c.relnamespace = current_schema()::regnamespace AND c.relname LIKE '%\_ledger'
$$;

CREATE OR REPLACE FUNCTION prepare_phone_number_ledger(first timestamptz, last timestamptz) RETURNS integer
LANGUAGE sql
AS $$ SELECT prepare_ledger('phone_number_ledger', first, last) $$;
