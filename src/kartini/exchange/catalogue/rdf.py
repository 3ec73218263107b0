"""The catalogue as DCAT-AP 3: datasets with their files, services with their descriptions, page by page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.paginator import Page
from django.utils import translation
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF, RDFS, SKOS, XSD
from rdflib.term import Node

from kartini.exchange.catalogue import files, publishers
from kartini.exchange.catalogue.declared import FREQUENCIES, TOPICS, Dataset
from kartini.exchange.catalogue.open import address
from kartini.exchange.catalogue.publishers import Publisher
from kartini.exchange.catalogue.services import Offer
from kartini.exchange.models import Edition

HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
LOCN = Namespace("http://www.w3.org/ns/locn#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
AUTHORITY = "http://publications.europa.eu/resource/authority"
LANGUAGES = {"id": "IND", "en": "ENG"}
OPENAPI = "https://spec.openapis.org/oas/v3.1.0"
SERIALISATIONS = {
    "ttl": ("turtle", "text/turtle"),
    "jsonld": ("json-ld", "application/ld+json"),
    "rdf": ("xml", "application/rdf+xml"),
}


@dataclass(frozen=True)
class Shelf:
    """What one page of the catalogue shows, and what is needed to describe it."""

    datasets: Sequence[Dataset]
    services: Sequence[Offer]
    editions: Mapping[str, Edition]
    publishers: Mapping[str, Publisher]


def catalogue(
    shelf: Shelf, *, home: str, pages: Page[Any] | None = None, form: str = "ttl"
) -> Graph:
    """The catalogue, or one page of it."""
    graph = _empty()
    me = URIRef(home)
    put(graph, me, RDF.type, DCAT.Catalog)
    _words(
        graph,
        me,
        DCTERMS.title,
        lambda: " ".join((translation.gettext("Open data"), settings.REGENCY_NAME)),
    )
    _words(graph, me, DCTERMS.description, lambda: translation.gettext("Datasets and services of the regency that anyone may use, without personal data."))  # fmt: skip
    put(
        graph,
        me,
        DCTERMS.publisher,
        _agent(graph, publishers.of(settings.STEWARD, shelf.publishers)),
    )
    put(graph, me, FOAF.homepage, _typed(graph, URIRef(home), FOAF.Document))
    put(
        graph,
        me,
        DCTERMS.license,
        _typed(graph, URIRef(settings.DATA_LICENCE), DCTERMS.LicenseDocument),
    )
    put(graph, me, DCTERMS.spatial, _region(graph))
    for code in LANGUAGES.values():
        put(graph, me, DCTERMS.language, _authority(graph, "language", code, DCTERMS.LinguisticSystem))  # fmt: skip
    themes = URIRef(f"{AUTHORITY}/data-theme")
    put(graph, me, DCAT.themeTaxonomy, _typed(graph, themes, SKOS.ConceptScheme))
    _words(graph, themes, DCTERMS.title, lambda: "Data theme")
    newest = max((e.changed_at for e in shelf.editions.values()), default=None)
    if newest:
        put(graph, me, DCTERMS.modified, _moment(newest))
    for offered in shelf.datasets:
        put(graph, me, DCAT.dataset, _dataset(graph, offered, shelf))
    for offer in shelf.services:
        put(graph, me, DCAT.service, _service(graph, offer, shelf))
    if pages:
        _paging(graph, pages, home, form)
    return graph


def one_dataset(offered: Dataset, shelf: Shelf) -> Graph:
    graph = _empty()
    _dataset(graph, offered, shelf)
    return graph


def _empty() -> Graph:
    graph = Graph()
    for prefix, space in {"hydra": HYDRA, "vcard": VCARD, "locn": LOCN, "dcatap": DCATAP}.items():
        graph.bind(prefix, space)
    return graph


def _dataset(graph: Graph, offered: Dataset, shelf: Shelf) -> URIRef:
    me = URIRef(address("dataset", offered.slug))
    edition = shelf.editions.get(offered.slug)
    publisher = publishers.of(offered.publisher, shelf.publishers)
    put(graph, me, RDF.type, DCAT.Dataset)
    _words(graph, me, DCTERMS.title, lambda: str(offered.title))
    _words(graph, me, DCTERMS.description, lambda: str(offered.description))
    source = _typed(graph, URIRef(f"{me}#sumber"), DCTERMS.ProvenanceStatement)
    put(graph, me, DCTERMS.provenance, source)
    _words(graph, source, RDFS.label, lambda: str(offered.source))
    put(graph, me, DCTERMS.identifier, Literal(offered.slug))
    put(graph, me, DCTERMS.publisher, _agent(graph, publisher))
    put(graph, me, DCAT.contactPoint, _contact(graph, publisher))
    put(graph, me, DCAT.theme, _theme(graph, offered.topic))
    for word in offered.keywords:
        put(graph, me, DCAT.keyword, Literal(word, lang="id"))
    often = FREQUENCIES[offered.frequency].authority
    put(
        graph,
        me,
        DCTERMS.accrualPeriodicity,
        _authority(graph, "frequency", often, DCTERMS.Frequency),
    )
    put(
        graph,
        me,
        DCTERMS.accessRights,
        _authority(graph, "access-right", "PUBLIC", DCTERMS.RightsStatement),
    )
    put(graph, me, DCTERMS.spatial, _region(graph))
    put(graph, me, DCTERMS.issued, _day(offered.issued_on))
    put(graph, me, DCAT.landingPage, _typed(graph, me, FOAF.Document))
    if edition:
        put(graph, me, DCTERMS.modified, _moment(edition.changed_at))
    for form in files.FORMATS.values():
        put(graph, me, DCAT.distribution, _distribution(graph, offered, form, edition))
    return me


def _distribution(
    graph: Graph, offered: Dataset, form: files.Format, edition: Edition | None
) -> URIRef:
    url = URIRef(address("file", offered.slug, form.name))
    me = URIRef(f"{address('dataset', offered.slug)}#{form.name}")
    put(graph, me, RDF.type, DCAT.Distribution)
    _words(graph, me, DCTERMS.title, lambda: f"{offered.title} ({form})")
    put(graph, me, DCAT.accessURL, _typed(graph, url, RDFS.Resource))
    put(graph, me, DCAT.downloadURL, url)
    put(graph, me, DCTERMS.format, _authority(graph, "file-type", form.authority, DCTERMS.MediaTypeOrExtent))  # fmt: skip
    media = URIRef(f"https://www.iana.org/assignments/media-types/{form.media_type}")
    put(graph, me, DCAT.mediaType, _typed(graph, media, DCTERMS.MediaType))
    put(graph, me, DCTERMS.license, _typed(graph, URIRef(files.licence(offered)), DCTERMS.LicenseDocument))  # fmt: skip
    put(graph, me, DCATAP.availability, _authority(graph, "planned-availability", "STABLE", SKOS.Concept))  # fmt: skip
    put(graph, me, DCTERMS.issued, _day(offered.issued_on))
    if form.name == "csv":
        described = URIRef(address("csv-metadata", offered.slug))
        put(graph, me, DCTERMS.conformsTo, _typed(graph, URIRef("http://www.w3.org/TR/tabular-metadata/"), DCTERMS.Standard))  # fmt: skip
        put(graph, me, FOAF.page, _typed(graph, described, FOAF.Document))
    if edition:
        put(graph, me, DCTERMS.modified, _moment(edition.changed_at))
        if form.name == "csv":
            put(graph, me, DCAT.byteSize, Literal(edition.size, datatype=XSD.nonNegativeInteger))
    return me


def _service(graph: Graph, offer: Offer, shelf: Shelf) -> URIRef:
    me = URIRef(address("contract", offer.contract))
    publisher = publishers.of(offer.member, shelf.publishers)
    put(graph, me, RDF.type, DCAT.DataService)
    put(graph, me, DCTERMS.title, Literal(offer.contract))
    _words(graph, me, DCTERMS.description, lambda: offer.meaning)
    put(graph, me, DCAT.endpointURL, _typed(graph, URIRef(offer.endpoint), RDFS.Resource))
    description = URIRef(address("openapi", offer.contract))
    put(graph, me, DCAT.endpointDescription, _typed(graph, description, RDFS.Resource))
    put(graph, me, DCTERMS.publisher, _agent(graph, publisher))
    put(graph, me, DCAT.contactPoint, _contact(graph, publisher))
    put(graph, me, DCTERMS.conformsTo, _typed(graph, URIRef(OPENAPI), DCTERMS.Standard))
    put(graph, me, DCAT.landingPage, _typed(graph, me, FOAF.Document))
    put(
        graph,
        me,
        DCTERMS.accessRights,
        _authority(graph, "access-right", "RESTRICTED", DCTERMS.RightsStatement),
    )
    return me


def organisation(code: str) -> URIRef:
    """By what the catalogue names an organisation."""
    return URIRef(f"{address('index')}?organisasi={code}")


def _agent(graph: Graph, publisher: Publisher) -> URIRef:
    me = organisation(publisher.code)
    put(graph, me, RDF.type, FOAF.Agent)
    put(graph, me, FOAF.name, Literal(publisher.name, lang="id"))
    return me


def _contact(graph: Graph, publisher: Publisher) -> URIRef:
    me = URIRef(f"{address('index')}?organisasi={publisher.code}#kontak")
    put(graph, me, RDF.type, VCARD.Organization)
    put(graph, me, RDF.type, VCARD.Kind)
    put(graph, me, VCARD.fn, Literal(publisher.name, lang="id"))
    put(graph, me, VCARD.hasURL, URIRef(settings.BASE_URL))
    if publisher.phone:
        digits = "".join(c for c in publisher.phone if c.isdigit() or c == "+")
        put(graph, me, VCARD.hasTelephone, URIRef(f"tel:{digits}"))
    return me


def _region(graph: Graph) -> URIRef:
    me = URIRef(f"{address('index')}#wilayah")
    if (me, None, None) not in graph:
        put(graph, me, RDF.type, DCTERMS.Location)
        put(graph, me, LOCN.geographicName, Literal(settings.REGENCY_NAME, lang="id"))
        put(graph, me, DCTERMS.identifier, Literal(settings.REGENCY_CODE))
    return me


def _theme(graph: Graph, topic: str) -> URIRef:
    me = _authority(graph, "data-theme", TOPICS[topic].theme, SKOS.Concept)
    _words(graph, me, SKOS.prefLabel, lambda: str(TOPICS[topic].title))
    return me


def _authority(graph: Graph, among: str, code: str, kind: URIRef) -> URIRef:
    """A term of one of the European lists that DCAT-AP prescribes, with the list that it stands in."""
    me = _typed(graph, URIRef(f"{AUTHORITY}/{among}/{code}"), kind)
    put(graph, me, SKOS.inScheme, URIRef(f"{AUTHORITY}/{among}"))
    if kind == SKOS.Concept and among != "data-theme":
        put(graph, me, SKOS.prefLabel, Literal(code.lower(), lang="en"))
    return me


def _paging(graph: Graph, page: Page[Any], home: str, form: str) -> None:
    """Both names of each link: readers of the older and of the newer form of Hydra find them."""

    def url(number: int) -> str:
        return f"{home.rstrip('/')}.{form}?halaman={number}"

    me = URIRef(url(page.number))
    last = page.paginator.num_pages
    for kind in (HYDRA.PagedCollection, HYDRA.PartialCollectionView):
        put(graph, me, RDF.type, kind)
    put(graph, me, HYDRA.totalItems, Literal(page.paginator.count))
    put(graph, me, HYDRA.itemsPerPage, Literal(page.paginator.per_page))
    links = {"first": 1, "last": last}
    links |= {"next": page.number + 1} if page.has_next() else {}
    links |= {"previous": page.number - 1} if page.has_previous() else {}
    for name, number in links.items():
        put(graph, me, HYDRA[name], URIRef(url(number)))
        put(graph, me, HYDRA[f"{name}Page"], Literal(url(number)))


def _words(graph: Graph, me: Node, what: URIRef, say: Callable[[], str]) -> None:
    """The same in both languages."""
    for language in LANGUAGES:
        with translation.override(language):
            put(graph, me, what, Literal(say(), lang=language))


def _typed(graph: Graph, node: URIRef, kind: URIRef) -> URIRef:
    """A thing elsewhere, named with its kind, so that nobody has to fetch it to know."""
    put(graph, node, RDF.type, kind)
    return node


def _day(day: date) -> Literal:
    return Literal(day.isoformat(), datatype=XSD.date)


def _moment(at: datetime) -> Literal:
    return Literal(at.isoformat(timespec="seconds"), datatype=XSD.dateTime)


def put(graph: Graph, *triple: Any) -> None:
    graph.add(triple)


def serialised(graph: Graph, form: str) -> tuple[bytes, str]:
    """The graph as bytes and its media type."""
    name, media_type = SERIALISATIONS[form]
    how: dict[str, Any] = {"auto_compact": True} if form == "jsonld" else {}
    return graph.serialize(format=name, encoding="utf-8", **how), media_type


def formats() -> Iterable[str]:
    return SERIALISATIONS
