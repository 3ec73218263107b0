"""Addresses below /bank-sampah/, and what the system hangs out at the portal."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.urls import path, register_converter, reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors, formats
from kartini.people import roles
from kartini.systems.bank_sampah import rules
from kartini.systems.bank_sampah.models import Depositor, Unit
from kartini.systems.bank_sampah.models.figures import grams_between
from kartini.systems.bank_sampah.views import (
    cards,
    cashbook,
    counter,
    field,
    groups,
    materials,
    mending,
    money,
    opening,
    parent,
    passbook,
    people,
    places,
    prices,
    public,
    reports,
    settings,
    trade,
)


class DayInAddress:
    """``2026-11-21``."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


register_converter(DayInAddress, "weigh-day")
DESK = "meja/<slug:code>/"
ONE = "meja/<slug:code>/nasabah/<uuid:pk>/"
app_name = "bank_sampah"
urlpatterns = [
    path("", public.index, name="index"),
    path("unit/<slug:code>/", public.unit, name="unit"),
    path("data/", public.dataset, name="dataset"),
    path("k/<slug:code>/", cards.scanned, name="scanned"),
    path("tabungan/", passbook.mine, name="mine"),
    path("tabungan/<uuid:pk>/", passbook.passbook, name="passbook"),
    path("tabungan/<uuid:pk>/buku.pdf", passbook.pdf, name="passbook-pdf"),
    path("tabungan/<uuid:pk>/tarik/", passbook.ask, name="ask"),
    path("tabungan/<uuid:pk>/kelas/", groups.own_classes, name="own-classes"),
    path(
        "tabungan/<uuid:pk>/kelas/piagam-<int:place>.pdf",
        groups.own_certificate,
        name="own-certificate",
    ),
    path("tabungan/<uuid:pk>/batal/<uuid:withdrawal>/", passbook.take_back, name="take-back"),
    path("laporan/", reports.month, name="month"),
    path("meja/", counter.desks, name="desks"),
    path(DESK, counter.desk, name="desk"),
    path(f"{DESK}timbang/", counter.find, name="find"),
    path(f"{DESK}setoran/", trade.listed, name="deposits"),
    path(f"{DESK}setoran/<uuid:deed>/", counter.receipt, name="receipt"),
    path(f"{DESK}setoran/<uuid:deed>/foto/", counter.photo, name="photo"),
    path(f"{DESK}nasabah/", people.people, name="people"),
    path(f"{DESK}nasabah/baru/", people.register, name="register"),
    path(f"{DESK}nasabah/kartu/", cards.sheet, name="cards"),
    path(ONE, people.depositor, name="depositor"),
    path(f"{ONE}timbang/", counter.weigh, name="weigh"),
    path(f"{ONE}data/", people.change, name="contact"),
    path(f"{ONE}buku.pdf", people.book, name="book"),
    path(f"{ONE}nik/", people.verify, name="verify"),
    path(f"{ONE}kartu/", cards.card, name="card"),
    path(f"{ONE}kartu/baru/", cards.new_card, name="new-card"),
    path(f"{ONE}pemegang/", groups.entrust, name="entrust"),
    path(f"{ONE}tutup/", people.leave, name="leave"),
    path(f"{ONE}tarik/", people.ask, name="ask-at-counter"),
    path(f"{ONE}gabung/", people.merge, name="merge"),
    path(f"{ONE}gabung/<uuid:merge>/urungkan/", people.undo_merge, name="undo-merge"),
    path(f"{ONE}kelas/", groups.classes, name="classes"),
    path(f"{ONE}kelas/piagam-<int:place>.pdf", groups.certificate, name="certificate"),
    path(f"{DESK}penarikan/", money.listed, name="withdrawals"),
    path(f"{DESK}penarikan/<uuid:pk>/", money.withdrawal, name="withdrawal"),
    path(f"{DESK}penarikan/<uuid:pk>/setujui/", money.approve, name="approve"),
    path(f"{DESK}penarikan/<uuid:pk>/bayar/", money.pay, name="pay"),
    path(f"{DESK}penarikan/<uuid:pk>/tolak/", money.refuse, name="refuse"),
    path(f"{DESK}kas/", money.box, name="box"),
    path(f"{DESK}kas/buku/", cashbook.cashbook, name="cashbook"),
    path(f"{DESK}kas/gerak/", money.move, name="cash-move"),
    path(f"{DESK}kas/buka/", money.open_day, name="open-day"),
    path(f"{DESK}kas/tutup/<weigh-day:on>/", money.close_day, name="close-day"),
    path(f"{DESK}kas/tutup-bulan/", money.close_month, name="close-month"),
    path(f"{DESK}stok/", trade.stocks, name="stocks"),
    path(f"{DESK}stok/<int:material>/", trade.count, name="count"),
    path(f"{DESK}jual/", trade.sell, name="sell"),
    path(f"{DESK}jual/<uuid:deed>/", trade.sale, name="sale"),
    path(f"{DESK}harga/", prices.publish, name="prices"),
    path(f"{DESK}harga/<int:version>/", prices.listed, name="price-list"),
    path(f"{DESK}unit/", parent.units, name="units"),
    path(f"{DESK}unit/baru/", settings.open_unit, name="open-unit"),
    path(f"{DESK}pengaturan/", settings.hub, name="settings"),
    path(f"{DESK}profil/", settings.profile, name="profile"),
    path(f"{DESK}buka-tutup/", settings.close_unit, name="close-unit"),
    path(f"{DESK}pengelola/", settings.staff, name="staff"),
    path(f"{DESK}pengelola/<int:pk>/berhenti/", settings.dismiss, name="dismiss"),
    path(f"{DESK}ketentuan/", settings.limits, name="limits"),
    path(f"{DESK}ketentuan/<int:pk>/batal/", settings.withdraw_limit, name="withdraw-limit"),
    path(f"{DESK}bahan/", materials.listed, name="materials"),
    path(f"{DESK}bahan/baru/", materials.add, name="new-material"),
    path(f"{DESK}bahan/<int:pk>/", materials.change, name="material"),
    path(f"{DESK}bahan/<int:pk>/pakai/", materials.switch, name="switch-material"),
    path(f"{DESK}bahan/kategori/", materials.category, name="new-category"),
    path(f"{DESK}bahan/kategori/<slug:family>/", materials.category, name="category"),
    path(f"{DESK}jadwal/", places.hours, name="hours"),
    path(f"{DESK}pembeli/", places.buyers, name="buyers"),
    path(f"{DESK}pembeli/<int:pk>/", places.switch_buyer, name="switch-buyer"),
    path(f"{DESK}koreksi/", mending.listed, name="corrections"),
    path(f"{DESK}koreksi/<uuid:pk>/putuskan/", mending.decide, name="decide"),
    path(f"{DESK}koreksi/<slug:kind>/<uuid:deed>/", mending.ask, name="correct"),
    path("lapangan/", field.scope, name="field-scope"),
    path("lapangan/sw.js", field.worker, name="field-worker"),
    path("lapangan/token/", field.token, name="field-token"),
    path("lapangan/<slug:code>/", field.page, name="field-page"),
    path("lapangan/<slug:code>/bank-sampah.webmanifest", field.manifest, name="field-manifest"),
    path("lapangan/<slug:code>/data/", field.data, name="field-data"),
    path("lapangan/<slug:code>/kunci/", field.key, name="field-key"),
    path("lapangan/<slug:code>/kirim/", field.receive, name="field-send"),
    path(f"{DESK}saldo-awal/", opening.old_books, name="old-books"),
    path(f"{DESK}saldo-awal/contoh.xlsx", opening.example, name="old-books-example"),
    path(f"{DESK}saldo-awal/<uuid:pk>/urungkan/", opening.undo_old_books, name="undo-old-books"),
]


