"""Addresses of the exchange in the web process: the catalogue, and the loopback by which the edge asks built-in systems."""

from django.urls import include, path

from kartini.exchange import views

urlpatterns = [
    path("pertukaran/jawab/<str:contract>", views.answer, name="exchange_answer"),
    path("pertukaran/nyatakan/<str:contract>", views.take, name="exchange_take"),
    path("", include("kartini.exchange.catalogue.urls")),
]
