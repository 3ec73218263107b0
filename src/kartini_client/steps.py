"""What a client does, step by step, without a network: each step yields what is to be sent (or how many seconds
to wait) and is told what came back. ``client`` walks these steps, waiting or not.
"""

import base64
import json
import random
import time
import uuid
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from nacl.signing import SigningKey

from kartini_client import proof
from kartini_client.errors import Failed, NotTrue, Refused, Unreachable
from kartini_client.hearing import Event

TRIES = 4
EARLY_SECONDS = 30
AGAIN = frozenset({429, 502, 503, 504})
AGAIN_KINDS = ("Server.ServerProxy.ServiceFailed.", "Server.ClientProxy.LoggingFailed")
Step = httpx.Request | float
Steps = Generator[Step, httpx.Response, Any]


@dataclass(frozen=True)
class Answer:
    """``message_id`` is the number of the message in the exchange's log; ``deprecated`` what the exchange says
    of a contract that is on its way out (the day of its end, if one is set). ``leaf`` is the receipt: the hash (base64)
    of the leaf that the message is in the log, as the exchange has signed it. ``/log/proof?id=`` proves it."""

    data: Any
    message_id: str
    deprecated: str = ""
    leaf: str = ""


@dataclass
class Identity:
    """Who this system is, and by what it proves it: a secret (OAuth2) or a key of its own (RFC 9421)."""

    base: str
    system: str
    secret: tuple[str, str] | None = None
    key: SigningKey | None = None
    exchange_keys: dict[str, bytes] = field(default_factory=dict)
    pinned: bool = False
    token: str = ""
    token_ends: float = 0.0


def identity(
    base: str,
    system: str,
    secret: tuple[str, str] | None,
    key: str,
    exchange_keys: Iterable[str],
) -> Identity:
    if (secret is None) == (not key):
        raise ValueError("give either secret=(client id, secret) or key=(32 bytes, base64)")
    raw = [proof.unpad(each) for each in exchange_keys]
    return Identity(
        base.rstrip("/"),
        system,
        secret,
        SigningKey(proof.unpad(key)) if key else None,
        {proof.key_id(each): each for each in raw},
        pinned=bool(raw),
    )


# -- the three things that a system does


def ask(
    me: Identity,
    service: str,
    question: Mapping[str, Any],
    purpose: str,
    case: str,
    represented: str,
) -> Steps:
    """``service`` is the full name ``JPR/GOV/…/contract.v1``. Asking twice does no harm, so it is tried again."""
    path = "/r1/" + "/".join(quote(part, safe="") for part in service.split("/"))
    claims = {"x-kartini-purpose": purpose, "x-road-represented-party": represented}
    more = {name: value for name, value in claims.items() if value}
    response = yield from _call(me, "POST", path, json.dumps(question).encode(), more, case)
    headers = response.headers
    deprecated = headers.get("sunset", "") or headers.get("deprecation", "")
    id_, leaf = headers.get("x-road-request-id", ""), headers.get(proof.LEAF, "")
    return Answer(_json(response), id_, deprecated, leaf)


def publish(me: Identity, contract: str, data: Mapping[str, Any], id_: str) -> Steps:
    """State a fact of one's own. The same ``id`` again is the same fact, so it is tried again."""
    event = {"specversion": "1.0", "id": id_, "source": f"/{me.system}", "type": contract}
    body = json.dumps({**event, "data": data}).encode()
    more = {"content-type": "application/cloudevents+json"}
    response = yield from _call(me, "POST", "/events", body, more, "")
    return str(_json(response)["id"])


def pull(me: Identity, after: str, limit: int, wait: int) -> Steps:
    """The next facts, and the cursor behind them."""
    how = urlencode({"after": after, "limit": limit, "wait": wait})
    response = yield from _call(me, "GET", f"/events?{how}", b"", {}, "")
    said = _json(response)
    return [Event.of(event) for event in said["events"]], str(said["cursor"])


# -- how


