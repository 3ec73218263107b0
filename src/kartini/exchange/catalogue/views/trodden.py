"""Trodden paths: where programs look first. The API catalogue (RFC 9727), VoID, robots and the map of the site."""

from collections.abc import Iterator
from xml.sax.xmlreader import AttributesImpl

import orjson
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe

from kartini.exchange import published
from kartini.exchange.catalogue.codes import code_lists
from kartini.exchange.catalogue.declared import datasets
from kartini.exchange.catalogue.open import OPEN, address, answer
from kartini.exchange.catalogue.services import offers
from kartini.kit import doors

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
LINKSET = 'application/linkset+json; profile="https://www.rfc-editor.org/info/rfc9727"'


@require_safe
def api_catalog(request: HttpRequest) -> HttpResponseBase:
    """Every service with its description and its page; and the catalogue of data itself."""
    services = [
        {
            "anchor": offer.endpoint,
            "service-desc": [{"href": address("openapi", name), "type": OPENAPI}],
            "service-doc": [{"href": address("contract", name), "type": "text/html"}],
        }
        for name, offer in offers().items()
    ]
    data = {
        "anchor": address("ckan", "package_search"),
        "service-doc": [{"href": address("index"), "type": "text/html"}],
        "service-meta": [{"href": address("dcat", "ttl"), "type": "text/turtle"}],
    }
    events = {
        "anchor": address("contracts"),
        "service-desc": [{"href": address("asyncapi"), "type": "application/json"}],
    }
    body = orjson.dumps({"linkset": [*services, data, events]})
    link = f'<{address("api-catalog")}>; rel="api-catalog"'
    return answer(request, body, LINKSET, {"Link": link})


@require_safe
def void(_request: HttpRequest) -> HttpResponseBase:
    return redirect(address("dcat", "ttl"))


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Public pages may be found; what asks for a log-in, or counts for one person, is not worth a visit."""
    lines = ["User-agent: *", "Disallow: /masuk/", "Disallow: /cari/", "Disallow: /pertukaran/"]
    lines += ["Disallow: /*?*cari=", f"Sitemap: {address('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8", headers=OPEN)


@require_safe
def sitemap(_request: HttpRequest) -> HttpResponse:
    response = HttpResponse(content_type="application/xml; charset=utf-8", headers=OPEN)
    xml = SimplerXMLGenerator(response, "utf-8")
    xml.startDocument()
    xml.startElement("urlset", AttributesImpl({"xmlns": SITEMAPS}))
    for place in _places():
        xml.startElement("url", AttributesImpl({}))
        xml.addQuickElement("loc", place)
        xml.endElement("url")
    xml.endElement("urlset")
    return response


def _places() -> Iterator[str]:
    yield f"{settings.BASE_URL}/"
    yield from (
        f"{settings.BASE_URL}{one['url']}" for one in doors.entries(AnonymousUser(), "public")
    )
    yield address("index")
    yield from (address("dataset", slug) for slug in datasets)
    yield address("contracts")
    yield from (address("contract", name) for name in (*published.queries(), *published.events()))
    yield address("code-lists")
    yield from (address("codes", slug) for slug in code_lists)
