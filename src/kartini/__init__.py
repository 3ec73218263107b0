"""Kartini: a smart regency in one program, and the exchange between its systems."""
