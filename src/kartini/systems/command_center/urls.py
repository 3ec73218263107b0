"""Addresses below /command-center/, and the doors that lead there."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.people import roles
from kartini.systems.command_center import rules, views

app_name = "command_center"
GROUP = _("Command Center")
urlpatterns = [
    path("", views.desk, name="desk"),
    path("putusan.csv", views.desk_csv, name="desk-csv"),
    path("berkas/<str:application>/", views.case, name="case"),
    path("dinding/", views.wall, name="wall"),
    path("dinding/isi/", views.wall_parts, name="wall-parts"),
    path("dinding/masuk/<str:token>/", views.enter, name="enter"),
    path("layar/", views.keep, name="keep"),
    path("layar/<uuid:screen>/tutup/", views.close, name="close"),
]

doors.open_door(
    doors.Door(
        "staff",
        _("Needs a decision"),
        "command_center:desk",
        "chart",
        who=lambda user: roles.holds(user, rules.VIEWER),
        order=60,
        group=GROUP,
    )
)
doors.open_door(
    doors.Door(
        "staff",
        _("Wall of the Command Center"),
        "command_center:wall",
        "eye",
        who=lambda user: roles.holds(user, rules.VIEWER, rules.KEEPER),
        order=91,
        group=GROUP,
    )
)
doors.open_door(
    doors.Door(
        "staff",
        _("Screens and targets"),
        "command_center:keep",
        "settings",
        who=lambda user: roles.holds(user, rules.KEEPER),
        order=90,
        group=GROUP,
    )
)
