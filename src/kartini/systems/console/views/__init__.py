"""Pages for the officer of the exchange, and one for everybody."""