def _call(
    me: Identity, method: str, path: str, body: bytes, more: Mapping[str, str], case: str
) -> Steps:
    """A good answer that is the exchange's own. Raises ``Refused``, ``NotTrue`` or ``Unreachable``."""
    failure: Failed = Unreachable("not tried")
    id_, renewed = case or str(uuid.uuid4()), False
    for attempt in range(TRIES):
        if attempt:
            yield min(2.0**attempt, 10.0) * random.uniform(0.25, 0.5)  # noqa: S311 — spreads the load
        try:
            return (yield from _tried(me, method, path, body, more, id_))
        except httpx.TransportError as fault:
            failure = Unreachable(f"{type(fault).__name__}: {fault}")
        except Unreachable as fault:
            failure = fault
        except Refused as refusal:
            if refusal.status == httpx.codes.UNAUTHORIZED and me.token and not renewed:
                me.token, renewed = "", True
            elif not passes(refusal):
                raise
            failure = refusal
    raise failure


def _tried(
    me: Identity, method: str, path: str, body: bytes, more: Mapping[str, str], id_: str
) -> Steps:
    """Once. What says that it is away and is not signed, a proxy in front says."""
    request = yield from _prepared(me, method, path, body, more, id_)
    response: httpx.Response = yield request
    if response.status_code in AGAIN and "signature-input" not in response.headers:
        raise Unreachable(f"HTTP {response.status_code}, unsigned")
    yield from _verify(me, response, id_)
    if not response.is_success:
        raise _refusal(response)
    return response


def passes(refusal: Refused) -> bool:
    """Will it be another answer later?"""
    return refusal.status in AGAIN or refusal.kind.startswith(AGAIN_KINDS)


def _prepared(
    me: Identity, method: str, path: str, body: bytes, more: Mapping[str, str], id_: str
) -> Steps:
    url = str(httpx.URL(me.base + path))
    headers = {
        "content-type": "application/json",
        "content-digest": proof.digest(body),
        "x-road-client": me.system,
        "x-road-id": id_,
        **more,
    }
    if me.key is not None:
        values = {"@method": method, "@target-uri": url, **headers}
        headers |= proof.sign(values, me.key)
    else:
        yield from _token(me)
        headers["authorization"] = f"Bearer {me.token}"
    return httpx.Request(method, url, headers=headers, content=body)


def _token(me: Identity) -> Steps:
    """OAuth2 client credentials; kept until shortly before its end."""
    if me.token and time.monotonic() < me.token_ends:
        return
    assert me.secret is not None  # noqa: S101 — identity() saw to it
    basic = base64.b64encode(":".join(quote(part, safe="") for part in me.secret).encode()).decode()
    response = yield httpx.Request(
        "POST",
        f"{me.base}/oauth2/token",
        headers={"authorization": f"Basic {basic}"},
        data={"grant_type": "client_credentials"},
    )
    if not response.is_success:
        raise _refusal(response)
    said = _json(response)
    me.token = said["access_token"]
    me.token_ends = time.monotonic() + said["expires_in"] - EARLY_SECONDS


def _verify(me: Identity, response: httpx.Response, id_: str) -> Steps:
    """Signed by the exchange; and an answer (unlike a refusal of whom it does not know) is one to this call."""
    claim = proof.Claim(response.headers)
    if claim.keyid not in me.exchange_keys and not me.pinned:
        yield from _learn_keys(me)
    key = me.exchange_keys.get(claim.keyid)
    if key is None:
        raise NotTrue("signed by a key that is not the exchange's")
    values = {**response.headers, "@status": str(response.status_code)}
    needed: tuple[str, ...] = proof.ANSWER if response.is_success else proof.ANSWER[:2]
    if proof.LEAF in response.headers:
        needed += (proof.LEAF,)
    claim.verify(values, key, response.content, needed)
    if response.is_success and response.headers["x-road-id"] != id_:
        raise NotTrue("this is the answer to another call")


def _learn_keys(me: Identity) -> Steps:
    """The exchange's keys, as the address itself names them (trust on first use; pin them to do better)."""
    response = yield httpx.Request("GET", f"{me.base}/exchange/keys")
    if not response.is_success:
        raise Unreachable("the exchange does not tell its keys")
    raw = [proof.unpad(key["x"]) for key in _json(response)["keys"]]
    me.exchange_keys = {proof.key_id(each): each for each in raw}


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        raise NotTrue("the answer is not JSON") from None


def _refusal(response: httpx.Response) -> Refused:
    try:
        said = response.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    kind = response.headers.get("x-road-error", "") or said.get("error", "")
    message = said.get("message") or said.get("error_description") or said.get("detail") or ""
    message_id = response.headers.get("x-road-request-id", "")
    return Refused(response.status_code, str(kind), str(message), message_id, response.content)
