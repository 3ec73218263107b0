"""Addresses below /console/, and the doors to them."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from kartini.kit import doors
from kartini.people import roles
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.views import (
    archives,
    asking,
    bodies,
    breaches,
    deliveries,
    grants,
    members,
    messages,
    overview,
    protection,
    public,
    switches,
    systems,
    traffic,
)

app_name = "console"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:overview")),
    path("ringkasan/", overview.index, name="overview"),
    path("lalu-lintas/", traffic.index, name="traffic"),
    path("lalu-lintas/layanan/<str:contract>/", traffic.of_service, name="service_traffic"),
    path("lalu-lintas/<slug:code>/", traffic.of_system, name="system_traffic"),
    path("anggota/", members.index, name="members"),
    path("anggota/daftarkan/", members.register, name="register"),
    path("anggota/<slug:code>/", members.member, name="member"),
    path("sistem/<slug:code>/", systems.detail, name="system"),
    path("sistem/<slug:code>/ubah/", members.change, name="change"),
    path("sistem/<slug:code>/tangguhkan/", members.suspend, name="suspend"),
    path("sistem/<slug:code>/rahasia/", systems.new_secret, name="new_secret"),
    path("sistem/<slug:code>/kunci/", systems.new_key, name="new_key"),
    path(
        "sistem/<slug:code>/kredensial/<str:credential>/akhiri/",
        systems.end_credential,
        name="end_credential",
    ),
    path("sistem/<slug:code>/peristiwa/", systems.webhook, name="webhook"),
    path("sistem/<slug:code>/peristiwa/tanya/", systems.ask_receiver, name="ask_receiver"),
    path("sistem/<slug:code>/peristiwa/rahasia/", systems.signing_secret, name="signing_secret"),
    path("sistem/<slug:code>/peristiwa/istirahat/", systems.rest, name="rest"),
    path("sistem/<slug:code>/pengembang/", systems.developer, name="developer"),
    path("layanan/", switches.index, name="services"),
    path("layanan/<str:contract>/", switches.detail, name="service"),
    path("layanan/<str:contract>/alamat/", switches.prepare, name="prepare"),
    path("layanan/<str:contract>/uji/", switches.try_out, name="try_out"),
    path("layanan/<str:contract>/alihkan/", switches.throw, name="throw"),
    path("layanan/<str:contract>/kembalikan/", switches.throw_back, name="throw_back"),
    path("layanan/<str:contract>/isi/", bodies.set_rule, name="body_rule"),
    path("layanan/<str:contract>/openapi.json", systems.openapi_file, name="openapi"),
    path("izin/", grants.index, name="grants"),
    path("izin/minta/", asking.choose, name="ask_choose"),
    path("izin/minta/<slug:code>/<str:contract>/", asking.ask, name="ask"),
    path("izin/<int:pk>/perjanjian.pdf", grants.agreement, name="agreement"),
    path("izin/<int:pk>/", grants.detail, name="grant"),
    path("izin/<int:pk>/<slug:slug>/", grants.decide, name="decide"),
    path("pengiriman/", deliveries.index, name="deliveries"),
    path("pengiriman/kirim-ulang/", deliveries.replay, name="replay"),
    path("pengiriman/<int:pk>/", deliveries.detail, name="delivery"),
    path("log/", messages.index, name="log"),
    path("log/<uuid:id>/", messages.detail, name="message"),
    path("log/<uuid:id>/isi/", bodies.read, name="body"),
    path("log/<uuid:id>/bukti.json", messages.proof_file, name="proof"),
    path("bukti/", messages.evidence, name="evidence"),
    path("bukti/kartini_verify.py", messages.verifier, name="verifier"),
    path("pelindungan/", protection.index, name="protection"),
    path("pelindungan/rekaman.pdf", protection.record, name="record"),
    path("pelindungan/masa-simpan/", protection.set_rule, name="set_rule"),
    path("pelindungan/arsip/", archives.index, name="archives"),
    path("pelindungan/arsip/aturan/", archives.set_rule, name="archive_rule"),
    path("pelindungan/arsip/penghapusan/", archives.set_erasure, name="archive_erasure"),
    path("pelindungan/penghapusan/<uuid:pk>/", protection.erasure, name="erasure"),
    path("pelindungan/kegagalan/", breaches.index, name="breaches"),
    path("pelindungan/kegagalan/catat/", breaches.enter, name="breach_new"),
    path("pelindungan/kegagalan/<uuid:pk>/", breaches.detail, name="breach"),
    path("pelindungan/kegagalan/<uuid:pk>/tutup/", breaches.close, name="breach_close"),
    path("siapa-boleh-bertanya/", public.index, name="public"),
]


def _holds(kinds: tuple[str, ...], user: Any) -> bool:
    return roles.holds(user, *kinds)


doors.open_door(doors.Door("foot", _("Who may ask what"), "console:public", "shield"))
GROUP = _("Data exchange")
OFFICERS = (rules.OFFICER,)
for order, (title, name, icon, who) in enumerate(
    [
        (_("Overview"), "overview", "flow", OFFICERS),
        (_("Traffic"), "traffic", "chart", OFFICERS),
        (_("Members"), "members", "building", (rules.OFFICER, rules.DEVELOPER)),
        (_("Services"), "services", "settings", OFFICERS),
        (_("Grants"), "grants", "lock", (rules.OFFICER, rules.OWNER, rules.DEVELOPER)),
        (_("Deliveries"), "deliveries", "truck", OFFICERS),
        (_("Message log"), "log", "document", OFFICERS),
        (_("Evidence"), "evidence", "shield", OFFICERS),
        (_("Data protection"), "protection", "eye", (rules.OFFICER, DATA_OFFICER)),
    ]
):
    doors.open_door(
        doors.Door(
            "staff",
            title,
            f"console:{name}",
            icon,
            who=partial(_holds, who),
            order=40 + order,
            group=GROUP,
        )
    )


@doors.finds("console")
def found(words: str, _user: Any) -> Iterator[doors.Found]:
    """The page for everybody, for the portal's search."""
    title, text = (
        _("Who may ask what"),
        _("Which agency may ask which data, what for, by which right."),
    )
    if words.lower() in f"{title} {text} izin akses pertukaran data".lower():
        yield doors.Found(title, reverse("console:public"), text=text, kind=_("Data exchange"))
