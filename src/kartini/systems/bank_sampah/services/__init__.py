"""The verbs, one noun a file: keyword-only, in one transaction, told who and when."""
