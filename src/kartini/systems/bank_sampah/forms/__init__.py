"""Words in, clean data out; nothing here saves."""
