"""Addresses of the exchange in the web process: the catalogue. How the edge enters is in ``hop``."""

from django.urls import include, path

urlpatterns = [path("", include("kartini.exchange.catalogue.urls"))]
