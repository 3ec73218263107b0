"""Jepara: 1 regency, 16 kecamatan, 195 villages."""

from datetime import date

from kartini.places import load, names


def fill(today: date) -> list[str]:
    load.load(places=load.read())
    return [f"Jepara: {len(names.kecamatan())} kecamatan, {len(names.villages())} villages."]
