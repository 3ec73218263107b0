"""Which addresses the exchange calls for somebody else, and which never."""

import asyncio
from typing import Any

import pytest

from kartini.exchange import couriers, reach
from kartini.exchange.upstream import Failed, Upstream


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("https://169.254.169.254/latest", reach.NOT_OURS),
        ("https://10.1.2.3/", reach.NOT_OURS),
        ("https://[::1]/", reach.NOT_OURS),
        ("https://[::ffff:10.0.0.1]/", reach.NOT_OURS),
        ("https://[64:ff9b::10.0.0.1]/", reach.NOT_OURS),
        ("https://[::10.0.0.1]/", reach.NOT_OURS),
        ("https://0x7f.1/", reach.NOT_OURS),
        ("https://localhost/", reach.NOT_OURS),
        ("http://93.184.215.14/", reach.NOT_SECRET),
    ],
)
def test_our_own_machines_are_never_called_for_somebody_else(
    address: str, reason: str, settings: Any
) -> None:
    settings.WEBHOOK_NETWORKS = []
    upstream = Upstream(resolve=reach.address)
    with pytest.raises(couriers.Refused, match=reason.rstrip(".")):
        asyncio.run(couriers.shake_hands(address, upstream))


def test_an_address_is_connected_to_as_it_was_judged(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    assert asyncio.run(reach.address("http", "localhost", 80)) == "127.0.0.1"
    with pytest.raises(Failed):
        asyncio.run(reach.address("https", "no-such-name.invalid", 443))
