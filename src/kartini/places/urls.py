"""Addresses of the places; the doors that lead to them."""

from django.urls import path, re_path
from django.utils.translation import gettext_lazy as _

from kartini.kit.doors import Door, open_door
from kartini.places import views

app_name = "places"
urlpatterns = [
    path("tempat/", views.index, name="index"),
    path("tempat/wilayah.csv", views.download, name="download"),
    path("tempat/peta.json", views.shapes, name="shapes"),
    re_path(r"^tempat/(?P<code>[0-9]{2}(?:\.[0-9]{2}){2})/$", views.kecamatan, name="kecamatan"),
    re_path(
        r"^tempat/(?P<code>[0-9]{2}(?:\.[0-9]{2}){2}\.[0-9]{4})/$", views.village, name="village"
    ),
]

open_door(Door("public", _("Places"), "places:index", "map-pin", order=80))
