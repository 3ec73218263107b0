"""What a system says about the data that it offers: one declaration per dataset, one per column."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from kartini.exchange import registry

Row = Mapping[str, Any]
Rows = Callable[[], Iterable[Row]]
SMALL = 5


class Kind(StrEnum):
    """What stands in a column. ``MONTH`` is ``YYYY-MM``."""

    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    MONTH = "month"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """One column. ``unit`` belongs to every number; ``codes`` names the reference list of a code.

    A ``measure`` is withheld where fewer than ``SMALL`` persons stand behind the row. ``formula`` and
    ``interpretation`` are what BPS asks about an indicator.
    """

    name: str
    title: Any
    kind: Kind = Kind.TEXT
    definition: Any = ""
    unit: Any = ""
    codes: str = ""
    measure: bool = False
    formula: Any = ""
    interpretation: Any = ""


@dataclass(frozen=True)
class Topic:
    """A group of datasets. ``theme`` is its code in the European list that DCAT-AP prescribes."""

    code: str
    title: Any
    theme: str


TOPICS = {
    topic.code: topic
    for topic in (
        Topic("pemerintahan", _("Government and public services"), "GOVE"),
        Topic("wilayah", _("Places and regions"), "REGI"),
        Topic("lingkungan", _("Environment"), "ENVI"),
        Topic("kesehatan", _("Health"), "HEAL"),
        Topic("ekonomi", _("Economy"), "ECON"),
        Topic("masyarakat", _("Society"), "SOCI"),
        Topic("wisata", _("Tourism and culture"), "EDUC"),
    )
}


@dataclass(frozen=True)
class Frequency:
    """How often a dataset changes; ``authority`` is its code in the European list."""

    title: Any
    authority: str


FREQUENCIES = {
    "continuous": Frequency(_("All the time"), "CONT"),
    "daily": Frequency(_("Every day"), "DAILY"),
    "monthly": Frequency(_("Every month"), "MONTHLY"),
    "quarterly": Frequency(_("Every quarter"), "QUARTERLY"),
    "annual": Frequency(_("Every year"), "ANNUAL"),
    "irregular": Frequency(_("When something changes"), "IRREG"),
}


@dataclass(frozen=True)
class Dataset:
    """Data for everyone. ``system`` is the subsystem that it comes from; its member is the publisher.

    ``rows`` yields mappings by column name. ``persons`` names the key that counts the persons behind a row
    (a column, or a key that is not published): rows with few persons lose their measures. ``known_totals``
    are columns within which totals are known from elsewhere: there never only one row is withheld.
    The rows of one such group must follow each other.
    """

    slug: str
    system: str
    title: Any
    description: Any
    columns: tuple[Column, ...]
    rows: Rows
    topic: str
    frequency: str
    source: Any
    issued_on: date
    keywords: tuple[str, ...] = ()
    persons: str = ""
    known_totals: tuple[str, ...] = ()
    regulation: Any = ""
    note: Any = ""
    licence: str = ""
    contact: Any = ""

    @property
    def publisher(self) -> str:
        """The organisation's code."""
        subsystem = registry.subsystems.get(self.system)
        return subsystem.member if subsystem else self.system

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.measure)

    @property
    def frequency_title(self) -> Any:
        return FREQUENCIES[self.frequency].title

    @property
    def topic_title(self) -> Any:
        return TOPICS[self.topic].title


class BadDeclaration(Exception):
    """A dataset is declared in a way that nobody could read it."""


datasets: dict[str, Dataset] = {}


def dataset(
    slug: str, *, columns: tuple[Column, ...], **said: Any
) -> Callable[[Callable[[], Iterator[Row]]], Callable[[], Iterator[Row]]]:
    """Offer what this function yields to the world. The words are those of ``Dataset``."""

    def register(rows: Callable[[], Iterator[Row]]) -> Callable[[], Iterator[Row]]:
        datasets[slug] = _checked(Dataset(slug=slug, columns=columns, rows=rows, **said))
        return rows

    return register


def _checked(made: Dataset) -> Dataset:
    names = [column.name for column in made.columns]
    unitless = [
        c.name for c in made.columns if c.kind in (Kind.INTEGER, Kind.DECIMAL) and not c.unit
    ]
    faults = [
        fault
        for fault, wrong in (
            ("two columns of one name", len(names) != len(set(names))),
            (f"numbers without a unit: {unitless}", bool(unitless)),
            (f"unknown topic {made.topic}", made.topic not in TOPICS),
            (f"unknown frequency {made.frequency}", made.frequency not in FREQUENCIES),
            ("persons are counted and no column is a measure", made.persons and not made.measures),
            ("totals are known by no such column", not {*made.known_totals} <= {*names}),
            ("another dataset has this name", _is_another(made)),
        )
        if wrong
    ]
    if faults:
        raise BadDeclaration(f"{made.slug}: {'; '.join(faults)}")
    return made


def _is_another(made: Dataset) -> bool:
    """Two declarations of one name; a module that is read again declares the same."""
    known = datasets.get(made.slug)
    return known is not None and known.rows.__module__ != made.rows.__module__
