"""The counter's pages, one noun per file."""
