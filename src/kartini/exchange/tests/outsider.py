"""A system outside, as the edge sees it, for the tests of the edge."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.utils import timezone
from nacl.signing import SigningKey

from kartini.exchange import credentials, log, published, signatures, snapshot
from kartini.exchange.edge.application import Edge
from kartini.exchange.edge.state import State
from kartini.exchange.models import Service, Subsystem
from kartini.exchange.tests.house import NIK, Moved, WhoIs
from kartini.exchange.tests.line import Answer, request, talk
from kartini.exchange.tests.test_remote import Elsewhere
from kartini.kit.ids import new_id

CLIENT = "JPR/GOV/dpmptsp/asker"
PATH = "/r1/JPR/GOV/disdukcapil/knower/knower.who-is.v1"
QUESTION = json.dumps({"nik": NIK}).encode()
KEY = SigningKey(bytes(range(32)))


class Outsider:
    """The edge, seen from outside."""

    def __init__(self, folder: Path) -> None:
        self.edge, self.folder = Edge(), folder
        self.loop = asyncio.new_event_loop()
        self.state: State
        self.begin()

    def begin(self) -> None:
        self.edge.begin(State(read, self.folder))
        self.state = self.edge.begun[0]
        self.state.look_again = self.not_again  # type: ignore[method-assign]

    async def not_again(self, since: float | None = None) -> None:
        """What a test wrote is seen by its own connection alone: it says itself when to ``refresh``."""
        assert since is None or since <= time.monotonic()
        self.state.view.read_at = time.monotonic()

    def refresh(self) -> None:
        self.state.view = read()

    def send(
        self, path: str = PATH, body: bytes = QUESTION, method: str = "POST", **headers: Any
    ) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.say(request(method, path, named, body))

    def say(self, *pieces: bytes, ends: bool = False) -> Answer:
        line = self.loop.run_until_complete(talk(self.edge, *pieces, ends=ends))
        return Answer(line.sent)

    def token(self, secret: str = "", **more: str) -> Answer:
        form = {"grant_type": "client_credentials", **more}
        basic: Any = (
            {"authorization": f"Basic {b64encode(secret.encode()).decode()}"} if secret else {}
        )
        return self.send("/oauth2/token", urlencode(form).encode(), **basic)

    def ask(self, path: str = PATH, body: bytes = QUESTION, **headers: Any) -> Answer:
        """With a token of the asker."""
        said: Any = {"x_road_client": CLIENT, "x_road_id": "case-1", "authorization": self.bearer}
        return self.send(path, body, **said | headers)

    bearer = ""


def read(later: timedelta = timedelta()) -> snapshot.Snapshot:
    def rows(sql: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()

    return snapshot.read(rows, instance=settings.INSTANCE, now=timezone.localtime() + later)


@contextmanager
def an_outsider(elsewhere: Elsewhere, folder: Path, monkeypatch: Any) -> Iterator[Outsider]:
    """A system of DPMPTSP with a token, and a knower that was taken over by a system elsewhere."""
    monkeypatch.setattr(published, "queries", lambda: {WhoIs.name: WhoIs})
    monkeypatch.setattr(published, "events", lambda: {Moved.name: Moved})
    published.required_fields.cache_clear()
    Service.objects.filter(contract=WhoIs.name).update(url=elsewhere.url, milliseconds=1000)
    known, secret = credentials.make_secret(
        subsystem=Subsystem.objects.get(code="asker"), at=timezone.now()
    )
    outsider = Outsider(folder)
    outsider.bearer = f"Bearer {outsider.token(f'{known.id}:{secret}').json['access_token']}"
    yield outsider
    outsider.loop.close()


def take_key(code: str = "asker") -> None:
    """Make KEY known as that of a system."""
    public = b64encode(bytes(KEY.verify_key)).decode()
    subsystem = Subsystem.objects.get(code=code)
    credentials.take_key(subsystem=subsystem, public=public, at=timezone.now())


def last() -> log.Message:
    return log.search(limit=1)[0][1]


def signed(body: bytes = QUESTION, key: SigningKey = KEY, **changes: Any) -> dict[str, Any]:
    """The headers of a caller that signs instead of using a token."""
    url = changes.pop("url", f"{settings.EXCHANGE_URL}{PATH}")
    said = {
        "content-digest": signatures.digest(body),
        "x-road-client": CLIENT,
        "x-road-id": "case-1",
    }
    keyid = signatures.key_id(bytes(key.verify_key))
    said |= changes.pop("besides", {})
    values = {"@method": "POST", "@target-uri": url, **changes.pop("address", {}), **said}
    created = changes.pop("created", int(time.time()))
    covered = changes.pop("covered", signatures.REQUEST)
    proof = signatures.sign(values, covered, key, keyid=keyid, created=created, nonce=str(new_id()))
    return {k.replace("-", "_"): v for k, v in {**said, **proof, **changes}.items()}
