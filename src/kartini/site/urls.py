"""Addresses: the site's own, the shared floors', then each installed system under its name."""

from django.conf import settings
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from kartini.kit.doors import Door, open_door
from kartini.site import rooms, views

handler500 = "kartini.site.errors.server_error"
urlpatterns = [
    path("", views.home, name="home"),
    path("cari/", views.search, name="search"),
    path("angka.csv", views.figures_csv, name="figures-csv"),
    path("bantuan/", views.words_page, {"page": "help"}, name="help"),
    path("aksesibilitas/", views.words_page, {"page": "accessibility"}, name="accessibility"),
    path("pelindungan-data/", views.words_page, {"page": "privacy"}, name="privacy"),
    path("data-terbuka/", views.words_page, {"page": "open_data"}, name="open-data"),
    path("galeri/", views.gallery, name="gallery"),
    path("galeri/meja/", views.gallery, {"frame": "gallery_desk"}, name="gallery-desk"),
    path("galeri/dinding/", views.gallery, {"frame": "gallery_wall"}, name="gallery-wall"),
    path("galeri/denyut/", views.gallery_pulse, name="gallery-pulse"),
    path("favicon.ico", views.favicon, name="favicon"),
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

open_door(Door("public", _("Help"), "help", "info", order=90))
