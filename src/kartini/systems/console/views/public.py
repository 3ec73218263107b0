"""For everybody: which system may ask or hear what, for what, by which right."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from kartini.exchange import published
from kartini.exchange.models import Grant
from kartini.people import words
from kartini.people.models import Organisation
from kartini.systems.console.engine import titles
from kartini.systems.console.forms.grants import GrantFilterForm
from kartini.systems.console.views.parts import named, paged, sheet

A_PAGE = 12


def index(request: HttpRequest) -> HttpResponse:
    """What holds today; ``?csv`` as a file."""
    rows = _rows()
    form = GrantFilterForm(
        request.GET, members={row["grant"].asker.member: row["member"] for row in rows}
    )
    chosen = _filtered(form, rows)
    if "csv" in request.GET:
        return _file(chosen)
    page = paged(request, chosen, A_PAGE)
    facts = {"form": form, "page": page, "filtered": len(chosen) < len(rows)}
    return render(request, "console/public.html", facts)


def _rows() -> list[dict[str, Any]]:
    names = dict(Organisation.objects.values_list("code", "name"))
    today = timezone.localdate()
    held = Grant.objects.filter(state__in=Grant.HOLDING).select_related("asker")
    return [
        {
            "grant": grant,
            "member": names.get(grant.asker.member, grant.asker.member),
            "purpose": words.of_purpose(grant.purpose),
            "what": str(titles.of_contract(grant.contract) or grant.contract),
            "is_event": grant.contract in published.events(),
            "described": grant.contract in published.queries() | published.events(),
            "fields": ", ".join(str(title or code) for title, code in named(grant.fields)),
        }
        for grant in held.order_by("asker__title", "contract")
        if grant.holds_on(today)
    ]


def _filtered(form: GrantFilterForm, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    form.is_valid()
    sought = form.cleaned_data.get("q", "").casefold()
    member = form.cleaned_data.get("member", "")
    return [
        row
        for row in rows
        if member in ("", row["grant"].asker.member) and sought in _spoken(row).casefold()
    ]


def _spoken(row: dict[str, Any]) -> str:
    """All that stands in the row, for the search."""
    grant = row["grant"]
    said = (grant.asker.title, grant.contract, grant.basis)
    return " ".join(map(str, (*said, row["member"], row["purpose"], row["what"], row["fields"])))


def _file(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [_("Who"), _("Organisation"), _("What"), _("Contract"), _("Fields"), _("What for")]
    lines = (
        [
            row["grant"].asker.title,
            row["member"],
            row["what"],
            row["grant"].contract,
            row["fields"] or "*",
            row["purpose"],
            row["grant"].basis,
            row["grant"].valid_until or "",
        ]
        for row in rows
    )
    return sheet("siapa-boleh-menanyakan-apa", [*head, _("Legal basis"), _("Valid until")], lines)
