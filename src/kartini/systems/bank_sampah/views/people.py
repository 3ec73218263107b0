"""Depositors as their unit sees them: the list, a passbook, registering, verifying, merging, classes."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.kit import formats
from kartini.office import documents
from kartini.systems.bank_sampah.forms.counter import (
    DepositorForm,
    MergeForm,
    VerifyForm,
    WithdrawalForm,
)
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Depositor, Merge, Unit
from kartini.systems.bank_sampah.models.figures import ranking
from kartini.systems.bank_sampah.services import depositors, identity, withdrawals
from kartini.systems.bank_sampah.views import files, passbook
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    kilograms,
    paged,
    said,
    sent,
    tried,
    with_depositor,
)

CERTIFICATE = Path(__file__).parent.parent / "templates/bank_sampah/certificate.typ"


@require_safe
@at_unit
def people(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Who saves here; every filter is in the address."""
    form = FindForm(request.GET)
    rows = Depositor.objects.saving().filter(unit=unit).select_related("unit")
    kind = request.GET.get("jenis", "")
    if kind in Depositor.Kind.values:
        rows = rows.filter(kind=kind)
    if form.words():
        rows = rows.matching(form.words())
    rows = rows.annotate(saved=_saved()).order_by("number")
    if (wanted := files.wanted(request)) != "":
        heads = (_("Number"), _("Name"), _("Kind"), _("Savings"))
        lines = (
            (d.passbook, d.name, d.get_kind_display(), d.saved)  # type: ignore[attr-defined]
            for d in rows[: files.MOST]
        )
        return files.answer(wanted, f"nasabah-{unit.code}", heads, lines)
    context = {"unit": unit, "page": paged(request, rows), "form": form, "kind": kind, "kinds": Depositor.Kind.choices}  # fmt: skip
    return render(request, "bank_sampah/people.html", context)


def _saved() -> Any:
    """A depositor's balance, in the same question as the list."""
    net = F("accounts__credits_posted") - F("accounts__debits_posted")
    return Sum(net, filter=Q(accounts__kind="savings"), default=0)


@require_safe
@with_depositor
def depositor(request: HttpRequest, one: Depositor) -> HttpResponse:
    """A passbook as the unit sees it. Opening a verified person's book is noted."""
    identity.note_look(depositor=one, by=request.user, at=now())
    context = passbook.shown(request, one) | {
        "unit": one.unit,
        "card": one.cards.filter(ended_at=None).first(),
        "parts": one.parts.order_by("name"),
        "merges": Merge.objects.filter(target=one, undone_at=None).select_related("source__unit"),
    }
    return render(request, "bank_sampah/depositor.html", context)


@require_safe
@with_depositor
def book(request: HttpRequest, one: Depositor) -> HttpResponse:
    return passbook.printed(one)


