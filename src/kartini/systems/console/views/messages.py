"""The message log: searching it, one message with its proof, and the state of the proof as a whole."""

import shlex
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kartini.exchange import attesting, heart, log, registry, stamping
from kartini.exchange.log import attested, note
from kartini.exchange.models import PeriodicRun
from kartini.people import words
from kartini.people.guards import role_required
from kartini.systems.console import rules
from kartini.systems.console.engine import outcomes, titles
from kartini.systems.console.forms.log import KINDS, LogFilterForm, span
from kartini.systems.console.services import archives, bodies
from kartini.systems.console.views.parts import (
    MOST_PRINTED,
    named,
    query_without,
    sheet,
    system_title,
)

A_PAGE = 20
MOST_IN_A_FILE = 5000
MOST_OFFERED = 3
PARTS = {
    "outbox": _("Deliveries"),
    "sealer": _("Seals of the log"),
    "clock": _("Work by the clock"),
    "tasks": _("Background work"),
}


@never_cache
@role_required(rules.OFFICER)
def index(request: HttpRequest) -> HttpResponse:
    """Newest first; ``?sebelum=`` is the id of the last one seen, ``?arsip=`` an archive, ``?csv`` gives a file."""
    form = LogFilterForm(request.GET, archives=archives.at_hand())
    if "csv" in request.GET:
        return _file(_all(form))
    size = MOST_PRINTED if "cetak" in request.GET else A_PAGE
    found, older = _search(form, request.GET.get("sebelum", ""), size)
    facts = {
        "form": form,
        "rows": [{**shown(message), "sealed": place is not None} for place, message in found],
        "query": query_without(request, "sebelum", "cetak"),
        "elsewhere": query_without(request, "sebelum", "cetak", "arsip"),
        "older": older,
        "reached_at": _moment(older) if older else None,
        "newest": "sebelum" not in request.GET,
        "archive": (archive := form.archive()) and span(archive),
        "begins_at": log.the_log().begins_at(),
        "offered": [(one.first, span(one)) for one in form.offered()[:MOST_OFFERED]],
    }
    return render(request, "console/log.html", facts)


def _all(form: LogFilterForm) -> list[Any]:
    found, before = _search(form, "", MOST_IN_A_FILE)
    while before and len(found) < MOST_IN_A_FILE:
        more, before = _search(form, before, MOST_IN_A_FILE - len(found))
        found += more
    return found


def _file(found: list[Any]) -> HttpResponse:
    """The newest of what was chosen; no person stands in it."""
    head = [
        _("When"),
        _("Asked by"),
        _("What"),
        _("What for"),
        _("Outcome"),
        "HTTP",
        "ms",
        _("Message"),
    ]
    rows = (
        [
            timezone.localtime(message.moment).isoformat(timespec="milliseconds"),
            message.client,
            message.service,
            one["purpose"],
            one["outcome"],
            message.status,
            message.microseconds / 1000,
            message.id,
        ]
        for message, one in ((message, shown(message)) for _place, message in found)
    )
    return sheet("log-pesan", head, rows)


def shown(message: log.Message) -> dict[str, Any]:
    """A message with the words that a page says it in."""
    outcome = outcomes.of(message.method, message.status, granted=bool(message.grant_id))
    return {
        "message": message,
        "kind": KINDS.get(message.method, message.method),
        "asker": system_title(message.client),
        "title": titles.of_contract(message.contract),
        "outcome": outcome.words,
        "advice": outcome.do,
        "purpose": words.of_purpose(message.purpose),
    }


def _search(form: LogFilterForm, before: str, size: int) -> tuple[list[Any], str]:
    """One page, and before which id the next one begins: empty at the end."""
    archive, wanted = form.archive(), form.wanted()
    text = form.cleaned_data.get("request", "").strip()
    asked = {**wanted, "request": text, "before": before if _is_id(before) else ""}
    if archive is None:
        found, more = log.search(**asked, limit=size + 1), ""
    else:
        found, more = log.the_log().search_archive(archive, **asked, limit=size + 1)
    if text and not found and not more:
        found = log.search(id=text, limit=1)
    return found[:size], found[size - 1][1].id if len(found) > size else more


def _moment(id_: str) -> datetime:
    """Ids begin with their time, in milliseconds."""
    return datetime.fromtimestamp(int(f"{id_[:8]}{id_[9:13]}", 16) / 1000, UTC)


@never_cache
@role_required(rules.OFFICER)
def detail(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    found = log.search(id=str(id), limit=1)
    if not found:
        raise Http404
    message, proof = found[0][1], log.proof(str(id))
    facts = {
        **shown(message),
        "proof": proof,
        "command": _command(f"{id}.proof.json"),
        "checkpoint": newest_checkpoint(),
        "milliseconds": message.microseconds / 1000,
        "body": bodies.find(message),
        "fields": named(filter(None, message.fields.split(","))),
    }
    return render(request, "console/message.html", facts)


@never_cache
@role_required(rules.OFFICER)
def proof_file(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What ``kartini-verify --proof`` checks, without this house."""
    proof = log.proof(str(id))
    if proof is None or proof.position is None:
        raise Http404
    response = JsonResponse(proof.as_file())
    response["Content-Disposition"] = f'attachment; filename="{id}.proof.json"'
    return response


def _command(file: str) -> str:
    """Checks the proof where the file and the verifier lie side by side."""
    keys = [f"--key {shlex.quote(key)}" for key in log.the_log().sealer.public_keys()]
    return " ".join(["python3 kartini_verify.py --proof", file, *keys])


@role_required(rules.OFFICER)
def verifier(request: HttpRequest) -> HttpResponse:
    """The program that checks a proof, or the whole log, without this house."""
    response = HttpResponse(log.verifier(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kartini_verify.py"'
    return response


@never_cache
@role_required(rules.OFFICER)
def evidence(request: HttpRequest) -> HttpResponse:
    """The newest signed root, who is at work, and how anybody can check."""
    now = timezone.now()
    beats = heart.beats()
    runs = {run.id: run for run in PeriodicRun.objects.order_by("id")}
    facts = {
        "checkpoint": newest_checkpoint(),
        "note": log.the_log().store.checkpoint(),
        "keys": log.the_log().sealer.public_keys(),
        "waiting": log.the_log().store.waiting(),
        "witnesses": attesting.watches(),
        "witness_keys": [one.vkey for one in attesting.watchers()],
        "stamps": attested.newest(log.the_log().store, attested.STAMP, stamping.NAME),
        "stamped_by": settings.TIMESTAMP_URL,
        "parts": [
            {"title": title, "at": beats.get(part), "stale": heart.is_stale(now, part)}
            for part, title in PARTS.items()
        ],
        "clockwork": [(work, runs.get(work.id)) for work in registry.periodic.values()],
    }
    return render(request, "console/evidence.html", facts)


def newest_checkpoint() -> note.Checkpoint | None:
    signed = log.the_log().store.checkpoint()
    return note.parse(signed) if signed else None


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
