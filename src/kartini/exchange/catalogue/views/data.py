"""Datasets as files."""

import json

from django.http import Http404, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from kartini.exchange.catalogue import bps, files, publishers
from kartini.exchange.catalogue.declared import Dataset, datasets
from kartini.exchange.catalogue.open import address, answer, tagged


def found(slug: str) -> Dataset:
    if slug not in datasets:
        raise Http404(slug)
    return datasets[slug]


@require_safe
def file(request: HttpRequest, slug: str, form: str) -> HttpResponseBase:
    """The data, streamed from disk."""
    offered, written = found(slug), files.FORMATS[form]
    made = files.made(offered, written)
    charset = "; charset=utf-8; header=present" if form == "csv" else ""
    response = StreamingHttpResponse(
        files.chunks(made.path), content_type=f"{written.media_type}{charset}"
    )
    headers = {
        "Content-Length": str(made.bytes),
        "Content-Disposition": f'attachment; filename="{slug}.{form}"',
        "Link": f'<{address("csv-metadata", slug)}>; rel="describedby"; type="application/csvm+json"',
    }
    return tagged(request, response, made.digest, headers)


@require_safe
def csv_metadata(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What the columns mean, for machines: CSV on the Web."""
    said = files.csv_metadata(found(slug), address("file", slug, "csv"))
    body = json.dumps(said, ensure_ascii=False, indent=1)
    return answer(request, body, "application/csvm+json")


@require_safe
def statistical(request: HttpRequest, slug: str) -> HttpResponseBase:
    """MS-Keg, MS-Var and MS-Ind as JSON."""
    offered = found(slug)
    body = json.dumps(bps.described(offered, publishers.known()), ensure_ascii=False, indent=1)
    return answer(request, body, "application/json")
