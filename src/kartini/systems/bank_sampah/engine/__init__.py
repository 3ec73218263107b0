"""The pure part: what a ledger is, what an account is for, how a weight is read. No database."""
