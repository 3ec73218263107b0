"""Depositors as their unit sees them: the list, a passbook, registering, verifying, merging, leaving."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kartini.systems.bank_sampah.forms.counter import (
    ContactForm,
    DepositorForm,
    MergeForm,
    VerifyForm,
    WithdrawalForm,
)
from kartini.systems.bank_sampah.forms.trade import FindForm
from kartini.systems.bank_sampah.models import Depositor, Merge, Unit
from kartini.systems.bank_sampah.services import contacts, depositors, identity, withdrawals
from kartini.systems.bank_sampah.views import files, passbook
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_unit,
    paged,
    said,
    sent,
    tried,
    with_depositor,
)

MOST_DOUBLES = 12
LEFT = "tutup"


@require_safe
@at_unit
def people(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Who saves here; every filter is in the address."""
    form, kind = FindForm(request.GET), request.GET.get("jenis", "")
    rows = Depositor.objects.filter(unit=unit, merged_into=None).select_related("unit")
    rows = rows.exclude(left_on=None) if kind == LEFT else rows.filter(left_on=None)
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
    kinds = [*Depositor.Kind.choices, (LEFT, _("Closed passbooks"))]
    context = {"unit": unit, "page": paged(request, rows), "form": form, "kind": kind, "kinds": kinds}  # fmt: skip
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
        if words["told"]:
            contacts.agree(depositor=made, by=account(request), at=now())
        messages.success(request, _("Passbook %(number)s is open.") % {"number": made.passbook})
        return redirect("bank_sampah:depositor", unit.code, made.pk)
    return render(request, "bank_sampah/register.html", {"unit": unit, "form": form})


@with_depositor
def change(request: HttpRequest, one: Depositor) -> HttpResponse:
    """Mend the name, telephone and address; messages begin or end."""
    known = {name: getattr(one, name) for name in ("name", "phone", "address")}
    form = ContactForm(sent(request), initial=known | {"told": hasattr(one, "phone_consent")})
    if form.is_valid():
        contacts.change(depositor=one, **form.cleaned_data, by=account(request), at=now())
        messages.success(request, _("Saved."))
        return redirect("bank_sampah:depositor", one.unit.code, one.pk)
    return render(request, "bank_sampah/contact.html", {"one": one, "unit": one.unit, "form": form})


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
            messages.success(request, _("Asked for. Approve it, then pay it out."))
            return redirect("bank_sampah:withdrawal", one.unit.code, form.deed_id)
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
    found = others.matching(words).order_by("name").values("pk")[:MOST_DOUBLES]
    shown = others.filter(pk__in=[row["pk"] for row in found]).select_related("unit")
    form = MergeForm(sent(request), others=shown.order_by("name"))
    if form.is_valid():
        target = form.cleaned_data["target"]
        done = _("Merged. It can be undone on the passbook that was kept.")
        if tried(
            request, depositors.merge, done, id=form.deed_id, source=one, target=target,
            reason=form.cleaned_data["reason"], by=account(request), at=now(),
        ):  # fmt: skip
            return redirect("bank_sampah:depositor", one.unit.code, target.pk)
    context = {"one": one, "unit": one.unit, "form": form, "find": FindForm({"q": words}), "found": found}  # fmt: skip
    return render(request, "bank_sampah/merge.html", context)


@require_POST
@with_depositor
def undo_merge(request: HttpRequest, one: Depositor, merge: UUID) -> HttpResponse:
    made = get_object_or_404(Merge, pk=merge, target=one)
    done = _("They are two passbooks again.")
    tried(request, depositors.undo_merge, done, merge=made, by=account(request), at=now())
    return redirect("bank_sampah:depositor", one.unit.code, one.pk)


@with_depositor
def leave(request: HttpRequest, one: Depositor) -> HttpResponse:
    """Close a passbook; asked once more on a page of its own."""
    if request.method == "POST":
        done = _("The passbook is closed.")
        tried(request, depositors.leave, done, depositor=one, on=localdate(), by=account(request), at=now())  # fmt: skip
        return redirect("bank_sampah:depositor", one.unit.code, one.pk)
    savings, _brought = passbook.purses(one)
    context = {
        "one": one,
        "unit": one.unit,
        "balance": savings.balance if savings else 0,
        "ends": True,
    }
    return render(request, "bank_sampah/leave.html", context)
