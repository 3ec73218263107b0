"""Addresses of the catalogue."""

from django.urls import path, re_path

from kartini.exchange.catalogue.views import data

app_name = "catalogue"
SLUG = r"(?P<slug>[a-z0-9-]{1,80})"
urlpatterns = [
    re_path(rf"^katalog/data/{SLUG}\.(?P<form>csv|json|parquet)$", data.file, name="file"),
    path("katalog/data/<slug:slug>.csv-metadata.json", data.csv_metadata, name="csv-metadata"),
]
