"""Addresses of the catalogue."""

from collections.abc import Iterator
from typing import Any

from django.urls import path, re_path, reverse
from django.utils.translation import gettext_lazy as _

from kartini.exchange.catalogue import finding
from kartini.exchange.catalogue.finding import Wish
from kartini.exchange.catalogue.views import ckan, codes, contracts, data, described, pages, trodden
from kartini.kit import doors

app_name = "catalogue"
SLUG = r"(?P<slug>[a-z0-9-]{1,80})"
NAME = r"(?P<name>[a-z0-9.-]{1,100})"
RDF = r"\.(?P<form>ttl|jsonld|rdf)$"
urlpatterns = [
    path("katalog/", pages.index, name="index"),
    re_path(rf"^katalog{RDF}", described.catalogue, name="dcat"),
    path("katalog/data/<slug:slug>/", pages.dataset, name="dataset"),
    re_path(rf"^katalog/data/{SLUG}\.(?P<form>csv|json|parquet)$", data.file, name="file"),
    re_path(rf"^katalog/data/{SLUG}{RDF}", described.dataset, name="dataset-dcat"),
    path("katalog/data/<slug:slug>.csv-metadata.json", data.csv_metadata, name="csv-metadata"),
    path("katalog/data/<slug:slug>.bps.json", data.statistical, name="bps"),
    path("katalog/kontrak/", contracts.index, name="contracts"),
    path("katalog/kontrak/asyncapi.json", contracts.asyncapi, name="asyncapi"),
    re_path(rf"^katalog/kontrak/{NAME}/openapi\.json$", contracts.openapi, name="openapi"),
    re_path(rf"^katalog/kontrak/{NAME}/schema\.json$", contracts.schema, name="schema"),
    re_path(rf"^katalog/kontrak/{NAME}/$", contracts.contract, name="contract"),
    path("katalog/kode/", codes.index, name="code-lists"),
    path("katalog/kode/<slug:slug>/", codes.page, name="codes"),
    re_path(
        rf"^katalog/kode/{SLUG}\.(?P<form>csv|json|ttl|jsonld|rdf)$", codes.file, name="codes-file"
    ),
    path(".well-known/api-catalog", trodden.api_catalog, name="api-catalog"),
    path(".well-known/void", trodden.void),
    path("robots.txt", trodden.robots),
    path("sitemap.xml", trodden.sitemap, name="sitemap"),
    re_path(r"^api/3/action/(?P<name>[a-z_]{1,60})$", ckan.action, name="ckan"),
    re_path(r"^api/action/(?P<name>[a-z_]{1,60})$", ckan.action),
]

TITLE = _("Data catalogue")
doors.open_door(doors.Door("foot", TITLE, "catalogue:index", "chart"))


@doors.finds("catalogue")
def found(words: str, _user: Any) -> Iterator[doors.Found]:
    """The datasets, for the portal's search."""
    for offered in finding.find(Wish(words=words)):
        url = reverse("catalogue:dataset", args=[offered.slug])
        yield doors.Found(offered.title, url, text=offered.description, kind=TITLE)
