"""What is set for a unit and seldom changes: name and place, who works there, its limits, whether it is open."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from kartini.people.models import TrailLine
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.forms.fields import ReasonForm
from kartini.systems.bank_sampah.forms.units import ManagerForm, NewUnitForm, TermsForm, UnitForm
from kartini.systems.bank_sampah.models import TermsChange, Unit
from kartini.systems.bank_sampah.services import managers, terms, units
from kartini.systems.bank_sampah.views.doorway import (
    REFUSALS,
    account,
    at_parent,
    at_unit,
    for_guides,
    paged,
    said,
    sent,
    tried,
)
from kartini.systems.bank_sampah.views.public import spot

WORDS = {
    "bank-sampah.unit-opened": gettext_lazy("Came into service"),
    "bank-sampah.unit-described": gettext_lazy("Details mended"),
    "bank-sampah.unit-closed": gettext_lazy("Closed"),
    "bank-sampah.unit-reopened": gettext_lazy("Back in service"),
    "bank-sampah.hours-set": gettext_lazy("Weighing hours set"),
    "bank-sampah.village-followed": gettext_lazy("The village's code changed"),
    "bank-sampah.village-unclear": gettext_lazy("The village was divided: choose the new one"),
}


@require_safe
@at_unit
def hub(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Everything that is set here, in one list."""
    context = {"unit": unit, "guides": rules.guides(request.user, unit)}
    return render(request, "bank_sampah/settings.html", context)


