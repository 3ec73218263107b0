"""Speaks to the registry's web service: bounded in time and size, and believes nothing unchecked."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from typing import Annotated, Literal
from urllib.parse import urlsplit

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, ValidationError

CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 4.0
MOST_BYTES = 64 * 1024
FAILURES_UNTIL_REST = 3
REST_SECONDS = 15.0

Words = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class NoAnswer(Exception):
    """The registry gave no answer that can be used."""


class Unreachable(NoAnswer):
    """No connection, or it broke off."""


class TooSlow(NoAnswer):
    """The time was up before the answer was whole."""


class TooLarge(NoAnswer):
    """The answer is longer than any answer about one person."""


class Garbled(NoAnswer):
    """The answer is not what the registry's own description promises."""


class KeyRefused(NoAnswer):
    """The registry does not accept our key."""


class Resting(NoAnswer):
    """It failed several times in a row; it is left alone for a while."""


class Row(BaseModel):
    """One resident in the registry's words."""

    model_config = ConfigDict(strict=True, frozen=True)

    NIK: str = Field(pattern=r"^[0-9]{16}$")
    NAMA_LGKP: Words = Field(min_length=1)
    TMPT_LHR: Words
    TGL_LHR: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    JENIS_KLMIN: Literal["LAKI-LAKI", "PEREMPUAN"]
    ALAMAT: Words
    NO_RT: int = Field(ge=0, le=999)
    NO_RW: int = Field(ge=0, le=999)
    NO_PROP: int = Field(ge=11, le=99)
    NO_KAB: int = Field(ge=1, le=99)
    NO_KEC: int = Field(ge=1, le=99)
    NO_KEL: int = Field(ge=1001, le=9999)
    KEL_NAME: Words
    STATUS: Literal["HIDUP", "MENINGGAL", "PINDAH"]

    @property
    def birth_on(self) -> date:
        return date.fromisoformat(self.TGL_LHR)

    @property
    def village_code(self) -> str:
        return f"{self.NO_PROP:02}.{self.NO_KAB:02}.{self.NO_KEC:02}.{self.NO_KEL:04}"


class _Reply(BaseModel):
    kode: Literal["00", "13"]
    content: list[Row] = Field(max_length=1)


class Breaker:
    """Leaves a failing registry alone, so that people do not wait for the same time-out again and again."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._rests_until = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """After the rest, one question tries; the others wait for its outcome."""
        with self._lock:
            if self._failures >= FAILURES_UNTIL_REST:
                if self._clock() < self._rests_until:
                    raise Resting
                self._rests_until = self._clock() + REST_SECONDS
        try:
            yield
        except NoAnswer:
            with self._lock:
                self._failures += 1
                self._rests_until = self._clock() + REST_SECONDS
            raise
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._failures = 0


breaker = Breaker()


def resident(nik: str) -> Row | None:
    """The registry's row for this NIK, or none when it knows no such NIK. Raises a ``NoAnswer``."""
    with breaker.guard():
        status, body = _post("/data", {"nik": nik})
        if status in (401, 403):
            raise KeyRefused
        if status != 200:
            raise Unreachable(f"status {status}")
        return _checked(body, nik)


def _checked(body: bytes, nik: str) -> Row | None:
    try:
        reply = _Reply.model_validate_json(body)
        row = reply.content[0] if reply.content and reply.kode == "00" else None
        told = (row.NIK, row.birth_on) if row else None
    except ValidationError as error:
        raise Garbled(", ".join(_places(error))) from None
    except ValueError:
        raise Garbled("TGL_LHR") from None
    if told and told[0] != nik:
        raise Garbled("NIK: an answer about somebody else")
    return row


def _places(error: ValidationError) -> list[str]:
    """Where the answer is wrong; never what stands there (it may be about a person)."""
    return sorted({".".join(map(str, e["loc"])) or "body" for e in error.errors()})[:5]


def _post(path: str, question: dict[str, str]) -> tuple[int, bytes]:
    url = urlsplit(settings.DUKCAPIL_URL)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=CONNECT_SECONDS)
    headers = {
        "Content-Type": "application/json",
        "X-Api-Key": settings.DUKCAPIL_KEY,
        "Connection": "close",
    }
    with _time_limit(connection) as time_is_up:
        try:
            connection.request("POST", url.path + path, json.dumps(question), headers)
            if connection.sock is not None:
                connection.sock.settimeout(TOTAL_SECONDS)
            response = connection.getresponse()
            body = _read(response)
        except (OSError, HTTPException) as error:
            if time_is_up.is_set() or isinstance(error, TimeoutError):
                raise TooSlow from None
            raise Unreachable(type(error).__name__) from None
        except NoAnswer:
            if time_is_up.is_set():
                raise TooSlow from None
            raise
    return response.status, body


def _read(response: HTTPResponse) -> bytes:
    body = response.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise TooLarge
    if response.length:
        raise Garbled(f"{response.length} bytes are missing")
    return body


@contextmanager
def _time_limit(connection: HTTPConnection) -> Iterator[threading.Event]:
    """Cut the line when the time is up, even from a server that sends one byte a second."""
    time_is_up = threading.Event()

    def cut() -> None:
        time_is_up.set()
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(SHUT_RDWR)

    timer = threading.Timer(TOTAL_SECONDS, cut)
    timer.daemon = True
    timer.start()
    try:
        yield time_is_up
    finally:
        timer.cancel()
        connection.close()
