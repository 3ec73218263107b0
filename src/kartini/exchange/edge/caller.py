"""Who calls, and what: read before anything else happens."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from kartini.exchange import identifiers, signatures
from kartini.exchange.call import MOST_PERSONS, names_too_many
from kartini.exchange.edge.faults import Fault, bad, unknown_caller, wrong_method
from kartini.exchange.edge.http import Request
from kartini.exchange.edge.state import State
from kartini.exchange.edge.tokens import Tokens
from kartini.exchange.snapshot import Known

IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
METHODS = IDEMPOTENT | {"POST", "PATCH"}
LONGEST_KNOWN = 300  # of a path that is kept in memory
LONGEST_PURPOSE, LONGEST_MEMBER = 60, 40
#: who acts, and in which case: for the answerer alone
PASSED = ("x-road-userid", "x-road-issue")
REPLAYED = "Client.SignatureReplayed"
_SIXTEEN_DIGITS = re.compile(r"[0-9]{16}")
#: neither digit before nor behind; said so that the search leaps from digit to digit
_NIK = re.compile(r"[0-9](?<![0-9]{2})[0-9]{15}(?![0-9])")

#: what makes a visitor
Proved = tuple[Request, Known, str, bytes, str, str, str]


@dataclass
class Visitor:
    """Who is proved to be calling, with what."""

    request: Request
    caller: Known
    client: str
    body: bytes
    id: str
    purpose: str
    #: the member in whose name it says to ask; nobody proved it
    represented: str


@dataclass
class Asked(Visitor):
    """A visitor who asks a service."""

    service: identifiers.Service
    path: str

    @property
    def contract(self) -> str:
        return self.service.code


async def read(request: Request, state: State, tokens: Tokens) -> Asked:
    raw = request.raw_path
    service, path = _service(raw) if len(raw) <= LONGEST_KNOWN else _service.__wrapped__(raw)
    return Asked(*await _proved(request, state, tokens), service, path)


async def visitor(request: Request, state: State, tokens: Tokens) -> Visitor:
    return Visitor(*await _proved(request, state, tokens))


async def _proved(request: Request, state: State, tokens: Tokens) -> Proved:
    """The body is read when it is known who would be calling: of strangers none is kept."""
    client = _client(request)
    if request.method not in METHODS:
        raise wrong_method("GET, POST")
    id_ = _id(request)
    purpose, represented = _claims(request)
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        known = await state.surely(lambda view: tokens.judge(token, view))
        if known is None:
            raise unknown_caller("This token does not hold.", 'Bearer error="invalid_token"')
        body = await request.body()
    elif "signature-input" in request.headers:
        known, body = await _signer(request, client, state)
    else:
        raise unknown_caller("A token or a signature is missing.", "Bearer")
    if state.view.subsystems.get(known.subsystem) != client:
        raise Fault(
            "Client.WrongClient", "X-Road-Client is not who proved to be calling.", wire=403
        )
    if names_too_many(body):
        raise bad(f"At most {MOST_PERSONS} persons at once.")
    return request, known, client, body, id_, purpose, represented


@lru_cache(4096)
def _service(raw_path: str) -> tuple[identifiers.Service, str]:
    """Five parts and a path below them, which may not lead out of its place."""
    parts = raw_path.split("/", 7)
    if len(parts) < 7:
        raise bad("An address is /r1/instance/class/member/subsystem/service.")
    path = f"/{parts[7]}" if len(parts) == 8 else ""
    low = path.lower()
    if "%2f" in low or "%5c" in low or "\\" in path or "%00" in low:
        raise bad("A path has no encoded slashes.")
    if any(step in {".", ".."} for step in low.replace("%2e", ".").split("/")):
        raise bad("A path does not lead upwards.")
    try:
        return identifiers.Service(*map(identifiers.part, parts[2:7])), path
    except identifiers.Malformed as why:
        raise bad(f"The address: {why}.") from None


def _client(request: Request) -> str:
    given = request.headers.get("x-road-client")
    if not given:
        raise bad("X-Road-Client is missing.")
    try:
        return identifiers.client(given)
    except identifiers.Malformed as why:
        raise bad(f"X-Road-Client: {why}.") from None


def _id(request: Request) -> str:
    given = request.headers.get("x-road-id", "")
    if len(given) > identifiers.LONGEST_ID or not given.isascii():
        raise bad(f"X-Road-Id has at most {identifiers.LONGEST_ID} plain characters.")
    if _SIXTEEN_DIGITS.search(given):
        raise bad("X-Road-Id must not hold a NIK.")
    return given


def _claims(request: Request) -> tuple[str, str]:
    """What for, and in whose name (``[class/]member``). Both stand in the log for good, the address in others'."""
    purpose = request.headers.get("x-kartini-purpose", "")
    represented = request.headers.get("x-road-represented-party", "").rpartition("/")[2]
    if len(purpose) > LONGEST_PURPOSE or not purpose.isascii():
        raise bad(f"X-Kartini-Purpose has at most {LONGEST_PURPOSE} plain characters.")
    if len(represented) > LONGEST_MEMBER or not represented.isascii():
        raise bad(f"X-Road-Represented-Party names a member: at most {LONGEST_MEMBER} characters.")
    target = unquote(request.target) if "%" in request.target else request.target
    passed = " ".join([request.headers.get(name, "") for name in PASSED])
    if not passed.isascii():
        raise bad("X-Road-UserId and X-Road-Issue have plain characters only.")
    if _NIK.search(f"{purpose} {represented} {passed} {target}"):
        raise bad("A NIK stands in the body of a message, never in its address or headers.")
    return purpose, represented


async def _signer(request: Request, client: str, state: State) -> tuple[Known, bytes]:
    headers = request.headers
    try:
        claim = signatures.read(headers["signature-input"], headers.get("signature", ""))
        known = await state.surely(
            lambda view: view.keys.get((view.codes.get(client, ""), claim.keyid))
        )
        if known is None:
            raise signatures.NotSigned("keyid is not known for this client")
        body = await request.body()
        if not signatures.digest_holds(headers.get("content-digest", ""), body):
            raise signatures.NotSigned("Content-Digest is missing or not that of the body")
        values = _signable(request, state.base_url, claim.components)
        public = bytes.fromhex(known.value)
        signatures.verify(claim, values, public, needed=signatures.REQUEST)
        state.nonces.take(claim, int(time.time()))
    except signatures.NotSigned as why:
        counted = REPLAYED if isinstance(why, signatures.Replayed) else ""
        raise unknown_caller(f"The signature: {why}.", counted=counted) from None
    return known, body


def _signable(request: Request, base: str, components: Sequence[str]) -> Mapping[str, str]:
    """Every header field, and what a signature may name of the address (RFC 9421, 2.2); most name the usual only."""
    url = f"{base}{request.target}"
    values = {**request.headers, "@method": request.method, "@target-uri": url}
    if components != signatures.REQUEST:
        parts = urlsplit(url)
        default = {"http": ":80", "https": ":443"}[parts.scheme]
        values |= {
            "@scheme": parts.scheme,
            "@authority": parts.netloc.lower().removesuffix(default),
            "@path": parts.path or "/",
            "@query": f"?{parts.query}",
            "@request-target": request.target,
        }
    return values
