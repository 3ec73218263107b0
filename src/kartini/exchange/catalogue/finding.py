"""Finding datasets: by words, by organisation, topic and format. One way for pages, DCAT and CKAN."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kartini.exchange.catalogue import publishers
from kartini.exchange.catalogue.declared import Dataset, datasets
from kartini.exchange.catalogue.files import FORMATS
from kartini.exchange.catalogue.publishers import Publisher


@dataclass(frozen=True)
class Wish:
    """What somebody looks for; an empty part asks for nothing."""

    words: str = ""
    organisation: str = ""
    topic: str = ""
    form: str = ""
    keyword: str = ""

    def __bool__(self) -> bool:
        return any((self.words, self.organisation, self.topic, self.form, self.keyword))


def find(wish: Wish, among: Mapping[str, Publisher] | None = None) -> list[Dataset]:
    """The datasets that fit, by title."""
    known = publishers.known() if among is None else among
    words = wish.words.casefold().split()[:10]
    return [
        offered
        for offered in by_title(datasets.values())
        if wish.organisation in ("", offered.publisher)
        and wish.topic in ("", offered.topic)
        and wish.form in ("", *FORMATS)
        and wish.keyword in ("", *offered.keywords)
        and _has_all(words, offered, known)
    ]


def by_title(found: Iterable[Dataset]) -> list[Dataset]:
    return sorted(found, key=lambda offered: (str(offered.title).casefold(), offered.slug))


def _has_all(words: list[str], offered: Dataset, known: Mapping[str, Publisher]) -> bool:
    if not words:
        return True
    publisher = publishers.of(offered.publisher, known)
    parts = (
        offered.slug, offered.title, offered.description, offered.source, offered.topic_title,
        publisher.name, publisher.short_name, *offered.keywords,
        *(f"{column.name} {column.title} {column.definition}" for column in offered.columns),
    )  # fmt: skip
    text = " ".join(map(str, parts)).casefold()
    return all(word in text for word in words)
