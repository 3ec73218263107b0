"""The edge as clients and testers see it that are not ours."""

from typing import Any

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from django.conf import settings
from django.utils import timezone

from kartini.exchange import credentials
from kartini.exchange.models import Subsystem
from kartini.exchange.tests.house import NIK
from kartini.exchange.tests.line import Answer, request, talk
from kartini.exchange.tests.outsider import CLIENT, PATH, Outsider

pytestmark = pytest.mark.django_db
BASE = settings.EXCHANGE_URL


class Wire(httpx.AsyncBaseTransport):
    """Carries what httpx says to the edge."""

    def __init__(self, outsider: Outsider) -> None:
        self._edge = outsider.edge

    async def handle_async_request(self, asked: httpx.Request) -> httpx.Response:
        body, target = await asked.aread(), asked.url.raw_path.decode()
        said = {k: v for k, v in asked.headers.items() if k not in {"content-length", "host"}}
        answer = Answer((await talk(self._edge, request(asked.method, target, said, body))).sent)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.body)


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_an_oauth_client_that_is_not_ours_gets_a_token_and_asks(
    outsider: Outsider, way: str
) -> None:
    known, secret = credentials.make_secret(
        subsystem=Subsystem.objects.get(code="asker"), at=timezone.now()
    )
    outsider.refresh()
    foreign: Any = AsyncOAuth2Client

    async def go() -> tuple[Any, Any, Any]:
        async with foreign(
            known.pk,
            secret,
            token_endpoint_auth_method=way,
            transport=Wire(outsider),
        ) as client:
            token = await client.fetch_token(
                f"{BASE}/oauth2/token", grant_type="client_credentials"
            )
            answer = await client.post(
                f"{BASE}{PATH}", json={"nik": NIK}, headers={"X-Road-Client": CLIENT}
            )
            about = await client.introspect_token(
                f"{BASE}/oauth2/introspect", token=token["access_token"]
            )
            return token, answer, about

    token, answer, about = outsider.loop.run_until_complete(go())
    assert (token["token_type"], answer.status_code) == ("Bearer", 200)
    assert answer.json()["found"]
    assert about.json()["active"]
