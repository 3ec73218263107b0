"""Addresses below /joss/."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def _later(request: HttpRequest, **_parts: str) -> HttpResponse:
    return HttpResponse(status=404)


app_name = "joss"
urlpatterns = [path("permohonan/<str:number>/", _later, name="status")]
