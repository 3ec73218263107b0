"""Facts for systems that cannot be called, and facts from systems outside.

``GET /events?after=<cursor>`` hands over what the caller's grants let it hear, in the order of their positions,
and waits for more if asked to. ``POST /events`` takes a fact of the caller's own, as CloudEvents.
"""

import asyncio
import time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from django.utils import timezone

from kartini.exchange import cloudevents, log, published
from kartini.exchange.call import Call
from kartini.exchange.edge import caller, faults
from kartini.exchange.edge.answering import receipt, said, signed
from kartini.exchange.edge.caller import Visitor
from kartini.exchange.edge.faults import Fault, bad, failed
from kartini.exchange.edge.http import Refused, Reply, Request, json
from kartini.exchange.edge.state import GLANCE_SECONDS, State, Watch, rows
from kartini.exchange.edge.tokens import Tokens
from kartini.exchange.snapshot import moment, owner
from kartini.exchange.upstream import Failed
from kartini.kit import logs

MOST, AS_A_RULE = 500, 100
MOST_SECONDS = 30
LONGEST_NAME = 200
WAITING_AT_ONCE = 4
SERVICE = "events"
ACCEPTED, DIFFERENT = 202, 409


async def answer(request: Request, state: State, tokens: Tokens) -> Reply:
    """Like a call by r1: signed whatever happens, and logged before it leaves."""
    try:
        visitor = await caller.visitor(request, state, tokens)
    except (Refused, Fault) as no:
        fault = faults.of(no) if isinstance(no, Refused) else no
        state.log.refusals.count(fault.counted, request.address)
        return signed(fault.reply(""), {}, state)
    call = _call(visitor, "", visitor.body, state)
    try:
        work = _publish if request.method == "POST" else _pull
        reply, entries = await work(visitor, call, state)
    except Exception as broken:  # noqa: BLE001 — whatever it is, the message is logged
        fault = faults.any_of(broken)
        reply, entries = fault.reply(call.id), [call.entry(fault.status)]
    told = said(visitor, call.service, call.id)
    try:
        await state.write(*entries)
    except log.NotDurable:
        return signed(faults.not_logged().reply(call.id), told, state)
    return signed(reply, told | receipt(call.id, entries), state)


def _call(visitor: Visitor, contract: str, body: bytes, state: State) -> Call:
    return Call(
        keys=state.keys,
        at=timezone.now(),
        method=visitor.request.method,
        client=visitor.client,
        service=state.view.service(contract) if contract else f"{state.view.instance}/{SERVICE}",
        question=body,
        organisation=visitor.represented,
        request=visitor.id,
    )


# -- out


async def _pull(visitor: Visitor, call: Call, state: State) -> tuple[Reply, list[log.Entry]]:
    request = visitor.request
    if request.method != "GET":
        raise faults.wrong_method("GET, POST")
    after = _number(request, "after", 0, 10**15 - 1)
    limit = max(1, _number(request, "limit", AS_A_RULE, MOST))
    until = time.monotonic() + _number(request, "wait", 0, MOST_SECONDS)
    await _holds(after, state.watch)
    me, waiting = visitor.caller.subsystem, state.watch.waiting
    if waiting.get(me, 0) >= WAITING_AT_ONCE:
        raise Fault("Client.TooManyRequests", "You are waiting for facts already.", wire=429)
    waiting[me] = waiting.get(me, 0) + 1
    try:
        found, cursor = await _wait_for(me, after, limit, until, state)
    finally:
        waiting[me] -= 1
    told = [_told(visitor, row, state) for row in found]
    events = [event for event, _entry in told]
    reply = json({"events": events, "cursor": str(cursor)})
    return reply, [entry for _event, entry in told]


def _number(request: Request, name: str, otherwise: int, most: int) -> int:
    if name not in request.query:
        return otherwise
    given = request.number(name)
    if given > most:
        raise bad(f"{name} is at most {most}.")
    return given


async def _holds(after: int, watch: Watch) -> None:
    """A cursor that we gave, and behind which nothing has been forgotten: positions have no gap, but for what was."""
    newest = await watch.newest()
    if after == 0 or after == newest:
        return
    if after > newest:
        raise bad("after is a cursor that this exchange did not give.")
    ((kept,),) = await asyncio.to_thread(rows, _KEPT, [after, newest])
    if kept <= newest - after:
        raise faults.gone(
            "What followed this cursor may be forgotten: facts are kept for 30 days. Begin again with after=0."
        )


_KEPT = "SELECT COUNT(*) FROM exchange_fact WHERE position >= ? AND position <= ?"


