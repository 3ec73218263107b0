"""Pengumuman: what the regency's agencies tell everyone. The smallest system of the house: copy me."""
