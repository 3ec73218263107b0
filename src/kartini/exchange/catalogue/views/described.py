"""The catalogue for machines: DCAT-AP as Turtle, JSON-LD and RDF/XML, with pages."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from kartini.exchange.catalogue import finding, publishers, rdf
from kartini.exchange.catalogue.declared import Dataset
from kartini.exchange.catalogue.editions import all_editions
from kartini.exchange.catalogue.finding import Wish
from kartini.exchange.catalogue.open import address, answer
from kartini.exchange.catalogue.services import Offer, offers
from kartini.exchange.catalogue.views.data import found

PER_PAGE = 50


@require_safe
def catalogue(request: HttpRequest, form: str) -> HttpResponseBase:
    """One page of the catalogue. The services stand on the first."""
    number = request.GET.get("halaman") or request.GET.get("page") or "1"
    paginator = Paginator(finding.find(Wish()), PER_PAGE)
    if not number.isdigit() or not 1 <= int(number) <= paginator.num_pages:
        raise Http404(number)
    page = paginator.page(int(number))
    services = [*offers().values()] if page.number == 1 else []
    graph = rdf.catalogue(
        shelf(list(page.object_list), services), home=address("index"), pages=page, form=form
    )
    return answer(request, *rdf.serialised(graph, form))


@require_safe
def dataset(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    offered = found(slug)
    return answer(request, *rdf.serialised(rdf.one_dataset(offered, shelf([offered], [])), form))


def shelf(offered: list[Dataset], services: list[Offer]) -> rdf.Shelf:
    return rdf.Shelf(offered, services, all_editions(), publishers.known())
