"""Addresses: the site's own, the shared floors', then each installed system under its name."""

from django.conf import settings
from django.urls import include, path

from kartini.site import rooms, views

urlpatterns = [
    path("", views.home, name="home"),
    *(
        path("", include(f"kartini.{floor}.urls"))
        for floor in ("people", "office", "places", "exchange")
        if rooms.has(f"kartini.{floor}.urls")
    ),
    *(
        path(f"{name.replace('_', '-')}/", include(f"kartini.systems.{name}.urls"))
        for name in settings.SYSTEMS
        if rooms.has(f"kartini.systems.{name}.urls")
    ),
]
