"""Stand-ins for institutions outside the regency: real HTTP servers of our own. Imports nothing of kartini."""
