"""Addresses below /console/, and the doors to them."""

from collections.abc import Iterator
from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.generic import RedirectView

from kartini.kit import doors
from kartini.people import roles
from kartini.systems.console import rules
from kartini.systems.console.views import deliveries, grants, messages, overview

app_name = "console"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="console:overview")),
    path("ringkasan/", overview.index, name="overview"),
    path("anggota/", overview.members, name="members"),
    path("izin/", grants.index, name="grants"),
    path("izin/<int:pk>/", grants.detail, name="grant"),
    path("izin/<int:pk>/<slug:slug>/", grants.decide, name="decide"),
    path("pengiriman/", deliveries.index, name="deliveries"),
    path("pengiriman/kirim-ulang/", deliveries.replay, name="replay"),
    path("log/", messages.index, name="log"),
    path("log/<uuid:id>/", messages.detail, name="message"),
    path("log/<uuid:id>/bukti.json", messages.proof_file, name="proof"),
    path("bukti/", messages.evidence, name="evidence"),
    path("siapa-boleh-bertanya/", grants.public, name="public"),
]

GROUP = _("Data exchange")
for order, (title, name, icon) in enumerate(
    [
        (_("Overview"), "overview", "flow"),
        (_("Members"), "members", "building"),
        (_("Grants"), "grants", "lock"),
        (_("Deliveries"), "deliveries", "truck"),
        (_("Message log"), "log", "document"),
        (_("Evidence"), "evidence", "shield"),
    ]
):
    doors.open_door(
        doors.Door(
            "staff",
            title,
            f"console:{name}",
            icon,
            who=lambda user: roles.holds(user, rules.OFFICER),
            order=80 + order,
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
