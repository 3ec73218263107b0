"""Words in, clean data out: forms that are made from a type's questions, and those of the desk."""
