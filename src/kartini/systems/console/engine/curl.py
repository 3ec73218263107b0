"""Ready commands for a developer's terminal: they are run by a test against the edge as they stand."""

import json
from typing import Any


def token(base_url: str, client_id: str, secret: str) -> str:
    """Fetches an access token of ten minutes into ``$TOKEN``."""
    return (
        f"TOKEN=$(curl -sS -u '{client_id}:{secret}' -d grant_type=client_credentials \\\n"
        f'  {base_url}/oauth2/token | sed -n \'s/.*"access_token":"\\([^"]*\\)".*/\\1/p\')'
    )


def call(base_url: str, client: str, service: str, example: Any, purpose: str = "") -> str:
    """Asks one question with the example of its contract."""
    told = f"  -H 'X-Kartini-Purpose: {purpose}' \\\n" if purpose else ""
    body = json.dumps(example, ensure_ascii=True).replace("'", "\\u0027")
    return (
        'curl -sS -H "Authorization: Bearer $TOKEN" \\\n'
        f"  -H 'X-Road-Client: {client}' \\\n{told}"
        "  -H 'Content-Type: application/json' \\\n"
        f"  -d '{body}' \\\n"
        f"  {base_url}/r1/{service}"
    )


def events(base_url: str, client: str) -> str:
    """Fetches what may be heard, from the oldest that is kept."""
    return (
        'curl -sS -H "Authorization: Bearer $TOKEN" \\\n'
        f"  -H 'X-Road-Client: {client}' \\\n"
        f"  '{base_url}/events?after=0&limit=10&wait=1'"
    )


def methods(base_url: str, client: str, provider: str) -> str:
    """What may be asked of a provider: works with a token alone, before any grant."""
    return (
        'curl -sS -H "Authorization: Bearer $TOKEN" \\\n'
        f"  -H 'X-Road-Client: {client}' \\\n"
        f"  {base_url}/r1/{provider}/allowedMethods"
    )
