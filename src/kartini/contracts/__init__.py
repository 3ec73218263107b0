"""The published language of the house: plain data, one file per system, no Django and no database."""

from kartini.contracts.base import Contract, Event, Query
from kartini.contracts.purposes import Purpose

__all__ = ["Contract", "Event", "Purpose", "Query"]
