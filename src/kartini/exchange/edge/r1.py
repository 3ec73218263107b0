"""The information-system side of the X-Road REST protocol (r1).

Authenticate → grant → provider → log → answer. Everything that the exchange itself refuses has X-Road-Error
and a body of type, message and detail; what a provider refuses passes through as it is.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Any

import orjson
from django.utils import timezone
from pydantic import ValidationError

from kartini.exchange import log, published
from kartini.exchange.call import MOST_PERSONS, Call, names_too_many
from kartini.exchange.edge import caller, faults
from kartini.exchange.edge.answering import receipt, said, signed
from kartini.exchange.edge.caller import IDEMPOTENT, Asked
from kartini.exchange.edge.faults import Fault, bad, failed
from kartini.exchange.edge.http import Refused, Reply, Request
from kartini.exchange.edge.meta import METASERVICES
from kartini.exchange.edge.state import State
from kartini.exchange.edge.tokens import Tokens
from kartini.exchange.remote import headers_for
from kartini.exchange.snapshot import Answerer, Right, Snapshot
from kartini.exchange.upstream import Answer, Failed
from kartini.kit import logs

logger = logging.getLogger(__name__)
OK, UNKNOWN, BROKEN, BUSY, TOO_SLOW = 200, 401, 502, 503, 504
REFUSAL = ("type", "title", "status", "detail", "instance", "message", "code", "error")


async def answer(request: Request, state: State, tokens: Tokens) -> Reply:
    """Whatever happens, the answer is signed, and in the log before it leaves if the caller is known."""
    try:
        asked = await caller.read(request, state, tokens)
    except (Refused, Fault) as no:
        fault = faults.of(no) if isinstance(no, Refused) else no
        logger.warning("refused before the caller was known: %s %s", fault.kind, fault.message)
        state.log.refusals.count(fault.counted, request.address)
        return signed(fault.reply(""), {}, state)
    call = _call(asked, state)
    try:
        reply = await _serve(asked, call, state)
        if reply.status < 400 and _keeps(asked, state):
            await asyncio.to_thread(call.keep, reply.body)
        entry = call.entry(reply.status, reply.body)
    except Exception as broken:  # noqa: BLE001 — whatever it is, the message is logged
        fault = faults.any_of(broken)
        reply, entry = fault.reply(call.id), call.entry(fault.status)
    told = said(asked, asked.service.name, call.id)
    try:
        await state.write(entry)
    except log.NotDurable:
        return signed(faults.not_logged().reply(call.id), told, state)
    return signed(reply, told | receipt(call.id, [entry]), state)


def _call(asked: Asked, state: State) -> Call:
    return Call(
        keys=state.keys,
        at=timezone.now(),
        method=asked.request.method,
        client=asked.client,
        service=asked.service.name,
        question=asked.body,
        organisation=asked.represented,
        request=asked.id,
    )


async def _serve(asked: Asked, call: Call, state: State) -> Reply:
    meta = METASERVICES.get(asked.contract)
    if meta is not None and asked.request.method == "GET":
        return meta(asked, state)
    answerer = _answerer(asked, state)
    is_question = asked.contract in published.queries()
    if is_question and (asked.request.method != "POST" or asked.path not in {"", "/"}):
        raise faults.wrong_method("POST")
    call.right = await _right(asked, call, state)
    if is_question:
        _fits(asked)
    who = asked.contract, answerer.url
    if not state.breaker.lets(who):
        raise failed("The service failed too often and is left alone for a while.", 503)
    try:
        found = await _ask(asked, call, answerer, state)
    except Fault:
        state.breaker.went(who, well=False)
        raise
    state.breaker.went(who, well=found.status < 500 or _is_no_of_another_exchange(found))
    return _let_through(asked, call.right, found)


def _keeps(asked: Asked, state: State) -> bool:
    found = state.view.services.get(asked.contract)
    return found is not None and found.keeps_bodies


def _answerer(asked: Asked, state: State) -> Answerer:
    found = state.view.services.get(asked.contract)
    if found is None or state.view.name(found.subsystem) != asked.service.provider:
        raise faults.unknown_service(asked.service.name)
    return found


async def _right(asked: Asked, call: Call, state: State) -> Right:
    right = await state.surely(lambda view: _granted(asked, call, view))
    if right is None:
        raise faults.not_allowed(asked.service.name, call.purpose)
    if not state.rates.allows(right, int(time.time())):
        raise Fault("Client.TooManyRequests", "The rate of the grant is used up.", wire=429)
    return right


def _granted(asked: Asked, call: Call, view: Snapshot) -> Right | None:
    call.purpose = asked.purpose
    if not call.purpose:
        held = view.purposes(asked.caller.subsystem, asked.contract)
        if len(held) > 1:
            raise bad(f"X-Kartini-Purpose is needed: {', '.join(sorted(held))}.")
        call.purpose = held[0] if held else ""
    return view.to_ask(asked.caller.subsystem, asked.contract, call.purpose)


def _fits(asked: Asked) -> None:
    """What is asked fits the contract."""
    try:
        published.queries()[asked.contract].model_validate_json(asked.body)
    except ValidationError as fault:
        raise bad(f"The body does not fit the contract: {published.misfits(fault)}.") from None


def _is_no_of_another_exchange(found: Answer) -> bool:
    """It stands, and does not let this caller in: a 500 by the protocol, but no fault of its."""
    return found.said("x-road-error") == faults.ACCESS_DENIED


def _fits_too(asked: Asked, found: Answer) -> None:
    """What another system answers to a question of the catalogue is held against it, as for a caller in this house."""
    query = published.queries().get(asked.contract)
    if query is None:
        return
    try:
        query.answer_type().model_validate_json(found.body)
    except ValidationError as fault:
        told = published.misfits(fault)
        raise failed(f"The answer does not fit the contract: {told}.", BROKEN) from None


async def _ask(asked: Asked, call: Call, answerer: Answerer, state: State) -> Answer:
    try:
        found = await _found(asked, call, answerer, state)
    except TimeoutError:
        raise failed("The service did not answer in time.", TOO_SLOW) from None
    except Failed as why:
        raise failed(f"The service did not answer. {why}", BROKEN) from None
    if not answerer.url and found.status != OK:
        status = found.status if found.status in {BUSY, TOO_SLOW} else BROKEN
        raise failed("The service broke down.", status)
    if answerer.url and found.status == UNKNOWN:
        raise failed("The answering system does not know who asks; that is ours to mend.", BROKEN)
    if answerer.url and found.status < 400:
        _fits_too(asked, found)
    return found


def _found(asked: Asked, call: Call, answerer: Answerer, state: State) -> Awaitable[Answer]:
    """From the web process of this house over the loopback, or from the address of another system."""
    if not answerer.url:
        id_, seconds = logs.current_request.get() or call.id, answerer.seconds
        return state.ask_web("/pertukaran/jawab", asked.contract, asked.body, id_, seconds)
    method, (url, headers) = asked.request.method, _way(asked, call, answerer, state)
    twice = method in IDEMPOTENT or asked.contract in published.queries()
    return state.upstream.ask(
        method, url, headers, asked.body, seconds=answerer.seconds, twice=twice
    )


def _way(asked: Asked, call: Call, answerer: Answerer, state: State) -> tuple[str, dict[str, str]]:
    query = f"?{asked.request.raw_query}" if asked.request.raw_query else ""
    url = answerer.url.rstrip("/") + asked.path + query if asked.path else answerer.url + query
    given = asked.request.headers
    passed = {name: given[name] for name in caller.PASSED if given.get(name)}
    headers = headers_for(call, url, state.voice, asked.request.method, passed)
    kind = given.get("content-type")
    return url, headers | ({"content-type": kind} if kind else {})


def _let_through(asked: Asked, right: Right, found: Answer) -> Reply:
    """Only what the grant names; what cannot be read cannot be filtered and stays here."""
    kind = found.kind or "application/json"
    leaving = published.farewell(asked.contract)
    if names_too_many(found.body):
        raise failed(f"The answer names more than {MOST_PERSONS} persons.", BROKEN)
    if not right.fields:
        return Reply(found.status, found.body, kind, leaving)
    try:
        answer = orjson.loads(found.body)
        if found.status >= 400:
            narrowed = orjson.dumps(_refusal(answer))
        else:
            required = published.required_fields(asked.contract)
            narrowed = orjson.dumps(right.let_through_raw(answer, required))
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        raise failed("The answer cannot be narrowed to what is granted.", BROKEN) from None
    return Reply(found.status, narrowed, kind, leaving)


def _refusal(answer: Any) -> dict[str, Any]:
    """Why it says no (RFC 9457, X-Road) and nothing else: a refusal is no way around a narrow grant."""
    said = answer if isinstance(answer, dict) else {}
    return {name: said[name] for name in REFUSAL if isinstance(said.get(name), str | int)}
