"""The worklist: every filter stands in the address; counts and pages are capped, so that it stays quick with
years of applications."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, QuerySet, Value
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import Menu
from kartini.people import roles
from kartini.people.models import User
from kartini.places import names
from kartini.systems.joss import rules
from kartini.systems.joss.models import OPEN, STOPPED, Application, PermitType, State

A_PAGE = 20
MOST = 1000
MOST_IN_TAB = 100
FEW_TYPES = 8
LONGEST = 100
SHOWN = (
    *("number", "type_id", "applicant_name", "village_code", "district_code", "state", "holder"),
    *("stage", "act_by_on", "closed_at", "officer__full_name", "officer__email"),
    *("officer__phone", "officer__username"),
)
Rows = QuerySet[Application, Application]
RUNNING = frozenset(OPEN) - frozenset(STOPPED)
Titles = tuple[tuple[str, str], ...]


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
class Lens:
    """Which open files a view shows: as a question to the database, and to a line that was read."""

    states: frozenset[str] = frozenset(OPEN)
    holders: frozenset[str] | None = None
    officer: int | None = None
    first: date = date.min
    last: date = date.max

    def asks(self) -> Q:
        """``officer``: what is theirs or nobody's."""
        asked = Q(state__in=sorted(self.states))
        if self.holders is not None:
            asked &= Q(holder__in=sorted(self.holders))
        if self.officer is not None:
            asked &= Q(officer=None) | Q(officer=self.officer)
        if (self.first, self.last) != (date.min, date.max):
            asked &= Q(act_by_on__range=(self.first, self.last))
        return asked

    def sees(self, state: str, holder: str, officer: int | None, act_by_on: date | None) -> bool:
        return (
            state in self.states
            and (self.holders is None or holder in self.holders)
            and (self.officer is None or officer in {None, self.officer})
            and self.first <= (act_by_on or date.max) <= self.last
        )


@dataclass(frozen=True)
class Tab:
    """A saved view: its key in the address, its name, which of the open files, or all with the newest first."""

    key: str
    title: Any
    lens: Callable[["Worklist"], Lens]
    newest: bool = False


class FilterForm(forms.Form):
    """What narrows the list."""

    q = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput({"type": "search", "placeholder": _("Name, number, village")}),
    )
    jenis = forms.ChoiceField(label=_("Permit type"), required=False, widget=Menu)
    kec = forms.ChoiceField(label=_("Kecamatan"), required=False, widget=Menu)
    tahap = forms.ChoiceField(label=_("Stage"), required=False, widget=Menu)
    petugas = forms.ChoiceField(label=_("Officer"), required=False, widget=Menu)

    def __init__(self, data: dict[str, str], *, titles: Titles, districts: Titles) -> None:
        super().__init__(data)
        states = [(s.value, s.label) for s in State if s != State.DRAFT]
        choices: dict[str, Any] = {
            "jenis": [("", _("All types")), *titles],
            "kec": [("", _("All kecamatan")), *districts],
            "tahap": [("", _("All stages")), *states],
            "petugas": [("", _("Everybody")), ("saya", _("Me")), ("kosong", _("Nobody yet"))],
        }
        for name, listed in choices.items():
            self.fields[name].choices = listed  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Filters:
    """What narrows the list now: valid choices only, what the chips say, and the form as it is shown."""

    chosen: dict[str, str]
    chips: tuple[tuple[str, str], ...]
    form: SafeString


@lru_cache(maxsize=256)
def filters(
    _language: str, tab: str, titles: Titles, districts: Titles, given: tuple[str, ...]
) -> Filters:
    """Made once for each set of choices. A stale or invented choice shows the list all the same."""
    form = FilterForm(
        dict(zip(FilterForm.base_fields, given, strict=True)), titles=titles, districts=districts
    )
    form.is_valid()
    chosen = {name: str(form.cleaned_data.get(name) or "") for name in form.fields}
    chips = [
        (f"{form.fields[name].label}: {dict(form.fields[name].choices)[value]}", name)  # type: ignore[attr-defined]
        for name, value in chosen.items()
        if value and name != "q"
    ]
    if chosen["q"]:
        chips.append((say("Search: %(words)s") % {"words": chosen["q"]}, "q"))
    shown = render_to_string("joss/_filters.html", {"form": form, "tab": tab})
    return Filters(chosen, tuple(chips), shown)


