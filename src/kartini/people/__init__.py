"""Accounts, organisations, roles, persons who dealt with Kartini, and the trail of who did and who looked."""
