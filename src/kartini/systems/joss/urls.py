"""Addresses below /joss/, and what JOSS hangs out at the portal."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.urls import path, register_converter, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors, formats
from kartini.people import roles
from kartini.systems.joss import rules
from kartini.systems.joss.services import figures, types
from kartini.systems.joss.views import case, desk, own, public, turns, wizard


class NumberInAddress:
    """The number of an application."""

    regex = "JOSS-[0-9]{4}-[0-9]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: Any) -> str:
        return str(value)


register_converter(NumberInAddress, "joss-number")
app_name = "joss"
urlpatterns = [
    path("", public.services, name="services"),
    path("layanan/<slug:code>/", public.service, name="service"),
    path("layanan/<slug:code>/mulai/", wizard.start, name="start"),
    path("lacak/", public.track, name="track"),
    path("draf/<uuid:pk>/", wizard.draft, name="draft"),
    path("draf/<uuid:pk>/diri/", wizard.about_you, name="identity"),
    path("draf/<uuid:pk>/isi/<slug:code>/", wizard.step, name="step"),
    path("draf/<uuid:pk>/berkas/", wizard.hand_in_papers, name="papers"),
    path("draf/<uuid:pk>/periksa/", wizard.check, name="check"),
    path("draf/<uuid:pk>/buang/", wizard.discard, name="discard"),
    path("permohonan/", own.applications, name="applications"),
    path("permohonan/<joss-number:number>/", own.status, name="status"),
    path("permohonan/<joss-number:number>/tanda-terima/", wizard.receipt, name="receipt"),
    path("permohonan/<joss-number:number>/perbaiki/", own.mend, name="mend"),
    path("permohonan/<joss-number:number>/tarik/", own.withdraw, name="withdraw"),
    path("permohonan/<joss-number:number>/pesan/", own.write, name="write"),
    path("permohonan/<joss-number:number>/survei/setuju/", own.agree, name="agree"),
    path("permohonan/<joss-number:number>/pin/", own.new_pin, name="new-pin"),
    path("permohonan/<joss-number:number>/berkas/<int:pk>/", own.paper, name="paper"),
    path("meja/", desk.worklist, name="desk"),
    path("meja/antrean.csv", desk.export, name="export"),
    path("meja/alihkan/", desk.assign, name="assign"),
    path("meja/survei/", desk.surveys, name="surveys"),
    path("berkas/<joss-number:number>/", case.file, name="file"),
    path("berkas/<joss-number:number>/nik/", case.show_nik, name="show-nik"),
    path("berkas/<joss-number:number>/pesan/", case.write, name="file-write"),
    path("berkas/<joss-number:number>/berkas/<int:pk>/", case.paper, name="file-paper"),
    path("berkas/<joss-number:number>/foto/<int:pk>/", case.photo, name="file-photo"),
    path("berkas/<joss-number:number>/pratinjau/", turns.preview, name="preview"),
    path("berkas/<joss-number:number>/serahkan/", turns.hand_over, name="hand-over"),
    path("berkas/<joss-number:number>/izin/<slug:verb>/", turns.permit_turn, name="permit-turn"),
    path("berkas/<joss-number:number>/giliran/<slug:verb>/", turns.turn, name="turn"),
]


def _is_person(user: Any) -> bool:
    return getattr(user, "person_id", None) is not None


def _surveys(user: Any) -> bool:
    return roles.holds(user, rules.SURVEYOR, rules.TECHNICAL)


doors.open_door(doors.Door("public", _("Services"), "joss:services", "document", order=10))
doors.open_door(doors.Door("public", _("Track an application"), "joss:track", "search", order=20))
doors.open_door(
    doors.Door("citizen", _("My applications"), "joss:applications", "document", _is_person, 15)
)
doors.open_door(
    doors.Door("staff", _("Permit worklist"), "joss:desk", "document", rules.is_staff, 10)
)
doors.open_door(doors.Door("staff", _("Surveys on site"), "joss:surveys", "map-pin", _surveys, 20))


@doors.shows_figures("joss")
def shown_figures(at: datetime) -> Iterator[doors.Figure]:
    """Permits issued this year, and how long they took."""
    counted = figures.now(at)
    yield doors.Figure(
        label=_("Permits issued this year"),
        value=formats.number(counted.issued_this_year),
        source="JOSS, DPMPTSP",
        definition=_("permits signed since 1 January"),
        at=at,
    )
    if counted.median_days is not None:
        yield doors.Figure(
            label=_("Time until a permit"),
            value=formats.number(counted.median_days, language=get_language() or "id"),
            unit=_("working days"),
            source="JOSS, DPMPTSP",
            definition=_("median of the last 90 days, from a complete file to the signature"),
            at=at,
        )


@doors.finds("joss")
def found(words: str, _user: Any) -> Iterator[doors.Found]:
    """Permit types whose words fit, for the portal's search."""
    language = get_language() or "id"
    for definition in types.offered():
        if public.fits(definition, words):
            yield doors.Found(
                title=definition.name.say(language),
                url=reverse("joss:service", args=[definition.code]),
                text=definition.summary.say(language),
                kind=now_("Permit"),
                moment=definition.moment,
            )
