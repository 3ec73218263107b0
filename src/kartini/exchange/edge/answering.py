"""What every answer to a system outside bears: who asked what, and our signature over it."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from nacl.signing import SigningKey

from kartini.exchange import signatures
from kartini.exchange.edge.caller import Visitor
from kartini.exchange.edge.http import Reply, Request
from kartini.exchange.log import Entry
from kartini.exchange.log.leaf import leaf
from kartini.exchange.log.merkle import hash_leaf

SKIPPED = frozenset(
    {
        b"connection",
        b"content-length",
        b"expect",
        b"host",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"server",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"user-agent",
        b"x-road-request-hash",
        b"x-road-request-id",
    }
)


class Speaker(Protocol):
    """Whoever answers for this exchange, and the name of its key."""

    @property
    def voice(self) -> SigningKey: ...
    @property
    def keyid(self) -> str: ...


class Voice(NamedTuple):
    """The voice alone, before the edge knows anything else."""

    voice: SigningKey

    @property
    def keyid(self) -> str:
        return signatures.key_id(bytes(self.voice.verify_key))


def said(visitor: Visitor, service: str, id: str) -> dict[str, str]:  # noqa: A002
    """What every answer to a known caller repeats."""
    return {
        "x-road-client": visitor.client,
        "x-road-service": service,
        "x-road-id": visitor.id or id,
        "x-road-request-id": id,
        "x-road-request-hash": request_hash(visitor.request, visitor.body, id),
    }


def request_hash(request: Request, body: bytes, id: str) -> str:  # noqa: A002
    """As the protocol computes it: over the header as it was sent, and the ids that the exchange gave."""
    lines = [request.method.encode(), request.target.encode(), *request.lines(SKIPPED)]
    lines.append(f"x-road-request-id:{id}".encode())
    if "x-road-id" not in request.headers:
        lines.append(f"x-road-id:{id}".encode())
    head = hashlib.sha512(b"\r\n".join([*lines, b""])).digest()
    if body:
        head = hashlib.sha512(head + hashlib.sha512(body).digest()).digest()
    return signatures.base64(head)


def receipt(id: str, entries: Sequence[Entry]) -> dict[str, str]:  # noqa: A002
    """The promise, under our signature, that this very message is a leaf of the log: its hash. The proof of it exists
    when the log is sealed."""
    mine = [entry.message for entry in entries if entry.message.id == id]
    return {"x-kartini-leaf": signatures.base64(hash_leaf(leaf(mine[0])))} if mine else {}


def signed(reply: Reply, said: Mapping[str, str], speaker: Speaker) -> Reply:
    """Content-Digest, and our signature over it, the status and what was asked."""
    said = {**said, "content-digest": signatures.digest(reply.body)}
    covered = [name for name in signatures.RESPONSE if name == "@status" or name in said]
    values = {**said, "@status": str(reply.status)}
    proof = signatures.sign(
        values, covered, speaker.voice, keyid=speaker.keyid, created=int(time.time())
    )
    return Reply(reply.status, reply.body, reply.kind, {**reply.headers, **said, **proof})
