-- The rules of engine/ledger.py, as SQLite enforces them. SQLite has one writer at a time: no locks are needed.
-- INSERT OR IGNORE would skip a CHECK inside a trigger, INSERT OR REPLACE would delete without asking: so the
-- triggers refuse by themselves what the constraints refuse too.
CREATE TRIGGER books_check_transfer BEFORE INSERT ON bank_sampah_transfer
BEGIN
  SELECT RAISE(ABORT, 'books: not an amount') WHERE typeof(NEW.amount) <> 'integer';
  SELECT RAISE(ABORT, 'books: key used')
   WHERE EXISTS (SELECT 1 FROM bank_sampah_transfer earlier WHERE earlier.key = NEW.key);
  SELECT RAISE(ABORT, 'books: immutable')
   WHERE EXISTS (SELECT 1 FROM bank_sampah_transfer earlier WHERE earlier.id = NEW.id);
  SELECT RAISE(ABORT, 'books: two ledgers')
   WHERE (SELECT ledger FROM bank_sampah_account WHERE id = NEW.debit_id)
      <> (SELECT ledger FROM bank_sampah_account WHERE id = NEW.credit_id);
  SELECT RAISE(ABORT, 'books: nothing pending')
   WHERE NEW.settles_id IS NOT NULL
     AND (EXISTS (SELECT 1 FROM bank_sampah_transfer other WHERE other.settles_id = NEW.settles_id)
          OR NOT EXISTS (
         SELECT 1 FROM bank_sampah_transfer earlier
          WHERE earlier.id = NEW.settles_id AND earlier.phase = 'pending' AND earlier.amount = NEW.amount
            AND earlier.debit_id = NEW.debit_id AND earlier.credit_id = NEW.credit_id));
  SELECT RAISE(ABORT, 'books: not reversible')
   WHERE NEW.reverses_id IS NOT NULL
     AND (EXISTS (SELECT 1 FROM bank_sampah_transfer other WHERE other.reverses_id = NEW.reverses_id)
          OR NOT EXISTS (
         SELECT 1 FROM bank_sampah_transfer earlier
          WHERE earlier.id = NEW.reverses_id AND earlier.phase IN ('single', 'post') AND earlier.reverses_id IS NULL
            AND earlier.amount = NEW.amount AND earlier.debit_id = NEW.credit_id AND earlier.credit_id = NEW.debit_id));
  SELECT RAISE(ABORT, 'books: period closed')
   WHERE EXISTS (
         SELECT 1 FROM bank_sampah_account a JOIN bank_sampah_unit u ON u.id = a.unit_id
          WHERE a.id IN (NEW.debit_id, NEW.credit_id) AND u.closed_until_on >= NEW.booked_on);
END;

CREATE TRIGGER books_add_transfer AFTER INSERT ON bank_sampah_transfer
BEGIN
  UPDATE bank_sampah_account SET
         debits_posted = debits_posted + CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount ELSE 0 END,
         debits_pending = debits_pending + CASE NEW.phase WHEN 'single' THEN 0 WHEN 'pending' THEN NEW.amount ELSE -NEW.amount END
   WHERE id = NEW.debit_id;
  UPDATE bank_sampah_account SET
         credits_posted = credits_posted + CASE WHEN NEW.phase IN ('single', 'post') THEN NEW.amount ELSE 0 END,
         credits_pending = credits_pending + CASE NEW.phase WHEN 'single' THEN 0 WHEN 'pending' THEN NEW.amount ELSE -NEW.amount END
   WHERE id = NEW.credit_id;
END;

CREATE TRIGGER books_open_account BEFORE INSERT ON bank_sampah_account
BEGIN
  SELECT RAISE(ABORT, 'books: an account begins at zero')
   WHERE NEW.debits_posted <> 0 OR NEW.credits_posted <> 0 OR NEW.debits_pending <> 0 OR NEW.credits_pending <> 0;
  SELECT RAISE(ABORT, 'books: immutable')
   WHERE EXISTS (SELECT 1 FROM bank_sampah_account WHERE id = NEW.id);
END;

-- Totals move only as the newest transfer says, and never below zero.
CREATE TRIGGER books_totals_follow_transfers
BEFORE UPDATE OF debits_posted, credits_posted, debits_pending, credits_pending ON bank_sampah_account
BEGIN
  SELECT RAISE(ABORT, 'books: immutable')
   WHERE NOT EXISTS (
         SELECT 1 FROM bank_sampah_transfer t
          WHERE t.id = (SELECT max(id) FROM bank_sampah_transfer)
            AND NEW.debits_posted - OLD.debits_posted
              = CASE WHEN t.debit_id = OLD.id AND t.phase IN ('single', 'post') THEN t.amount ELSE 0 END
            AND NEW.credits_posted - OLD.credits_posted
              = CASE WHEN t.credit_id = OLD.id AND t.phase IN ('single', 'post') THEN t.amount ELSE 0 END
            AND NEW.debits_pending - OLD.debits_pending = CASE WHEN t.debit_id <> OLD.id OR t.phase = 'single' THEN 0
                                                               WHEN t.phase = 'pending' THEN t.amount ELSE -t.amount END
            AND NEW.credits_pending - OLD.credits_pending = CASE WHEN t.credit_id <> OLD.id OR t.phase = 'single' THEN 0
                                                                 WHEN t.phase = 'pending' THEN t.amount ELSE -t.amount END);
  SELECT RAISE(ABORT, 'books: overdrawn')
   WHERE (NEW.side = 'credit' AND NEW.credits_posted < NEW.debits_posted + NEW.debits_pending)
      OR (NEW.side = 'debit' AND NEW.debits_posted < NEW.credits_posted + NEW.credits_pending);
END;

-- A passbook that was merged or left, and a unit that is closed, take nothing more.
CREATE TRIGGER books_deposit_is_saved BEFORE INSERT ON bank_sampah_deposit
BEGIN
  SELECT RAISE(ABORT, 'books: no longer saving')
   WHERE NOT EXISTS (
         SELECT 1 FROM bank_sampah_depositor d JOIN bank_sampah_unit u ON u.id = d.unit_id
          WHERE d.id = NEW.depositor_id AND d.unit_id = NEW.unit_id
            AND d.left_on IS NULL AND d.merged_into_id IS NULL AND u.closed_on IS NULL);
END;

CREATE TRIGGER books_withdrawal_is_saved BEFORE INSERT ON bank_sampah_withdrawal
BEGIN
  SELECT RAISE(ABORT, 'books: no longer saving')
   WHERE NOT EXISTS (
         SELECT 1 FROM bank_sampah_depositor d JOIN bank_sampah_unit u ON u.id = d.unit_id
          WHERE d.id = NEW.depositor_id AND d.unit_id = NEW.unit_id
            AND d.left_on IS NULL AND d.merged_into_id IS NULL AND u.closed_on IS NULL);
END;
