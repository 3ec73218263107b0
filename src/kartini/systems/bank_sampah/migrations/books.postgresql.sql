-- The rules of engine/ledger.py, as PostgreSQL enforces them. Both accounts are locked in the order of their ids.
CREATE FUNCTION bank_sampah_check_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ledgers integer;
BEGIN
  PERFORM 1 FROM bank_sampah_account WHERE id IN (NEW.debit_id, NEW.credit_id) ORDER BY id FOR NO KEY UPDATE;
  SELECT count(DISTINCT a.ledger) INTO ledgers FROM bank_sampah_account a WHERE a.id IN (NEW.debit_id, NEW.credit_id);
  IF ledgers > 1 THEN
    RAISE EXCEPTION 'books: two ledgers' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.settles_id IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM bank_sampah_transfer earlier
      WHERE earlier.id = NEW.settles_id AND earlier.phase = 'pending' AND earlier.amount = NEW.amount
        AND earlier.debit_id = NEW.debit_id AND earlier.credit_id = NEW.credit_id) THEN
    RAISE EXCEPTION 'books: nothing pending' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.reverses_id IS NOT NULL AND NOT EXISTS (
     SELECT 1 FROM bank_sampah_transfer earlier
      WHERE earlier.id = NEW.reverses_id AND earlier.phase IN ('single', 'post') AND earlier.reverses_id IS NULL
        AND earlier.amount = NEW.amount AND earlier.debit_id = NEW.credit_id AND earlier.credit_id = NEW.debit_id) THEN
    RAISE EXCEPTION 'books: not reversible' USING ERRCODE = 'check_violation';
  END IF;
  IF EXISTS (
     SELECT 1 FROM bank_sampah_account a JOIN bank_sampah_unit u ON u.id = a.unit_id
      WHERE a.id IN (NEW.debit_id, NEW.credit_id) AND u.closed_until_on >= NEW.booked_on) THEN
    RAISE EXCEPTION 'books: period closed' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION bank_sampah_add_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  posted bigint := CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount ELSE 0 END;
  pending bigint := CASE NEW.phase WHEN 'single' THEN 0 WHEN 'pending' THEN NEW.amount ELSE -NEW.amount END;
BEGIN
  UPDATE bank_sampah_account SET debits_posted = debits_posted + posted, debits_pending = debits_pending + pending
   WHERE id = NEW.debit_id;
  UPDATE bank_sampah_account SET credits_posted = credits_posted + posted, credits_pending = credits_pending + pending
   WHERE id = NEW.credit_id;
  RETURN NULL;
END $$;

CREATE FUNCTION bank_sampah_check_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.debits_posted + NEW.credits_posted + NEW.debits_pending + NEW.credits_pending <> 0 THEN
      RAISE EXCEPTION 'books: an account begins at zero' USING ERRCODE = 'check_violation';
    END IF;
  ELSIF NEW.debits_posted < OLD.debits_posted OR NEW.credits_posted < OLD.credits_posted OR pg_trigger_depth() < 2 THEN
    RAISE EXCEPTION 'books: immutable' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION bank_sampah_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'books: immutable' USING ERRCODE = 'check_violation';
END $$;

-- TRUNCATE asks no row: an empty table may be emptied, another may not.
CREATE FUNCTION bank_sampah_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  filled boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', TG_TABLE_NAME) INTO filled;
  IF filled THEN
    RAISE EXCEPTION 'books: immutable' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

-- A passbook that was merged or left, and a unit that is closed, take nothing more.
CREATE FUNCTION bank_sampah_is_saved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
     SELECT 1 FROM bank_sampah_depositor d JOIN bank_sampah_unit u ON u.id = d.unit_id
      WHERE d.id = NEW.depositor_id AND d.unit_id = NEW.unit_id
        AND d.left_on IS NULL AND d.merged_into_id IS NULL AND u.closed_on IS NULL) THEN
    RAISE EXCEPTION 'books: no longer saving' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER books_check_transfer BEFORE INSERT ON bank_sampah_transfer
  FOR EACH ROW EXECUTE FUNCTION bank_sampah_check_transfer();
CREATE TRIGGER books_add_transfer AFTER INSERT ON bank_sampah_transfer
  FOR EACH ROW EXECUTE FUNCTION bank_sampah_add_transfer();
CREATE TRIGGER books_open_account BEFORE INSERT ON bank_sampah_account
  FOR EACH ROW EXECUTE FUNCTION bank_sampah_check_account();
CREATE TRIGGER books_totals_follow_transfers BEFORE UPDATE OF debits_posted, credits_posted, debits_pending, credits_pending
  ON bank_sampah_account FOR EACH ROW EXECUTE FUNCTION bank_sampah_check_account();
CREATE TRIGGER books_deposit_is_saved BEFORE INSERT ON bank_sampah_deposit
  FOR EACH ROW EXECUTE FUNCTION bank_sampah_is_saved();
CREATE TRIGGER books_withdrawal_is_saved BEFORE INSERT ON bank_sampah_withdrawal
  FOR EACH ROW EXECUTE FUNCTION bank_sampah_is_saved();