@dataclass
class Worklist:
    """What one officer sees for one address."""

    user: User
    query: QueryDict
    today: date
    language: str
    types: list[PermitType] = field(init=False)
    sees_all_types: bool = field(init=False)
    filters: Filters = field(init=False)
    tab: Tab = field(init=False)

    def __post_init__(self) -> None:
        every = list(PermitType.objects.defer("definition").order_by("pk"))
        self.types = [t for t in every if self.desks & set(t.agencies)]
        self.sees_all_types = len(self.types) == len(every)
        wanted = self.query.get("tampilan", "")
        self.tab = next((tab for tab in TABS if tab.key == wanted), TABS[0])
        titles = {(t.code, t.title(self.language)) for t in self.types}
        self.filters = filters(
            self.language,
            self.tab.key,
            tuple(sorted(titles, key=lambda t: t[1])),
            tuple((k.code, k.name) for k in names.kecamatan()),
            tuple(self.query.get(name, "")[:LONGEST] for name in FilterForm.base_fields),
        )

    @cached_property
    def reach(self) -> Rows:
        """All submitted applications that this officer may open."""
        rows = Application.objects.submitted()
        pks = [t.pk for t in self.types]
        if len(pks) > FEW_TYPES and not self.sees_all_types:
            # no index on the type, please: the newest twenty are found sooner in the order of time
            rows = rows.alias(its_type=F("type_id") + Value(0)).filter(its_type__in=pks)
        elif not self.sees_all_types:
            rows = rows.filter(type__in=pks)
        places = {role.place_code for role in roles.roles_of(self.user) if role.kind in rules.STAFF}
        if "" not in places:
            inside = Q()
            for place in places:
                inside |= Q(village_code__startswith=place)
            rows = rows.filter(inside)
        return rows.exclude(applicant=self.user)

    @cached_property
    def open(self) -> Rows:
        """Those that are neither decided nor withdrawn."""
        return self.reach.filter(closed_at=None)

    def rows(self) -> Rows:
        """The rows of the tab, filtered and in order."""
        rows = self.reach if self.tab.newest else self.open.filter(self.tab.lens(self).asks())
        chosen = self.filters.chosen
        if code := chosen["jenis"]:
            rows = rows.filter(type__in=[t.pk for t in self.types if t.code == code])
        if district := chosen["kec"]:
            rows = rows.filter(district_code=district)
        if state := chosen["tahap"]:
            rows = rows.filter(state=state)
        officer = chosen["petugas"]
        if officer == "saya":
            rows = rows.filter(officer=self.user)
        elif officer:
            rows = rows.filter(officer=None, closed_at=None)
        if words := chosen["q"]:
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
        """One page of rows, with what each row shows; capped. An unfiltered tab is counted already."""
        rows = self.rows().select_related("officer").only(*SHOWN)
        paginator = CappedPaginator(rows, A_PAGE)
        counted = self.counts.get(self.tab.key)
        if counted is not None and not self.is_filtered:
            paginator.count = min(counted, MOST)
        page = paginator.get_page(self.query.get("halaman"))
        types = {one.pk: one for one in self.types}
        page.object_list = list(page.object_list)
        for one in page.object_list:
            one.type = types[one.type_id]
        return page

    @property
    def is_filtered(self) -> bool:
        return any(self.filters.chosen.values()) or self.order == "baru"

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many files each view of the open ones holds; one question, a line for all that are alike."""
        alike = self.open.order_by().values_list("state", "holder", "officer_id", "act_by_on")
        lines = list(alike.annotate(n=Count("pk")))
        lenses = {tab.key: tab.lens(self) for tab in TABS if not tab.newest}
        return {
            key: sum(line[-1] for line in lines if lens.sees(*line[:-1]))
            for key, lens in lenses.items()
        }

    def tabs(self) -> list[tuple[Tab, str]]:
        """Every tab with its number of rows (``100+`` when there are more)."""
        shown = {
            key: f"{MOST_IN_TAB}+" if count >= MOST_IN_TAB else str(count)
            for key, count in self.counts.items()
        }
        return [(tab, shown.get(tab.key, "")) for tab in TABS]

    @cached_property
    def desks(self) -> frozenset[str]:
        return frozenset(rules.desks(self.user))


def _my_desk(worklist: Worklist) -> Lens:
    """What this officer can act on, unless a colleague has it."""
    states = frozenset(rules.states_of(worklist.user))
    return Lens(states, worklist.desks, officer=worklist.user.pk)


def _this_week(worklist: Worklist) -> Lens:
    sunday = worklist.today + timedelta(days=6 - worklist.today.weekday())
    return Lens(RUNNING, worklist.desks, first=worklist.today, last=sunday)


def _late(worklist: Worklist) -> Lens:
    return Lens(RUNNING, worklist.desks, last=worklist.today - timedelta(days=1))


TABS = (
    Tab("meja", _("My desk"), _my_desk),
    Tab("pekan", _("Due this week"), _this_week),
    Tab("telat", _("Late"), _late),
    Tab("pemohon", _("Waiting for the applicant"), lambda _w: Lens(frozenset(STOPPED))),
    Tab("semua", _("All"), lambda _w: Lens(), newest=True),
)
