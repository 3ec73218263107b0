-- The rules of engine/ledger.py, as SQLite enforces them. SQLite has one writer at a time: no locks are needed.
CREATE TRIGGER books_check_transfer BEFORE INSERT ON bank_sampah_transfer
BEGIN
  SELECT RAISE(ABORT, 'books: two ledgers')
   WHERE (SELECT ledger FROM bank_sampah_account WHERE id = NEW.debit_id)
      <> (SELECT ledger FROM bank_sampah_account WHERE id = NEW.credit_id);
  SELECT RAISE(ABORT, 'books: nothing pending')
   WHERE NEW.settles_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM bank_sampah_transfer earlier
          WHERE earlier.id = NEW.settles_id AND earlier.phase = 'pending' AND earlier.amount = NEW.amount
            AND earlier.debit_id = NEW.debit_id AND earlier.credit_id = NEW.credit_id);
  SELECT RAISE(ABORT, 'books: not reversible')
   WHERE NEW.reverses_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM bank_sampah_transfer earlier
          WHERE earlier.id = NEW.reverses_id AND earlier.phase IN ('single', 'post') AND earlier.reverses_id IS NULL
            AND earlier.amount = NEW.amount AND earlier.debit_id = NEW.credit_id AND earlier.credit_id = NEW.debit_id);
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
WHEN NEW.debits_posted + NEW.credits_posted + NEW.debits_pending + NEW.credits_pending <> 0
BEGIN
  SELECT RAISE(ABORT, 'books: an account begins at zero');
END;

CREATE TRIGGER books_totals_never_shrink BEFORE UPDATE OF debits_posted, credits_posted ON bank_sampah_account
WHEN NEW.debits_posted < OLD.debits_posted OR NEW.credits_posted < OLD.credits_posted
BEGIN
  SELECT RAISE(ABORT, 'books: immutable');
END;
