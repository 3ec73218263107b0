"""The pages of JOSS: for everyone, for applicants, and at the desk."""