@at_unit
def register(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Open a passbook."""
    form = DepositorForm(sent(request))
    if form.is_valid():
        words = form.cleaned_data
        made = depositors.register(
            id=form.deed_id, unit=unit, name=words["name"], kind=words["kind"], consent=words["consent"],
            phone=words["phone"], address=words["address"], by=account(request), at=now(),
        )  # fmt: skip
        messages.success(request, _("Passbook %(number)s is open.") % {"number": made.passbook})
        return redirect("bank_sampah:depositor", unit.code, made.pk)
    return render(request, "bank_sampah/register.html", {"unit": unit, "form": form})


@with_depositor
def verify(request: HttpRequest, one: Depositor) -> HttpResponse:
    """Ask the registry through the exchange who this is; the passbook stands without it too."""
    form = VerifyForm(sent(request))
    if form.is_valid():
        try:
            identity.confirm(
                depositor=one, nik=form.cleaned_data["nik"], by=account(request), at=now()
            )
        except REFUSALS as refusal:
            form.add_error("nik", said(refusal))
        else:
            messages.success(request, _("Confirmed by the civil registry."))
            return redirect("bank_sampah:depositor", one.unit.code, one.pk)
    return render(request, "bank_sampah/verify.html", {"one": one, "unit": one.unit, "form": form})


@require_POST
@with_depositor
def new_card(request: HttpRequest, one: Depositor) -> HttpResponse:
    depositors.issue_card(depositor=one, at=now())
    messages.success(request, _("A new card was issued. The old one is no longer valid."))
    return redirect("bank_sampah:card", one.unit.code, one.pk)


@require_safe
@with_depositor
def card(request: HttpRequest, one: Depositor) -> HttpResponse:
    """The card, to print and cut out."""
    valid = one.cards.filter(ended_at=None).first()
    context = {"one": one, "unit": one.unit, "card": valid}
    return render(request, "bank_sampah/card.html", context)


@with_depositor
def ask(request: HttpRequest, one: Depositor) -> HttpResponse:
    """A withdrawal that the depositor asks for at the counter."""
    form = WithdrawalForm(sent(request))
    savings, _brought = passbook.purses(one)
    if form.is_valid():
        try:
            withdrawals.ask(
                id=form.deed_id, depositor=one, amount_rupiah=form.cleaned_data["amount"], way=form.cleaned_data["way"],
                to_account=form.cleaned_data["to_account"], by=account(request), at=now(),
            )  # fmt: skip
            return redirect("bank_sampah:withdrawals", one.unit.code)
        except REFUSALS as refusal:
            form.add_error("amount", said(refusal))
    context = {
        "form": form, "depositor": one, "unit": one.unit, "available": savings.available if savings else 0,
        "back": reverse("bank_sampah:depositor", args=[one.unit.code, one.pk]),
    }  # fmt: skip
    return render(request, "bank_sampah/ask_at_counter.html", context)


@with_depositor
def merge(request: HttpRequest, one: Depositor) -> HttpResponse:
    """This passbook is another one's double."""
    others = Depositor.objects.saving().filter(unit=one.unit).exclude(pk=one.pk)
    words = FindForm(request.GET).words() or one.name.split()[0]
    found = others.matching(words).select_related("unit").order_by("name")
    form = MergeForm(sent(request), others=found if request.method == "GET" else others)
    if form.is_valid():
        target = form.cleaned_data["target"]
        done = _("Merged. It can be undone on the passbook that was kept.")
        if tried(
            request, depositors.merge, done, id=form.deed_id, source=one, target=target,
            reason=form.cleaned_data["reason"], by=account(request), at=now(),
        ):  # fmt: skip
            return redirect("bank_sampah:depositor", one.unit.code, target.pk)
    context = {"one": one, "unit": one.unit, "form": form, "find": FindForm({"q": words}), "found": found[:1]}  # fmt: skip
    return render(request, "bank_sampah/merge.html", context)


@require_POST
@with_depositor
def undo_merge(request: HttpRequest, one: Depositor, merge: UUID) -> HttpResponse:
    made = get_object_or_404(Merge, pk=merge, target=one)
    done = _("They are two passbooks again.")
    tried(request, depositors.undo_merge, done, merge=made, by=account(request), at=now())
    return redirect("bank_sampah:depositor", one.unit.code, one.pk)


@with_depositor
def classes(request: HttpRequest, one: Depositor) -> HttpResponse:
    """A school's classes by what they brought in the last year. Classes, not children."""
    if one.kind != Depositor.Kind.GROUP:
        raise Http404
    if request.method == "POST" and (name := request.POST.get("name", "").strip()[:40]):
        depositors.add_part(group=one, name=name, by=account(request), at=now())
        return redirect("bank_sampah:classes", one.unit.code, one.pk)
    today = localdate()
    rows = ranking(one, today - timedelta(days=365), today)
    return render(request, "bank_sampah/classes.html", {"one": one, "unit": one.unit, "rows": rows})


@require_safe
@with_depositor
def certificate(request: HttpRequest, one: Depositor, place: int) -> HttpResponse:
    """A certificate for one of the three best classes."""
    today = localdate()
    rows = ranking(one, today - timedelta(days=365), today)[:3]
    if not 1 <= place <= len(rows):
        raise Http404
    part, grams = rows[place - 1]
    data = {
        "agency": {"name": one.unit.name, "address": one.unit.address},
        "place": place,
        "class": part.name,
        "school": one.name,
        "brought": kilograms(grams),
        "day": formats.long_date(today),
    }
    letter = documents.render(template=CERTIFICATE, data=data, title=_("Certificate"), at=now())
    response = HttpResponse(letter, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="piagam-{place}.pdf"'
    return response
