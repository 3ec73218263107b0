"""The systems of the regency. Each is one folder; none imports another."""
