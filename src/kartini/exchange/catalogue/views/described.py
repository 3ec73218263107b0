"""The catalogue for machines: DCAT-AP as Turtle, JSON-LD and RDF/XML, with pages."""

from collections.abc import Callable, Hashable

from django.core.paginator import Paginator
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kartini.exchange.catalogue import finding, publishers, rdf
from kartini.exchange.catalogue.declared import Dataset
from kartini.exchange.catalogue.editions import all_editions
from kartini.exchange.catalogue.finding import Wish
from kartini.exchange.catalogue.open import address, answer
from kartini.exchange.catalogue.services import Offer, offers
from kartini.exchange.catalogue.views.data import found

PER_PAGE = 50
MOST_KEPT = 200
Made = tuple[bytes, str]
_memory: dict[Hashable, Made] = {}


@require_safe
def catalogue(request: HttpRequest, form: str) -> HttpResponseBase:
    """One page of the catalogue. The services stand on the first."""
    number = request.GET.get("halaman") or request.GET.get("page") or "1"
    paginator = Paginator(finding.find(Wish()), PER_PAGE)
    if not number.isdigit() or not 1 <= int(number) <= paginator.num_pages:
        raise Http404(number)
    page = paginator.page(int(number))
    services = [*offers().values()] if page.number == 1 else []
    held = shelf(list(page.object_list), services)

    def made() -> Made:
        graph = rdf.catalogue(held, home=address("index"), pages=page, form=form)
        return rdf.serialised(graph, form)

    key = (form, number, paginator.count, paginator.per_page, _fingerprint(held))
    return answer(request, *_kept(key, made))


@require_safe
def dataset(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    offered = found(slug)
    held = shelf([offered], [])

    def made() -> Made:
        return rdf.serialised(rdf.one_dataset(offered, held), form)

    return answer(request, *_kept((form, slug, _fingerprint(held)), made))


def _kept(key: Hashable, make: Callable[[], Made]) -> Made:
    """A description is made anew only when something that it tells of has changed; each process keeps its own."""
    if key not in _memory:
        if len(_memory) >= MOST_KEPT:
            _memory.clear()
        _memory[key] = make()
    return _memory[key]


def _fingerprint(held: rdf.Shelf) -> str:
    editions = [sorted(model_to_dict(one).items()) for one in held.editions.values()]
    names = sorted(held.publishers.items())
    return repr((held.datasets, held.services, editions, names, get_language()))


def shelf(offered: list[Dataset], services: list[Offer]) -> rdf.Shelf:
    return rdf.Shelf(offered, services, all_editions(), publishers.known())