def _works(user: Any) -> bool:
    return roles.holds(user, rules.MANAGER.code, rules.PARENT.code)


def _reads(user: Any) -> bool:
    return rules.reads_all(user) or bool(rules.villages_of(user)) or _works(user)


def _saves(user: Any) -> bool:
    return Depositor.objects.of_user(user).exists()


TITLE = _("Waste bank")
doors.open_door(doors.Door("public", TITLE, "bank_sampah:index", "recycle", order=40))
doors.open_door(doors.Door("citizen", _("My savings book"), "bank_sampah:mine", "recycle", _saves, 40))  # fmt: skip
doors.open_door(doors.Door("staff", _("Counter"), "bank_sampah:desks", "scale", _works, 10, TITLE))
doors.open_door(doors.Door("staff", _("Month of the units"), "bank_sampah:month", "chart", _reads, 20, TITLE))  # fmt: skip


@doors.shows_figures("bank_sampah")
def shown_figures(at: datetime) -> Iterator[doors.Figure]:
    """Kilograms kept from the landfill this month."""
    today = localdate(at)
    grams = grams_between(today.replace(day=1), today)
    yield doors.Figure(
        label=_("Kept from the landfill this month"),
        value=formats.number(grams // 1000, language=get_language() or "id"),
        unit="kg",
        source=_("Waste banks"),
        definition=_("weighed and credited deposits"),
        at=at,
    )


@doors.finds("bank_sampah")
def found(words: str, _user: Any) -> Iterator[doors.Found]:
    """The waste banks, for the portal's search."""
    yield doors.Found(
        _("Waste bank: sorted waste becomes savings"), reverse("bank_sampah:index"),
        text=_("Where the waste banks are, when they weigh, what they pay."), kind=TITLE, moment="rumah",
    )  # fmt: skip
    if words:
        for unit in Unit.objects.open().units().filter(name__icontains=words)[:10]:
            yield doors.Found(unit.name, reverse("bank_sampah:unit", args=[unit.code]), kind=TITLE)
