"""Before every page: who is there, at which unit; and what to say when a verb was refused."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kartini.kit import answers, formats
from kartini.kit.flow import MoveRefused
from kartini.people.guards import no_access, role_required
from kartini.people.models import User
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.engine import ledger
from kartini.systems.bank_sampah.models import Depositor, Unit
from kartini.systems.bank_sampah.services import (
    cash,
    corrections,
    depositors,
    deposits,
    field,
    identity,
    managers,
    materials,
    newcomers,
    opening,
    prices,
    sales,
    stock,
    terms,
    units,
    withdrawals,
)

View = Callable[..., HttpResponse]
WORKERS = (rules.MANAGER.code, rules.PARENT.code)
READERS = (rules.DLH.code, rules.PARENT.code, rules.VILLAGE.code, rules.MANAGER.code)
A_PAGE = 25


def language() -> str:
    return get_language() or "id"


def rupiah(value: int) -> str:
    return formats.rupiah(value, language=language())


def kilograms(grams: int) -> str:
    return formats.number(grams / 1000, language=language()) + " kg"


def account(request: HttpRequest) -> User:
    """Who is signed in (the guard has seen to it)."""
    return cast("User", request.user)


def sent(request: HttpRequest) -> Any:
    """What a form sent, even when it sent nothing; ``None`` when the page is only shown."""
    return request.POST if request.method == "POST" else None


def paged(request: HttpRequest, rows: QuerySet[Any] | list[Any], size: int = A_PAGE) -> Page[Any]:
    return Paginator(rows, size).get_page(request.GET.get("halaman"))


def month_asked(request: HttpRequest) -> tuple[date, date]:
    """First and last day of ``?bulan=2026-10``; else of the month that is running."""
    try:
        first = date.fromisoformat(f"{request.GET.get('bulan', '')}-01")
    except ValueError:
        first = localdate().replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def months_back(day: date, months: int) -> date:
    """The first day of the month so many months earlier."""
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def months_to_choose(today: date) -> list[date]:
    return [months_back(today, back) for back in range(24)]


def _kept_when_signed_out(view: View) -> View:
    """A form that arrives after the session ended is kept on a page, to be sent again after signing in."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not request.user.is_authenticated:
            return answers.session_expired(request)
        return view(request, *args, **kwargs)

    return guarded


