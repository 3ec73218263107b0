"""What can go wrong, by name."""


class Failed(Exception):
    """There is no answer."""


class Unreachable(Failed):
    """The exchange could not be reached, or broke off, after every new try."""


class NotTrue(Failed):
    """A message is not from whom it says, not the one that was meant, or was changed on its way; says which."""


class Refused(Failed):
    """The exchange, or the system behind it, said no.

    ``kind`` is the exchange's own word (``Server.ServerProxy.AccessDenied``; empty when the system that was
    asked refused), ``message_id`` the number of the message in the exchange's log: name it when you ask why.
    """

    def __init__(self, status: int, kind: str, message: str, message_id: str, body: bytes) -> None:
        super().__init__(f"{kind or f'HTTP {status}'}: {message}" if message else f"HTTP {status}")
        self.status, self.kind, self.message = status, kind, message
        self.message_id, self.body = message_id, body
