"""Pages of accounts, of one's own data, of the counter and of the administrators."""
