"""The catalogue in the shape of CKAN's action API (read only), so that other portals harvest it as they do each other.

Only the shape is CKAN's: names of actions, of fields and of errors. What it says is the same as everywhere else.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from kartini.exchange.catalogue import finding, publishers
from kartini.exchange.catalogue.ckan.asked import (
    MOST_ROWS,
    NotFound,
    Unreadable,
    Words,
    by_id,
    counted,
    cut,
    flag,
    in_order,
    listed,
    listed_names,
    needed,
    number,
    wish,
)
from kartini.exchange.catalogue.ckan.things import group, organization, package
from kartini.exchange.catalogue.declared import TOPICS, Dataset, datasets
from kartini.exchange.catalogue.editions import all_editions
from kartini.exchange.catalogue.files import licence
from kartini.exchange.catalogue.publishers import Publisher
from kartini.exchange.models import Edition

__all__ = ["ACTIONS", "Library", "NotFound", "Unreadable"]
FACETS: dict[str, Callable[[Any], list[str]]] = {
    "organization": lambda p: [p["organization"]["name"]],
    "groups": lambda p: [g["name"] for g in p["groups"]],
    "res_format": lambda p: [r["format"] for r in p["resources"]],
    "tags": lambda p: [t["name"] for t in p["tags"]],
}


@dataclass(frozen=True)
class Library:
    """What the actions read from."""

    editions: Mapping[str, Edition]
    publishers: Mapping[str, Publisher]

    @classmethod
    def opened(cls) -> "Library":
        return cls(all_editions(), publishers.known())

    def package(self, offered: Dataset) -> dict[str, Any]:
        return package(offered, self.editions.get(offered.slug), self.publishers)


def package_list(words: Words, library: Library) -> list[str]:
    return cut(sorted(datasets), words)


def package_show(words: Words, library: Library) -> dict[str, Any]:
    return library.package(
        datasets[by_id("dataset", needed(words, "id", "name_or_id"), {*datasets})]
    )


def package_search(words: Words, library: Library) -> dict[str, Any]:
    """``q``, ``fq``, ``rows``, ``start``, ``sort`` and ``facet.field``, as far as harvesters use them."""
    start, rows = number(words, "start", 0), min(number(words, "rows", 10), MOST_ROWS)
    fq = f"{words.get('fq') or ''} {listed(words.get('fq_list'))}"
    sought, barred, since = wish(str(words.get("q") or ""), fq)
    found = [library.package(one) for one in finding.find(sought, library.publishers)]
    found = [p for p in found if not (barred and p["organization"]["name"] in barred)]
    found = [p for p in found if p["metadata_modified"] >= since]
    found = in_order(found, str(words.get("sort") or ""))
    facets = {name: _facet(found, name) for name in _facet_names(words)}
    return {
        "count": len(found),
        "results": found[start : start + rows],
        "sort": str(words.get("sort") or "score desc, metadata_modified desc"),
        "facets": facets,
        "search_facets": {
            name: {
                "title": name,
                "items": [{"name": n, "display_name": n, "count": c} for n, c in counts.items()],
            }
            for name, counts in facets.items()
        },
    }


def current_package_list_with_resources(words: Words, library: Library) -> list[dict[str, Any]]:
    return [library.package(datasets[slug]) for slug in cut(sorted(datasets), words)]


def organization_list(words: Words, library: Library) -> list[Any]:
    counts = counted(offered.publisher for offered in datasets.values())
    names = sorted(set(counts) & set(listed_names(words, "organizations") or counts))
    if not flag(words, "all_fields"):
        return cut(names, words)
    found = [organization(publishers.of(n, library.publishers), counts[n]) for n in names]
    return cut(found, words)


def organization_show(words: Words, library: Library) -> dict[str, Any]:
    name = by_id("organization", needed(words, "id"), {o.publisher for o in datasets.values()})
    own = [offered for offered in datasets.values() if offered.publisher == name]
    said = organization(publishers.of(name, library.publishers), len(own))
    shown = flag(words, "include_datasets")
    return {**said, "packages": [library.package(o) for o in own] if shown else [], "extras": []}


def group_list(words: Words, library: Library) -> list[Any]:
    counts = counted(offered.topic for offered in datasets.values())
    names = sorted(counts)
    return cut([group(n, counts[n]) for n in names] if flag(words, "all_fields") else names, words)


def group_show(words: Words, library: Library) -> dict[str, Any]:
    name = by_id("group", needed(words, "id"), set(TOPICS))
    own = [offered for offered in datasets.values() if offered.topic == name]
    shown = flag(words, "include_datasets")
    said = {"packages": [library.package(o) for o in own] if shown else [], "extras": []}
    return group(name, len(own)) | said


def tag_list(words: Words, library: Library) -> list[str]:
    return sorted({word for offered in datasets.values() for word in offered.keywords})


def resource_show(words: Words, library: Library) -> dict[str, Any]:
    wanted = needed(words, "id")
    for offered in datasets.values():
        for one in library.package(offered)["resources"]:
            if one["id"] == wanted:
                return dict(one)
    raise NotFound


def license_list(words: Words, library: Library) -> list[dict[str, Any]]:
    used = sorted({licence(offered) for offered in datasets.values()})
    return [{"id": url, "title": url, "url": url, "status": "active"} for url in used]


def status_show(words: Words, library: Library) -> dict[str, Any]:
    """The version says whose shape this is, and that it is not CKAN."""
    return {
        "ckan_version": "2.10-kartini",
        "site_url": settings.BASE_URL,
        "site_title": f"Data terbuka {settings.REGENCY_NAME}",
        "site_description": "",
        "locale_default": "id",
        "extensions": [],
    }


def site_read(words: Words, library: Library) -> bool:
    return True


ACTIONS: dict[str, Callable[[Words, Library], Any]] = {
    action.__name__: action
    for action in (
        package_list, package_show, package_search, current_package_list_with_resources, organization_list,
        organization_show, group_list, group_show, tag_list, resource_show, license_list, status_show, site_read,
    )
}  # fmt: skip


def _facet_names(words: Words) -> list[str]:
    raw = words.get("facet.field") or []
    names = raw if isinstance(raw, list) else re.findall(r"[a-z_]+", str(raw))
    return [name for name in names if name in FACETS]


def _facet(found: Iterable[dict[str, Any]], name: str) -> dict[str, int]:
    return counted(value for one in found for value in FACETS[name](one))