@at_unit
def profile(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Address, point and permit, with the line of what was changed when and by whom."""
    form = UnitForm(sent(request), unit=unit, whole=rules.guides(request.user, unit))
    if form.is_valid():
        units.describe(unit=unit, by=account(request), at=now(), **form.cleaned_data)
        messages.success(request, _("Saved. The public page shows it."))
        return redirect("bank_sampah:profile", unit.code)
    context = {"unit": unit, "form": form, "map": spot(unit), "page": _history(request, unit)}
    return render(request, "bank_sampah/profile.html", context)


def _history(request: HttpRequest, unit: Unit) -> Any:
    lines = TrailLine.objects.filter(thing=f"bank-sampah.unit:{unit.pk}", verb__in=WORDS)
    page = paged(request, lines.select_related("by").order_by("-at", "-pk"), 10)
    for line in page:
        line.words = WORDS[line.verb]
    return page


@at_parent
def open_unit(request: HttpRequest, unit: Unit) -> HttpResponse:
    """A new unit below this parent bank."""
    form = NewUnitForm(sent(request))
    if form.is_valid():
        words = form.cleaned_data
        code = slugify(f"bs {words['name'].lower().replace('bank sampah', '')}")[:40]
        try:
            made = units.open_unit(code=code, parent=unit, by=account(request), at=now(), **words)
        except REFUSALS as refusal:
            form.add_error("prefix", said(refusal))
        else:
            messages.success(request, _("It is in service. Appoint its managers, then set hours and prices."))  # fmt: skip
            return redirect("bank_sampah:settings", made.code)
    return render(request, "bank_sampah/open_unit.html", {"unit": unit, "form": form})


@for_guides
def close_unit(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Take it out of service, with a reason; or back into it, when it is closed."""
    form, closed = ReasonForm(sent(request)), unit.closed_on is not None
    if form.is_valid():
        how = {"unit": unit, "reason": form.cleaned_data["reason"], "by": account(request), "at": now()}  # fmt: skip
        try:
            units.reopen_unit(**how) if closed else units.close_unit(closed_on=localdate(), **how)
        except REFUSALS as refusal:
            form.add_error(None, said(refusal))
        else:
            messages.success(request, _("It is in service again.") if closed else _("It is closed."))  # fmt: skip
            return redirect("bank_sampah:settings", unit.code)
    return render(
        request, "bank_sampah/close_unit.html", {"unit": unit, "form": form, "ends": not closed}
    )


@at_unit
def staff(request: HttpRequest, unit: Unit) -> HttpResponse:
    """Who works here; the parent bank appoints and dismisses."""
    guides, form = rules.guides(request.user, unit), ManagerForm(sent(request))
    if guides and form.is_valid():
        try:
            managers.appoint(unit=unit, user=form.cleaned_data["account"], by=account(request), at=now())  # fmt: skip
        except REFUSALS as refusal:
            form.add_error("account", said(refusal))
        else:
            messages.success(request, _("Appointed. The account was told."))
            return redirect("bank_sampah:staff", unit.code)
    rows = managers.roles_at(unit).select_related("user", "granted_by", "ended_by").order_by("-from_on", "-pk")  # fmt: skip
    today = localdate()
    standing = [role for role in rows if role.holds_on(today)]
    page = paged(request, [role for role in rows if role not in standing], 10)
    context = {"unit": unit, "form": form, "standing": standing, "page": page, "guides": guides}
    return render(request, "bank_sampah/staff.html", context)


@for_guides
def dismiss(request: HttpRequest, unit: Unit, pk: int) -> HttpResponse:
    """Asked once more, with a reason."""
    role, form = get_object_or_404(managers.roles_at(unit), pk=pk), ReasonForm(sent(request))
    if form.is_valid():
        done, reason = _("Dismissed. The account no longer opens this unit."), form.cleaned_data["reason"]  # fmt: skip
        tried(request, managers.dismiss, done, role=role, reason=reason, by=account(request), at=now())  # fmt: skip
        return redirect("bank_sampah:staff", unit.code)
    return render(
        request,
        "bank_sampah/dismiss.html",
        {"unit": unit, "form": form, "role": role, "ends": True},
    )


@at_unit
def limits(request: HttpRequest, unit: Unit) -> HttpResponse:
    """The terms as they stand, what will change and what changed; the parent bank decides for its units."""
    mine = unit.kind == Unit.Kind.PARENT and rules.guides(request.user, unit)
    form = TermsForm(sent(request) if mine else None, terms=unit.terms)
    if form.is_valid() and _decided(request, unit, form):
        return redirect("bank_sampah:limits", unit.code)
    changes = unit.terms.changes.select_related("decided_by")
    past = changes.exclude(done_at=None).order_by("-done_at", "-pk")
    newest = {one.limit: one for one in reversed(list(past))}
    context = {
        "unit": unit, "form": form, "mine": mine, "page": paged(request, past, 10),
        "rows": [(form[name], getattr(unit.terms, name), newest.get(name)) for name in rules.LIMITS],
        "waiting": changes.filter(done_at=None).order_by("from_on", "pk"),
        "count": Unit.objects.open().filter(terms=unit.terms).count(),
    }  # fmt: skip
    return render(request, "bank_sampah/limits.html", context)


def _decided(request: HttpRequest, unit: Unit, form: TermsForm) -> bool:
    words, at = form.cleaned_data, now()
    try:
        terms.change(
            terms=unit.terms, limits=form.limits(), reason=words["reason"], from_on=words["from_on"],
            by=account(request), at=at,
        )  # fmt: skip
    except terms.FromThePast as refusal:
        form.add_error("from_on", said(refusal))
        return False
    except REFUSALS as refusal:
        form.add_error(None, said(refusal))
        return False
    later = words["from_on"] > localdate(at)
    messages.success(request, _("Decided. It counts from the day you chose.") if later else _("It counts from now on."))  # fmt: skip
    return True


@require_POST
@at_parent
def withdraw_limit(request: HttpRequest, unit: Unit, pk: int) -> HttpResponse:
    """A change whose day has not come is dropped."""
    one = get_object_or_404(TermsChange, pk=pk, terms=unit.terms)
    if terms.withdraw(change=one, by=account(request), at=now()):
        messages.success(request, _("Dropped. The limit stays as it is."))
    else:
        messages.error(request, _("It counts already. Decide a new change."))
    return redirect("bank_sampah:limits", unit.code)
