"""The permit engine: a type is a text file; everything here is pure (no Django, no clock, no database)."""
