"""The catalogue for people: find a dataset, understand it, take it."""

from decimal import Decimal
from itertools import islice
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kartini.exchange import published
from kartini.exchange.catalogue import bps, files, finding, publishers, table
from kartini.exchange.catalogue.codes import code_lists
from kartini.exchange.catalogue.declared import SMALL, TOPICS, Column, Dataset, datasets
from kartini.exchange.catalogue.editions import all_editions
from kartini.exchange.catalogue.finding import Wish
from kartini.exchange.catalogue.publishers import Publisher
from kartini.exchange.catalogue.views.data import found
from kartini.exchange.models import Edition
from kartini.kit import formats

PER_PAGE = 20
SHOWN_ROWS = 10


class FilterForm(forms.Form):
    """What somebody looks for."""

    cari = forms.CharField(label=_("Words"), required=False, max_length=100)
    organisasi = forms.ChoiceField(label=_("Organisation"), required=False)
    topik = forms.ChoiceField(label=_("Topic"), required=False)
    format = forms.ChoiceField(label=_("Format"), required=False)

    def __init__(self, data: Any, names: dict[str, Publisher]) -> None:
        super().__init__(data)
        own = sorted({offered.publisher for offered in datasets.values()})
        topics = sorted({offered.topic for offered in datasets.values()})
        self._offer("organisasi", [(c, str(publishers.of(c, names))) for c in own])
        self._offer("topik", [(c, TOPICS[c].title) for c in topics])
        self._offer("format", [(name, str(form)) for name, form in files.FORMATS.items()])

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — tells mypy
        field.choices = [("", _("All")), *choices]

    def wish(self) -> Wish:
        """What can be read of it; a choice that does not exist asks for nothing."""
        self.is_valid()
        said = self.cleaned_data
        return Wish(
            str(said.get("cari") or "").replace("\0", ""),
            said.get("organisasi") or "",
            said.get("topik") or "",
            said.get("format") or "",
        )


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    names = dict(publishers.known())
    form = FilterForm(request.GET, names)
    wish = form.wish()
    listed = Paginator(finding.find(wish, names), PER_PAGE).get_page(request.GET.get("halaman"))
    editions = all_editions()
    context = {
        "form": form,
        "wish": wish,
        "page": listed,
        "rows": [_row(offered, editions, names) for offered in listed],
        "formats": [*files.FORMATS],
        "contracts": len(published.queries()) + len(published.events()),
        "lists": len(code_lists),
    }
    return render(request, "exchange/catalogue.html", context)


def _row(offered: Dataset, editions: Any, names: dict[str, Publisher]) -> dict[str, Any]:
    return {
        "dataset": offered,
        "publisher": publishers.of(offered.publisher, names),
        "edition": editions.get(offered.slug),
    }


@require_safe
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    offered = found(slug)
    known = publishers.known()
    context = {
        "dataset": offered,
        "publisher": publishers.of(offered.publisher, known),
        "edition": Edition.objects.filter(pk=slug).first(),
        "licence": files.licence(offered),
        "formats": [*files.FORMATS.values()],
        "sample": _first_rows(offered),
        "bps": bps.as_listed(offered, known),
        "small": SMALL,
    }
    return render(request, "exchange/dataset.html", context)


def _first_rows(offered: Dataset) -> list[list[tuple[Column, Any]]]:
    rows = islice(table.rows(offered), SHOWN_ROWS)
    columns = offered.columns
    return [[(c, _shown(c, v)) for c, v in zip(columns, row, strict=True)] for row in rows]


def _shown(column: Column, value: Any) -> Any:
    """What has a unit as the reader's language writes it (45,715 km² are no forty-five thousand), all else as it is."""
    if column.unit and isinstance(value, int | float | Decimal):
        return formats.number(value, language=get_language() or "id")
    return value if value is None else str(value)
