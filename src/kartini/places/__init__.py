"""The regency, its kecamatan and villages: codes, points, areas, boundaries."""
