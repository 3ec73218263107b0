"""Signing in by an identity provider that the deployment configured."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from kartini.people import demo
from kartini.people.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jepara")]
SOMEBODY = {"sub": "42", "name": "Nur Fadilah", "preferred_username": "siti"}


@pytest.fixture
def provider(settings: Any) -> Iterator[dict[str, Any]]:
    """A small OpenID provider on loopback; the test says who signs in there."""
    said: dict[str, Any] = dict(SOMEBODY)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://{self.headers['Host']}"
            names = {"authorization_endpoint": "go", "token_endpoint": "token"}
            names |= {"userinfo_endpoint": "me", "jwks_uri": "keys"}
            found = {name: f"{base}/{path}" for name, path in names.items()}
            self.reply(said if self.path == "/me" else {**found, "issuer": base})

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.reply({"access_token": "t", "token_type": "Bearer"})

        def reply(self, data: Any) -> None:
            body = json.dumps(data).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    app = {"provider_id": "oidc", "name": "SSO ASN", "client_id": "k", "secret": "s"}
    app["settings"] = {"server_url": f"http://127.0.0.1:{server.server_port}"}  # type: ignore[assignment]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [app]}}
    yield said
    server.shutdown()
    server.server_close()


def come_back(client: Client) -> Any:
    away = client.get("/akun/oidc/oidc/login/")["Location"]
    state = parse_qs(urlsplit(away).query)["state"][0]
    return client.get("/akun/oidc/oidc/login/callback/", {"code": "c", "state": state}, follow=True)


def test_the_sign_in_page_offers_the_provider(client: Client, provider: dict[str, Any]) -> None:
    assert "Masuk dengan SSO ASN" in client.get("/masuk/").content.decode()


def test_a_new_face_gets_an_account_without_a_person(
    client: Client, provider: dict[str, Any]
) -> None:
    provider.update(email="nur@jepara.invalid", email_verified=True)
    page = come_back(client)
    assert page.status_code == 200
    user = User.objects.get(email="nur@jepara.invalid")
    assert (user.full_name, user.person) == ("Nur Fadilah", None)
    assert user.username.startswith("w-")
    assert page.request["PATH_INFO"] == "/data-saya/identitas/"


def test_an_address_of_another_account_connects_nothing_by_itself(
    client: Client, provider: dict[str, Any]
) -> None:
    provider.update(email="dewi@jepara.invalid", email_verified=True)
    come_back(client)
    assert "_auth_user_id" not in client.session


def test_a_trusted_provider_opens_the_officers_own_account(
    client: Client, provider: dict[str, Any], settings: Any
) -> None:
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
    provider.update(email="dewi@jepara.invalid", email_verified=True)
    come_back(client)
    assert client.session["_auth_user_id"] == str(demo.staff("dewi").pk)


def test_an_unconfirmed_address_opens_nothing_even_then(
    client: Client, provider: dict[str, Any], settings: Any
) -> None:
    settings.SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
    provider.update(email="dewi@jepara.invalid", email_verified=False)
    come_back(client)
    assert "_auth_user_id" not in client.session
