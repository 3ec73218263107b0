"""Addresses of Bank Sampah, under /bank-sampah/."""

from django.urls.resolvers import URLPattern

app_name = "bank_sampah"
urlpatterns: list[URLPattern] = []
