"""How the exchange says no to a system outside: by the words of the X-Road REST protocol."""

import logging
from collections.abc import Mapping

import orjson

from kartini.exchange.edge.http import Refused, Reply
from kartini.exchange.log import NotDurable

logger = logging.getLogger(__name__)
ACCESS_DENIED = "Server.ServerProxy.AccessDenied"


class Fault(Exception):
    """``status`` is what the log keeps; on the wire goes what the protocol wants (400 for the caller's
    mistakes, 500 for the rest, and HTTP's own where it has a better word). ``counted`` is the name under which
    it is counted when nobody knows the caller."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        wire: int = 500,
        status: int = 0,
        headers: Mapping[str, str] | None = None,
        counted: str = "",
    ) -> None:
        super().__init__(message)
        self.kind, self.message, self.wire = kind, message, wire
        self.status, self.headers = status or wire, headers or {}
        self.counted = counted or kind

    def reply(self, detail: str) -> Reply:
        """``detail`` is the number of the message in our log."""
        body = {"type": self.kind, "message": self.message, "detail": detail}
        headers = {"x-road-error": self.kind, **self.headers}
        return Reply(self.wire, orjson.dumps(body), headers=headers)


def bad(message: str) -> Fault:
    return Fault("Client.BadRequest", message, wire=400)


def unknown_caller(message: str, challenge: str = "", counted: str = "") -> Fault:
    headers = {"www-authenticate": challenge} if challenge else {}
    return Fault("Client.NotAuthenticated", message, wire=401, headers=headers, counted=counted)


def wrong_method(allowed: str) -> Fault:
    headers = {"allow": allowed}
    message = f"This service is asked by {allowed}."
    return Fault("Client.MethodNotAllowed", message, wire=405, headers=headers)


def unknown_service(name: str) -> Fault:
    return Fault("Server.ServerProxy.UnknownService", f"Unknown service: {name}", status=404)


def not_allowed(name: str, purpose: str = "") -> Fault:
    """The protocol's words, and for which purpose: a wrong one is the commonest slip."""
    told = f"Request is not allowed: {name}" + (f" for the purpose {purpose}" if purpose else "")
    return Fault(ACCESS_DENIED, told, status=403)


def failed(message: str, status: int) -> Fault:
    kind = {503: "Unavailable", 504: "Timeout"}.get(status, "NetworkError")
    return Fault(f"Server.ServerProxy.ServiceFailed.{kind}", message, status=status)


def not_logged() -> Fault:
    message = "The message log cannot be written."
    return Fault("Server.ClientProxy.LoggingFailed", message, status=503)


def gone(message: str) -> Fault:
    return Fault("Client.CursorGone", message, wire=410)


def any_of(broken: Exception) -> Fault:
    """As what a call ends that could not be answered, whatever happened."""
    if isinstance(broken, Fault):
        return broken
    if isinstance(broken, Refused):
        return of(broken)
    if isinstance(broken, NotDurable):
        return not_logged()
    logger.error("a call broke down", exc_info=broken)
    return Fault("Server.ClientProxy.InternalError", "This is our fault. It was recorded.")


def of(refusal: Refused) -> Fault:
    kind = f"Client.{refusal.title.title().replace(' ', '')}"
    return Fault(kind, refusal.detail, wire=refusal.status, headers=refusal.headers)
