"""The worklist: every filter stands in the address; counts and pages are capped, so that it stays quick with
years of applications."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet, Value
from django.http import QueryDict
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from kartini.people import roles
from kartini.people.models import User
from kartini.places import names
from kartini.systems.joss import rules
from kartini.systems.joss.models import OPEN, STOPPED, Application, PermitType, State

A_PAGE = 20
MOST = 1000
MOST_IN_TAB = 100
FEW_TYPES = 8
Rows = QuerySet[Application, Application]


class CappedPaginator(Paginator[Application]):
    """Counts no further than ``MOST``: who needs more narrows the filter."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        counted: int = rows.order_by()[:MOST].count()
        return counted

    @property
    def is_capped(self) -> bool:
        return self.count >= MOST


@dataclass(frozen=True)
class Tab:
    """A saved view: its key in the address, its name, which rows, whether the newest come first."""

    key: str
    title: Any
    rows: Callable[["Worklist"], Rows]
    newest: bool = False


class FilterForm(forms.Form):
    """What narrows the list."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, number, village")}),
    )
    jenis = forms.ChoiceField(label=_("Permit type"), required=False)
    kec = forms.ChoiceField(label=_("Kecamatan"), required=False)
    tahap = forms.ChoiceField(label=_("Stage"), required=False)
    petugas = forms.ChoiceField(label=_("Officer"), required=False)

    def __init__(self, data: QueryDict, *, types: Iterable[PermitType], language: str) -> None:
        super().__init__(data)
        titles = sorted({(t.code, t.title(language)) for t in types}, key=lambda t: t[1])
        choices: dict[str, Any] = {
            "jenis": [("", _("All types")), *titles],
            "kec": [("", _("All kecamatan")), *((k.code, k.name) for k in names.kecamatan())],
            "tahap": [
                ("", _("All stages")),
                *((s.value, s.label) for s in State if s != State.DRAFT),
            ],
            "petugas": [
                ("", _("Everybody")),
                ("saya", _("Me")),
                ("kosong", _("Nobody yet")),
            ],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]

    def chosen(self, name: str) -> str:
        """A valid choice, or nothing: a stale or invented address shows the list all the same."""
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")


@dataclass
class Worklist:
    """What one officer sees for one address."""

    user: User
    query: QueryDict
    today: date
    language: str
    types: list[PermitType] = field(init=False)
    form: FilterForm = field(init=False)
    tab: Tab = field(init=False)

    def __post_init__(self) -> None:
        desks = set(rules.desks(self.user))
        every = PermitType.objects.defer("definition").order_by("pk")
        self.types = [t for t in every if desks & set(t.agencies)]
        self.form = FilterForm(self.query, types=self.types, language=self.language)
        wanted = self.query.get("tampilan", "")
        self.tab = next((tab for tab in TABS if tab.key == wanted), TABS[0])

    @cached_property
    def reach(self) -> Rows:
        """All submitted applications that this officer may open."""
        rows = Application.objects.submitted()
        pks = [t.pk for t in self.types]
        if len(pks) > FEW_TYPES and not self._sees_all_types:
            # no index on the type, please: the newest twenty are found sooner in the order of time
            rows = rows.alias(its_type=F("type_id") + Value(0)).filter(its_type__in=pks)
        elif not self._sees_all_types:
            rows = rows.filter(type__in=pks)
        places = {role.place_code for role in roles.roles_of(self.user) if role.kind in rules.STAFF}
        if "" not in places:
            inside = Q()
            for place in places:
                inside |= Q(village_code__startswith=place)
            rows = rows.filter(inside)
        return rows.exclude(applicant=self.user)

    @property
    def _sees_all_types(self) -> bool:
        return len(self.types) == PermitType.objects.count()

    def rows(self) -> Rows:
        """The rows of the tab, filtered and in order."""
        rows = self.tab.rows(self)
        if code := self.form.chosen("jenis"):
            rows = rows.filter(type__in=[t.pk for t in self.types if t.code == code])
        if district := self.form.chosen("kec"):
            rows = rows.filter(district_code=district)
        if state := self.form.chosen("tahap"):
            rows = rows.filter(state=state)
        officer = self.form.chosen("petugas")
        if officer == "saya":
            rows = rows.filter(officer=self.user)
        elif officer:
            rows = rows.filter(officer=None, closed_at=None)
        if words := self.form.chosen("q"):
            rows = rows.found_by(words)  # type: ignore[attr-defined]
        return self._ordered(rows)

    def _ordered(self, rows: Rows) -> Rows:
        if self.order == "baru":
            return rows.order_by("-submitted_at")
        rows = rows.filter(closed_at=None)  # what is finished has no time left
        return rows.order_by("act_by_on" if self.order == "sisa" else "-act_by_on", "number")

    @property
    def order(self) -> str:
        given = self.query.get("urut", "")
        if given in {"sisa", "-sisa", "baru"}:
            return given
        return "baru" if self.tab.newest else "sisa"

    def page(self) -> Any:
        """One page of rows, with what each row shows; capped."""
        rows = self.rows().select_related("officer").prefetch_related("type").defer("answers")
        return CappedPaginator(rows, A_PAGE).get_page(self.query.get("halaman"))

    def tabs(self) -> list[tuple[Tab, str]]:
        """Every tab with its number of rows (``100+`` when there are more)."""
        counted = []
        for tab in TABS:
            number = 0 if tab.newest else tab.rows(self).order_by()[:MOST_IN_TAB].count()
            shown = f"{MOST_IN_TAB}+" if number >= MOST_IN_TAB else str(number)
            counted.append((tab, "" if tab.newest else shown))
        return counted

    def held(self) -> Rows:
        """Open files whose turn is at this officer's agencies."""
        return self.reach.filter(closed_at=None, holder__in=rules.desks(self.user))

    def chips(self) -> list[tuple[str, str]]:
        """The filters in force: what they say, and the name to leave out."""
        found = []
        for name in ("jenis", "kec", "tahap", "petugas"):
            if value := self.form.chosen(name):
                listed = dict(self.form.fields[name].choices)  # type: ignore[attr-defined]
                found.append((f"{self.form.fields[name].label}: {listed[value]}", name))
        if words := self.form.chosen("q"):
            found.append((say("Search: %(words)s") % {"words": words}, "q"))
        return found


def _my_desk(worklist: Worklist) -> Rows:
    """What this officer can act on, unless a colleague has it."""
    own = Q(officer=None) | Q(officer=worklist.user)
    return worklist.held().filter(own, state__in=rules.states_of(worklist.user))


def _this_week(worklist: Worklist) -> Rows:
    sunday = worklist.today + timedelta(days=6 - worklist.today.weekday())
    return worklist.held().filter(
        act_by_on__range=(worklist.today, sunday), state__in=set(OPEN) - set(STOPPED)
    )


def _late(worklist: Worklist) -> Rows:
    return worklist.held().filter(act_by_on__lt=worklist.today)


def _with_the_applicant(worklist: Worklist) -> Rows:
    return worklist.reach.filter(closed_at=None, state__in=STOPPED)


def _all(worklist: Worklist) -> Rows:
    return worklist.reach


TABS = (
    Tab("meja", _("My desk"), _my_desk),
    Tab("pekan", _("Due this week"), _this_week),
    Tab("telat", _("Late"), _late),
    Tab("pemohon", _("Waiting for the applicant"), _with_the_applicant),
    Tab("semua", _("All"), _all, newest=True),
)