async def _wait_for(
    me: str, after: int, limit: int, until: float, state: State
) -> tuple[list[tuple[Any, ...]], int]:
    """What there is, as soon as there is something, and the cursor behind it."""
    while True:
        newest = await state.watch.newest()
        if newest > after:
            await _as_of(state.watch.read_at, state)
            names = _may_hear(me, state)
            found = await asyncio.to_thread(_facts, names, after, newest, limit) if names else []
            if found:
                return found, found[-1][0] if len(found) == limit else newest
            after = newest
        if time.monotonic() >= until:
            return [], after
        await asyncio.sleep(GLANCE_SECONDS)


async def _as_of(moment: float, state: State) -> None:
    """The cursor passes by what may not be heard: so the view must be younger than the newest position, or it would pass
    by, for ever, a fact that was stated after a grant which the view does not know yet."""
    await state.look_again(moment)
    if state.view.read_at <= moment:
        raise failed("What may be heard cannot be read now.", 503)


def _may_hear(me: str, state: State) -> list[str]:
    view = state.view
    known = {*published.events(), *(contract for who, contract in view.rights if who == me)}
    return [name for name in known - published.queries().keys() if view.to_hear(me, name)]


def _facts(names: list[str], after: int, newest: int, limit: int) -> list[tuple[Any, ...]]:
    return rows(
        "SELECT position, id, contract, ordering_key, body, stated_at FROM exchange_fact "  # noqa: S608 — only marks
        f"WHERE position > ? AND position <= ? AND contract IN ({', '.join('?' * len(names))}) "
        "ORDER BY position LIMIT ?",
        [after, newest, *names, limit],
    )


def _told(visitor: Visitor, row: tuple[Any, ...], state: State) -> tuple[dict[str, Any], log.Entry]:
    position, id_, contract, ordering_key, body, stated_at = row
    right = state.view.to_hear(visitor.caller.subsystem, contract)
    data = orjson.loads(body) if isinstance(body, str) else body
    required = published.required_fields(contract)
    event = cloudevents.envelope(
        id=_dashed(id_),
        source=state.view.name(owner(contract)),
        contract=contract,
        stated_at=moment(stated_at),
        ordering_key=ordering_key,
        position=position,
        data=right.let_through_raw(data, required) if right else None,
    )
    call = _call(visitor, contract, b"", state)
    call.method, call.request = "EVENT", event["id"]
    if right is not None:
        call.right, call.purpose = right, right.purpose
    return event, call.entry(200, cloudevents.as_bytes(event))


def _dashed(id_: Any) -> str:
    """SQLite keeps an id as 32 digits."""
    text = str(id_)
    parts = (text[:8], text[8:12], text[12:16], text[16:20], text[20:])
    return text if "-" in text else "-".join(parts)


# -- in


async def _publish(visitor: Visitor, call: Call, state: State) -> tuple[Reply, list[log.Entry]]:
    """The owner of a contract states a fact. The same id again is the same fact, told once."""
    event = _event(visitor.body)
    contract = event["type"]
    call.service = state.view.service(contract)
    if contract not in published.events():
        raise faults.unknown_service(contract)
    if owner(contract) != visitor.caller.subsystem:
        raise faults.not_allowed(contract)
    try:
        fitting = published.events()[contract].model_validate(event["data"])
    except ValueError as fault:
        count = getattr(fault, "error_count", lambda: 1)()
        raise bad(f"data does not fit the contract: {count} fault(s).") from None
    fact = str(uuid5(NAMESPACE_URL, f"{visitor.client}#{event['id']}"))
    body = orjson.dumps({"id": fact, "data": fitting.model_dump(mode="json")})
    status = await _hand_over(contract, body, call.id, state)
    if status == DIFFERENT:
        raise Fault("Client.Conflict", "This id was used for another fact.", wire=DIFFERENT)
    reply = json({"id": fact}, ACCEPTED)
    return reply, [call.entry(reply.status, reply.body)]


def _event(body: bytes) -> dict[str, Any]:
    try:
        event = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad("The body is not JSON.") from None
    if not isinstance(event, dict) or event.get("specversion") != "1.0":
        raise bad("The body is no CloudEvents 1.0 in structured JSON.")
    for name in ("id", "source", "type"):
        value = event.get(name)
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST_NAME:
            raise bad(f"{name} is missing, or longer than {LONGEST_NAME} characters.")
    if not isinstance(event.get("data"), dict):
        raise bad("data must be an object.")
    return event


async def _hand_over(contract: str, body: bytes, id_: str, state: State) -> int:
    """To the web process of this house, which writes it into the outbox."""
    id_ = logs.current_request.get() or id_
    try:
        found = await state.ask_web("/pertukaran/nyatakan", contract, body, id_, 10)
    except (TimeoutError, Failed):
        raise failed("The fact could not be taken now; send it again.", 503) from None
    if found.status not in {200, DIFFERENT}:
        raise failed("The fact could not be taken now; send it again.", 503)
    return found.status
