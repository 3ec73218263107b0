"""Addresses of the counter; the site mounts them at the root."""

from datetime import date
from typing import Any

from django.urls import path, register_converter
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.office import notices
from kartini.office.rules import CALENDAR_KEEPER, LETTER_KEEPER, TREASURER
from kartini.office.views import bills, calendar, documents, inbox, letters, papers, treasury
from kartini.people import roles


class DayConverter:
    """``2026-12-24`` in an address."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayConverter, "day")
app_name = "office"
urlpatterns = [
    path("berkas-saya/", papers.shelf, name="papers"),
    path("berkas-saya/<uuid:pk>/", papers.give, name="paper"),
    path("berkas-saya/<uuid:pk>/hapus/", papers.remove, name="paper-remove"),
    path("periksa/", documents.search, name="check-search"),
    path("periksa/berkas/", documents.inspect, name="check-file"),
    path("periksa/<str:code>/", documents.check, name="check"),
    path("dokumen-saya/", documents.mine, name="documents"),
    path("dokumen-saya/<str:code>/unduh/", documents.download, name="document-download"),
    path("pesan/", inbox.inbox, name="inbox"),
    path("pesan/baca-semua/", inbox.read_all, name="inbox-read-all"),
    path("pesan/<uuid:pk>/", inbox.message, name="message"),
    path("tagihan/", bills.mine, name="bills"),
    path("tagihan/qris-callback/", bills.qris_callback, name="qris-callback"),
    path("tagihan/<uuid:pk>/", bills.bill, name="bill"),
    path("tagihan/<uuid:pk>/tanda-terima/", bills.receipt, name="bill-receipt"),
    path("bendahara/", treasury.desk, name="treasury"),
    path("bendahara/<int:pk>/", treasury.payment, name="treasury-payment"),
    path("surat-gagal/", letters.given_up, name="letters"),
    path("kalender/", calendar.days, name="calendar"),
    path("kalender/<day:day>/hapus/", calendar.clear, name="calendar-clear"),
]


def _has_account(user: Any) -> bool:
    return bool(user.is_authenticated)


def _is_citizen(user: Any) -> bool:
    return getattr(user, "person_id", None) is not None


def _holds(role: str) -> doors.Anyone:
    return lambda user: roles.holds(user, role)


for hall, title, name, icon, who, order, count in (
    ("public", _("Check a document"), "check-search", "shield", lambda _user: True, 40, None),
    ("citizen", _("Messages"), "inbox", "mail", _has_account, 20, notices.unread_for_page),
    ("citizen", _("My documents"), "documents", "shield", _is_citizen, 30, None),
    ("citizen", _("My papers"), "papers", "document", _is_citizen, 40, None),
    ("citizen", _("My bills"), "bills", "scale", _is_citizen, 50, None),
    ("staff", _("Payments to decide"), "treasury", "scale", _holds(TREASURER), 70, None),
    ("staff", _("Letters given up"), "letters", "mail", _holds(LETTER_KEEPER), 75, None),
    ("staff", _("Holiday calendar"), "calendar", "calendar", _holds(CALENDAR_KEEPER), 80, None),
):
    doors.open_door(doors.Door(hall, title, f"office:{name}", icon, who, order, count=count))
