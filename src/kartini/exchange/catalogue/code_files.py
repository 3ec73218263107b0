"""Reference lists as files: CSV, JSON and SKOS out; CSV in, checked line by line."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.utils import translation
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF, SKOS, XSD

from kartini.exchange.catalogue import rdf
from kartini.exchange.catalogue.codes import CodeList, CodesRefused, Entry
from kartini.exchange.catalogue.open import address
from kartini.exchange.models import Code

SCHEMA = Namespace("https://schema.org/")
FIXED = ("kode", "nama", "berlaku_sejak", "berlaku_sampai", "diganti_oleh", "dasar_hukum")
STANDING = {"": True, "berlaku": True, "berakhir": False}
MOST_LINES = 100_000


@dataclass(frozen=True)
class Brought:
    """What a file says: the codes that hold, and those that end with what follows them."""

    entries: list[Entry]
    ended: dict[str, list[str]]


def _line(of: CodeList, code: Code) -> list[Any]:
    return [
        code.code,
        code.title,
        code.valid_from or "",
        code.valid_until or "",
        " ".join(code.replaced_by),
        code.regulation,
        *(code.facts.get(name, "") for name in of.facts),
    ]


def as_csv(of: CodeList, versions: Iterable[Code]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*FIXED, *of.facts])
    writer.writerows(_line(of, code) for code in versions)
    return out.getvalue().encode()


def as_json(of: CodeList, versions: Iterable[Code], day: date | None) -> bytes:
    with translation.override("id"):
        said = {
            "daftar": of.slug,
            "judul": str(of.title),
            "uraian": str(of.description),
            "wali": of.steward,
            "dasar_hukum": of.regulation,
            "catatan": str(of.note),
            "keadaan_pada": day,
            "keterangan": {name: str(title) for name, title in of.facts.items()},
            "kode": [_said(of, code) for code in versions],
        }
    return orjson.dumps(said, option=orjson.OPT_INDENT_2)


def _said(of: CodeList, code: Code) -> dict[str, Any]:
    return {
        "kode": code.code,
        "nama": code.title,
        "berlaku_sejak": code.valid_from,
        "berlaku_sampai": code.valid_until,
        "diganti_oleh": code.replaced_by,
        "dasar_hukum": code.regulation,
        "diakhiri_oleh": code.ended_by,
    } | {name: code.facts.get(name, "") for name in of.facts}


def as_skos(of: CodeList, versions: Iterable[Code]) -> Graph:
    """Each code is a concept; its codes in other lists are typed notations of it."""
    graph = Graph()
    graph.bind("schema", SCHEMA)
    scheme = URIRef(address("codes", of.slug))
    rdf.put(graph, scheme, RDF.type, SKOS.ConceptScheme)
    for language in rdf.LANGUAGES:
        with translation.override(language):
            rdf.put(graph, scheme, DCTERMS.title, Literal(str(of.title), lang=language))
    rdf.put(graph, scheme, DCTERMS.publisher, rdf.organisation(of.steward))
    rdf.put(graph, scheme, DCTERMS.source, Literal(of.regulation))
    for code in versions:
        _concept(graph, of, scheme, code)
    return graph


def _concept(graph: Graph, of: CodeList, scheme: URIRef, code: Code) -> None:
    me = URIRef(f"{scheme}#{code.code}")
    rdf.put(graph, me, RDF.type, SKOS.Concept)
    rdf.put(graph, me, SKOS.inScheme, scheme)
    rdf.put(graph, me, SKOS.notation, Literal(code.code))
    label = SKOS.prefLabel if code.valid_until is None else SKOS.altLabel
    rdf.put(graph, me, label, Literal(code.title, lang="id"))
    if code.regulation:
        rdf.put(graph, me, DCTERMS.source, Literal(code.regulation))
    for name in of.notations:
        if code.facts.get(name):
            kind = URIRef(f"{scheme}#{name}")
            rdf.put(graph, me, SKOS.notation, Literal(code.facts[name], datatype=kind))
    if above := code.facts.get(of.broader):
        rdf.put(graph, me, SKOS.broader, URIRef(f"{scheme}#{above}"))
    else:
        rdf.put(graph, me, SKOS.topConceptOf, scheme)
    for follower in code.replaced_by:
        if follower != code.code:
            rdf.put(graph, me, DCTERMS.isReplacedBy, URIRef(f"{scheme}#{follower}"))
    for what, day in ((SCHEMA.validFrom, code.valid_from), (SCHEMA.validThrough, code.valid_until)):
        if day and not (code.replaced_by == [code.code] and what == SCHEMA.validThrough):
            rdf.put(graph, me, what, Literal(day.isoformat(), datatype=XSD.date))


# -- in


def read(of: CodeList, raw: bytes) -> Brought:
    """A CSV file with ``kode``, ``nama``, the facts of the list, and for what ends ``status`` (``berakhir``)
    and ``diganti_oleh`` (codes with spaces between). Raises ``CodesRefused`` with every faulty line."""
    rows = _rows(raw)
    head = {*(rows[0] if rows else {})}
    missing = [name for name in ("kode", "nama", *of.facts) if name not in head]
    if missing:
        raise CodesRefused([("1", f"columns missing: {', '.join(missing)}")])
    faults = [(str(n), fault) for n, row in enumerate(rows, 2) if (fault := _fault(row))]
    if faults:
        raise CodesRefused(faults)
    holding = [row for row in rows if STANDING[row.get("status", "").strip()]]
    ending = [row for row in rows if not STANDING[row.get("status", "").strip()]]
    return Brought(
        [Entry(row["kode"].strip(), row["nama"].strip(), dict(_facts(of, row))) for row in holding],
        {row["kode"].strip(): row.get("diganti_oleh", "").split() for row in ending},
    )


def _rows(raw: bytes) -> Sequence[dict[str, str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodesRefused([("1", f"not UTF-8: {error.reason}")]) from None
    rows = list(csv.DictReader(io.StringIO(text, newline=""), restval=""))
    if not 0 < len(rows) <= MOST_LINES:
        raise CodesRefused([("1", f"{len(rows)} lines")])
    return rows


def _fault(row: dict[str, str]) -> str:
    if None in row:
        return "has more columns than the head"
    if row.get("status", "").strip() not in STANDING:
        return f"status {row['status']!r} is neither berlaku nor berakhir"
    return "" if row["kode"].strip() else "has no code"


def _facts(of: CodeList, row: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, row[name].strip()) for name in of.facts)
