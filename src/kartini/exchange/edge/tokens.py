"""OAuth2 client credentials (RFC 6749) with JWT access tokens (RFC 9068), introspection (RFC 7662), metadata.

Secrets have 256 random bits, so their SHA-256 is enough to keep. Tokens hold for ten minutes, and end
sooner when the credential behind them does.
"""

import hashlib
import hmac
import time
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote

import orjson
from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from kartini.exchange.edge.http import Refused, Reply, Request, json
from kartini.exchange.edge.state import State
from kartini.exchange.signatures import key_id
from kartini.exchange.snapshot import Known, Snapshot
from kartini.kit.ids import new_name

SECONDS = 600
MOST_FORM = 16 * 1024
MOST_CACHED = 20_000


class Tokens:
    """Issues and judges access tokens."""

    def __init__(self, state: State) -> None:
        self._issuer = state.base_url
        self._keys = {
            key_id(bytes(SigningKey(seed).verify_key)): SigningKey(seed)
            for seed in state.keys.tokens.keys.values()
        }
        self._kid, self._key = next(iter(self._keys.items()))
        self._head = _b64(orjson.dumps({"alg": "EdDSA", "typ": "at+jwt", "kid": self._kid}))
        self._good: dict[str, tuple[str, int]] = {}

    def issue(self, known: Known, view: Snapshot) -> str:
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": self._issuer,
            "sub": view.name(known.subsystem),
            "client_id": known.id,
            "iat": now,
            "exp": now + SECONDS,
            "jti": new_name(),
        }
        said = self._head + b"." + _b64(orjson.dumps(claims))
        return (said + b"." + _b64(self._key.sign(said).signature)).decode()

    def judge(self, token: str, view: Snapshot) -> Known | None:
        """Whose token this is, if it holds and its credential is still in force."""
        cached = self._good.get(token)
        if cached is None:
            claims = self._claims(token)
            if claims is None:
                return None
            if len(self._good) >= MOST_CACHED:
                self._good.clear()
            cached = self._good[token] = (str(claims["client_id"]), int(str(claims["exp"])))
        credential, ends = cached
        return view.credentials.get(credential) if _is_in_time(ends) else None

    def claims(self, token: str, view: Snapshot) -> dict[str, object]:
        """For introspection: empty when it does not hold."""
        return (self._claims(token) or {}) if self.judge(token, view) else {}

    def public_keys(self) -> list[dict[str, str]]:
        return _as_jwks(self._keys.values())

    def _claims(self, token: str) -> dict[str, object] | None:
        try:
            head, body, signature = token.split(".")
            said = orjson.loads(_unb64(head))
            key = self._keys[said["kid"]].verify_key
            if said["alg"] not in {"EdDSA", "Ed25519"} or said.get("typ") != "at+jwt":
                return None
            VerifyKey(bytes(key)).verify(f"{head}.{body}".encode(), _unb64(signature))
            claims: dict[str, object] = orjson.loads(_unb64(body))
        except (ValueError, KeyError, TypeError, BadSignatureError):
            return None
        ours = claims.get("iss") == claims.get("aud") == self._issuer
        exp = claims.get("exp")
        return claims if ours and isinstance(exp, int) and _is_in_time(exp) else None


def _is_in_time(ends: int) -> bool:
    """One that holds for longer than any was issued for, a clock that ran ahead has issued."""
    now = time.time()
    return now < ends <= now + SECONDS + 60


# -- what clients call


async def token(request: Request, state: State, tokens: Tokens) -> Reply:
    form = await _form(request)
    grant = form.get("grant_type", request.query.get("grant_type", ""))
    if not grant:
        return _refusal("invalid_request", "grant_type is missing, or something is there twice.")
    if grant != "client_credentials":
        return _refusal("unsupported_grant_type", "Only client_credentials is possible.")
    known = await state.surely(lambda view: _client(request, form, view))
    if known is None:
        return _unknown(request, state)
    issued = tokens.issue(known, state.view)
    said = {"access_token": issued, "token_type": "Bearer", "expires_in": SECONDS}
    return json(said, pragma="no-cache")


async def introspect(request: Request, state: State, tokens: Tokens) -> Reply:
    form = await _form(request)
    if await state.surely(lambda view: _client(request, form, view)) is None:
        return _unknown(request, state)
    if not form.get("token"):
        return _refusal("invalid_request", "token is missing, or something is there twice.")
    claims = tokens.claims(form["token"], state.view)
    return json({"active": bool(claims), **({"token_type": "Bearer"} if claims else {}), **claims})


async def metadata(_request: Request, state: State, _tokens: Tokens) -> Reply:
    """RFC 8414."""
    base = state.base_url
    return json(
        {
            "issuer": base,
            "token_endpoint": f"{base}/oauth2/token",
            "introspection_endpoint": f"{base}/oauth2/introspect",
            "jwks_uri": f"{base}/oauth2/jwks",
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )


async def jwks(_request: Request, _state: State, tokens: Tokens) -> Reply:
    return json({"keys": tokens.public_keys()})


async def exchange_keys(_request: Request, state: State, _tokens: Tokens) -> Reply:
    """The keys by which the exchange signs its answers and its calls, newest first."""
    seeds = state.keys.exchange.keys.values()
    return json({"keys": _as_jwks(map(SigningKey, seeds))})


def _as_jwks(keys: Iterable[SigningKey]) -> list[dict[str, str]]:
    return [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": key_id(bytes(key.verify_key)),
            "x": _b64(bytes(key.verify_key)).decode(),
        }
        for key in keys
    ]


async def _form(request: Request) -> dict[str, str]:
    """Empty when something stands in it twice: then nobody knows what is meant (RFC 6749, 3.2)."""
    body = await request.body(MOST_FORM)
    try:
        pairs = parse_qsl(body.decode("ascii"), max_num_fields=20)
        form = dict(pairs)
        return form if len(form) == len(pairs) else {}
    except ValueError:
        raise Refused(400, "Bad request", "The form cannot be read.") from None


def _client(request: Request, form: dict[str, str], view: Snapshot) -> Known | None:
    """By Basic or in the form; the same answer whatever is wrong."""
    scheme, _space, value = request.headers.get("authorization", "").partition(" ")
    name, secret = form.get("client_id", ""), form.get("client_secret", "")
    if scheme.lower() == "basic":
        try:
            name, _colon, secret = b64decode(value, validate=True).decode().partition(":")
        except ValueError:
            return None
        name, secret = unquote(name), unquote(secret)
    known = view.credentials.get(name)
    kept = known.value if known and known.kind == "secret" else ""
    right = hmac.compare_digest(hashlib.sha256(secret.encode()).hexdigest(), kept)
    return known if right else None


def _unknown(request: Request, state: State) -> Reply:
    state.log.refusals.count("invalid_client", request.address)
    basic = (
        {"www-authenticate": 'Basic realm="kartini"'} if "authorization" in request.headers else {}
    )
    words = {"error": "invalid_client", "error_description": "Unknown client or wrong secret."}
    return json(words, 401, **basic)


def _refusal(error: str, words: str) -> Reply:
    return json({"error": error, "error_description": words}, 400)


def _b64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
