"""The two clients: one waits, the other can be awaited. What they do stands in ``steps``."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import httpx

from kartini_client import steps
from kartini_client.errors import Refused, Unreachable
from kartini_client.hearing import Event
from kartini_client.steps import Answer, Steps

SECONDS = 15.0
WAIT_SECONDS = 25
PAUSE_SECONDS = 10.0


class _Client:
    """What both share. Give a secret or a key; give ``exchange_keys`` to pin the exchange's public keys."""

    def __init__(
        self,
        base: str,
        *,
        system: str,
        secret: tuple[str, str] | None = None,
        key: str = "",
        exchange_keys: Iterable[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        self._me = steps.identity(base, system, secret, key, exchange_keys)
        self._timeout = httpx.Timeout(seconds, read=seconds + WAIT_SECONDS)


class Client(_Client):
    """Asks, states and hears; safe to be shared by threads once it has asked for the first time."""

    def __init__(self, base: str, **how: Any) -> None:
        super().__init__(base, **how)
        self._http = httpx.Client(timeout=self._timeout, follow_redirects=False)

    def ask(
        self,
        service: str,
        question: Mapping[str, Any],
        *,
        purpose: str = "",
        case: str = "",
        represented: str = "",
    ) -> Answer:
        """Raises ``Refused``, ``Unreachable`` or ``NotTrue``. ``case`` is your own number of this call; it must
        be a fresh one and must not name a person. ``represented`` is the member in whose name you ask."""
        walk = steps.ask(self._me, service, question, purpose, case, represented)
        answer: Answer = self._walk(walk)
        return answer

    def publish(self, contract: str, data: Mapping[str, Any], *, id: str = "") -> str:  # noqa: A002
        """State a fact; the id that the exchange gave it. Your ``id`` makes it safe to say it twice."""
        given: str = self._walk(steps.publish(self._me, contract, data, id or str(uuid.uuid4())))
        return given

    def pull(self, after: str = "0", *, limit: int = 100, wait: int = 0) -> tuple[list[Event], str]:
        """The facts behind a cursor, and the next cursor."""
        found: tuple[list[Event], str] = self._walk(steps.pull(self._me, after, limit, wait))
        return found

    def events(self, after: str = "0") -> Iterator[Event]:
        """Facts one by one, for ever, also when the exchange is away for a while. Keep ``event.cursor`` when you
        have worked one off, and begin there."""
        while True:
            try:
                found, after = self.pull(after, wait=WAIT_SECONDS)
            except (Unreachable, Refused) as fault:
                if isinstance(fault, Refused) and not steps.passes(fault):
                    raise
                time.sleep(PAUSE_SECONDS)
                continue
            yield from found

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()

    def _walk(self, walk: Steps) -> Any:
        try:
            step = next(walk)
            while True:
                if isinstance(step, float):
                    time.sleep(step)
                    step = next(walk)
                    continue
                try:
                    response = self._http.send(step)
                except httpx.TransportError as fault:
                    step = walk.throw(fault)
                else:
                    step = walk.send(response)
        except StopIteration as end:
            return end.value


class AsyncClient(_Client):
    """The same for programs that await."""

    def __init__(self, base: str, **how: Any) -> None:
        super().__init__(base, **how)
        self._http = httpx.AsyncClient(timeout=self._timeout, follow_redirects=False)

    async def ask(
        self,
        service: str,
        question: Mapping[str, Any],
        *,
        purpose: str = "",
        case: str = "",
        represented: str = "",
    ) -> Answer:
        walk = steps.ask(self._me, service, question, purpose, case, represented)
        answer: Answer = await self._walk(walk)
        return answer

    async def publish(self, contract: str, data: Mapping[str, Any], *, id: str = "") -> str:  # noqa: A002
        walk = steps.publish(self._me, contract, data, id or str(uuid.uuid4()))
        given: str = await self._walk(walk)
        return given

    async def pull(
        self, after: str = "0", *, limit: int = 100, wait: int = 0
    ) -> tuple[list[Event], str]:
        found: tuple[list[Event], str] = await self._walk(steps.pull(self._me, after, limit, wait))
        return found

    async def events(self, after: str = "0") -> AsyncIterator[Event]:
        while True:
            try:
                found, after = await self.pull(after, wait=WAIT_SECONDS)
            except (Unreachable, Refused) as fault:
                if isinstance(fault, Refused) and not steps.passes(fault):
                    raise
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            for event in found:
                yield event

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> "AsyncClient":
        return self

    async def __aexit__(self, *_fault: object) -> None:
        await self.close()

    async def _walk(self, walk: Steps) -> Any:
        try:
            step = next(walk)
            while True:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                    step = next(walk)
                    continue
                try:
                    response = await self._http.send(step)
                except httpx.TransportError as fault:
                    step = walk.throw(fault)
                else:
                    step = walk.send(response)
        except StopIteration as end:
            return end.value