def for_depositors(view: View) -> View:
    """The owner of the passbook with this ``pk``: its person, or the holder of a group's."""

    @wraps(view)
    def opened(request: HttpRequest, pk: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = Depositor.objects.of_user(request.user).select_related("unit__terms", "person")
        return view(request, get_object_or_404(mine, pk=pk), *args, **kwargs)

    return _kept_when_signed_out(login_required(opened))


def for_workers(view: View) -> View:
    """A manager or an officer of a parent bank."""
    return _kept_when_signed_out(role_required(*WORKERS)(view))


def for_readers(view: View) -> View:
    """Whoever reads months: DLH, the parent bank, a village head, a manager of her own unit."""
    return role_required(*READERS)(view)


def at_unit(view: View) -> View:
    """A worker at the unit with this ``code``; hands the unit to the view."""

    @wraps(view)
    def opened(request: HttpRequest, code: str, *args: Any, **kwargs: Any) -> HttpResponse:
        units = Unit.objects.select_related("terms", "parent")
        unit = get_object_or_404(units, organisation_id=code)
        if not rules.works_at(request.user, unit):
            return no_access(request, *WORKERS)
        return view(request, unit, *args, **kwargs)

    return for_workers(opened)


def for_guides(view: View) -> View:
    """An officer of the parent bank of the unit with this ``code``."""
    return at_unit(_guided(view))


def at_parent(view: View) -> View:
    """… at the parent bank itself: what is kept there for all units."""

    @wraps(view)
    def opened(request: HttpRequest, unit: Unit, *args: Any, **kwargs: Any) -> HttpResponse:
        if unit.kind != Unit.Kind.PARENT:
            raise Http404
        return _guided(view)(request, unit, *args, **kwargs)

    return at_unit(opened)


def _guided(view: View) -> View:
    @wraps(view)
    def opened(request: HttpRequest, unit: Unit, *args: Any, **kwargs: Any) -> HttpResponse:
        if not rules.guides(request.user, unit):
            return no_access(request, rules.PARENT.code)
        return view(request, unit, *args, **kwargs)

    return opened


def with_depositor(view: View) -> View:
    """… and the depositor with this ``pk`` who saves there."""

    @wraps(view)
    def opened(request: HttpRequest, unit: Unit, pk: UUID, *args: Any, **kwargs: Any) -> HttpResponse:  # fmt: skip
        here = Depositor.objects.filter(unit=unit).select_related("unit", "person", "merged_into")
        depositor = here.filter(pk=pk).first()
        if depositor is None:
            raise Http404
        if depositor.merged_into is not None:
            return redirect("bank_sampah:depositor", unit.code, depositor.merged_into_id)
        return view(request, depositor, *args, **kwargs)

    return at_unit(opened)


LEFT_OVER = {
    "savings": gettext_lazy("savings"), "stock": gettext_lazy("stock"), "cash": gettext_lazy("money in the cash box"),
    "bank": gettext_lazy("money in the bank account"), "withdrawals": gettext_lazy("open withdrawals"),
}  # fmt: skip
SAID: dict[type[Exception], Callable[[Any], str]] = {
    deposits.NothingWeighed: lambda _e: _("Weigh at least one bag."),
    deposits.TooManyLines: lambda _e: _("At most 40 bags in one deposit."),
    deposits.TooHeavy: lambda e: (
        _("%(kg)s is more than one bag can weigh (%(most)s). Is the comma right?")
        % {"kg": kilograms(e.grams), "most": kilograms(e.most)}
    ),
    deposits.NotBought: lambda _e: _("The price list has no price for one of these materials."),
    deposits.NoLongerSaving: lambda _e: _("This passbook, or the waste bank, is closed."),
    deposits.IdUsed: lambda _e: _(
        "Another deposit stands under this number. Nothing was overwritten."
    ),
    prices.OutOfDate: lambda e: (
        _("Price list %(n)s is no longer valid. Load the prices and tell the depositor.")
        % {"n": e.version}
    ),
    prices.NoPriceList: lambda _e: _("This waste bank has not published prices yet."),
    prices.NoPrices: lambda _e: _("A price list needs at least one price."),
    prices.FromThePast: lambda _e: _("A price list cannot begin in the past."),
    withdrawals.NotEnoughSaved: lambda e: (
        _("%(rupiah)s can be withdrawn now.") % {"rupiah": rupiah(e.available)}
    ),
    withdrawals.TooLittle: lambda e: (
        _("At least %(rupiah)s at a time.") % {"rupiah": rupiah(e.least)}
    ),
    withdrawals.NotEnoughCash: lambda e: (
        _("Only %(rupiah)s lie there. Bring money first, then pay.")
        % {"rupiah": rupiah(e.available)}
    ),
    withdrawals.OwnWithdrawal: lambda _e: _("This is your own passbook. Another manager decides."),
    withdrawals.NeedsFourEyes: lambda _e: _("Above the limit a second person approves."),
    withdrawals.IdUsed: lambda _e: _("Another withdrawal stands under this number."),
    MoveRefused: lambda _e: _("Somebody was quicker: it can no longer be done."),
    sales.NothingSold: lambda _e: _("Weigh out at least one material."),
    sales.NotInStock: lambda e: (
        _("The book holds only %(kg)s. Count the heap first.") % {"kg": kilograms(e.available)}
    ),
    sales.BuyerCannotPay: lambda e: (
        _("The parent bank has only %(rupiah)s there.") % {"rupiah": rupiah(e.available)}
    ),
    sales.IdUsed: lambda _e: _("Another sale stands under this number."),
    stock.NeedsExplanation: lambda e: (
        _("Heap and book differ by %(kg)s. Say why.") % {"kg": kilograms(e.difference)}
    ),
    stock.ResidueOnlyLessens: lambda _e: _(
        "More than the book says cannot come from throwing away."
    ),
    cash.NotEnoughMoney: lambda e: (
        _("Only %(rupiah)s lie there.") % {"rupiah": rupiah(e.available)}
    ),
    cash.CashDiffers: lambda e: (
        _("The book says %(rupiah)s. Count again, or say why it differs.")
        % {"rupiah": rupiah(e.book)}
    ),
    cash.DayIsClosed: lambda _e: _("This day was closed already."),
    cash.MonthNotOver: lambda _e: _("The month is not over yet."),
    cash.MonthsInOrder: lambda _e: _("Close the months one after the other."),
    cash.DaysStillOpen: lambda e: (
        _("Still open: %(days)s")
        % {"days": ", ".join(formats.long_date(d, language=language()) for d in e.days[:5])}
    ),
    cash.CorrectionsWait: lambda _e: _("Corrections still wait for a second person."),
    corrections.AlreadyTakenBack: lambda _e: _(
        "This was taken back already, or waits for a second person."
    ),
    corrections.NothingToTakeBack: lambda _e: _("There is nothing booked to take back."),
    corrections.NeedsReason: lambda _e: _("Say why."),
    corrections.NeedsFourEyes: lambda _e: _("Whoever asked for a correction does not decide it."),
    corrections.AlreadySpent: lambda _e: _(
        "It cannot be taken back: the savings, the stock or the cash are gone."
    ),
    depositors.NoConsent: lambda _e: _("Nothing is kept without consent."),
    depositors.NumberTaken: lambda _e: _("This passbook number is taken."),
    depositors.AlreadySavesHere: lambda e: (
        _("This person already saves here as %(number)s. Merge the two passbooks.")
        % {"number": e.known}
    ),
    depositors.CannotMerge: lambda _e: _(
        "These two cannot be merged. Settle open withdrawals first."
    ),
    depositors.CannotUndo: lambda _e: _(
        "It cannot be undone: the savings are spent, or it was undone before."
    ),
    depositors.SavingsLeft: lambda _e: _("Pay out the savings first."),
    field.UnknownDepositor: lambda _e: _("Nobody with this number saves here."),
    newcomers.SameName: lambda e: (
        _(
            "Somebody of this name saves here already (%(books)s). The same person, or somebody else?"
        )
        % {"books": ", ".join(e.passbooks)}
    ),
    newcomers.ElsewhereKnown: lambda _e: _("Another passbook stands under this number."),
    newcomers.NoPhone: lambda _e: _("This is no telephone number. Mend it, or leave it empty."),
    field.UnknownPart: lambda _e: _("The group has no such class. Mend it and choose again."),
    field.UnknownPriceList: lambda _e: _("This price list is unknown."),
    identity.NotConfirmed: lambda _e: _(
        "The registry does not confirm this number. Compare it with the KTP."
    ),
    identity.RegistryAway: lambda _e: _(
        "The registry does not answer now. The passbook works without it; try again later."
    ),
    opening.HasFaults: lambda _e: _(
        "The sheet has rows that cannot be read. Nothing was taken over."
    ),
    opening.AlreadyTaken: lambda _e: _("This very file was taken over before."),
    opening.CannotUndo: lambda _e: _(
        "It cannot be undone: some savings are spent, or it was undone before."
    ),
    units.NotEmpty: lambda e: (
        _("Still there: %(what)s. Pay out, sell and settle first.")
        % {"what": ", ".join(str(LEFT_OVER[kind]) for kind in e.kinds)}
    ),
    units.CodeTaken: lambda _e: _("Another waste bank has this name or these letters."),
    managers.AlreadyManages: lambda _e: _("This account works here already."),
    managers.OwnRole: lambda _e: _("Nobody appoints or dismisses himself."),
    materials.NameTaken: lambda _e: _("Another one has this name already."),
    terms.NothingChanged: lambda _e: _("Nothing is different from what counts now."),
    terms.FromThePast: lambda _e: _("Choose today or a later day."),
    ledger.PeriodClosed: lambda _e: _("This month is closed: nothing older moves."),
}
REFUSALS = tuple(SAID)


def said(refusal: Exception) -> str:
    """Why a verb was refused, in words for whoever asked for it."""
    return SAID[type(refusal)](refusal)


def tried(request: HttpRequest, verb: Callable[..., Any], done: str, **words: Any) -> bool:
    """Do it and say so, or say why not. For verbs without a form to come back to."""
    try:
        verb(**words)
    except REFUSALS as refusal:
        messages.error(request, said(refusal))
        return False
    messages.success(request, done)
    return True
