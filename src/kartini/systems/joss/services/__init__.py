"""The verbs of JOSS, one noun per file. Keyword-only; ``by`` is the account, ``at`` the moment."""
