"""Whom the exchange may call at an address that somebody else named: the open internet, and the networks that
``KARTINI_WEBHOOK_NETWORKS`` lists. Nothing else: not this machine, not its neighbours, not a cloud's metadata.
"""

import asyncio
import socket
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.utils.translation import gettext_noop

from kartini.exchange.upstream import Failed

TRANSLATED, COMPATIBLE = IPv6Network("64:ff9b::/96"), IPv6Network("::/96")  # RFC 6052, RFC 4291
NOT_OURS = gettext_noop("The address leads into a network that is not allowed.")
NOT_SECRET = gettext_noop("The address must begin with https.")
UNKNOWN_NAME = gettext_noop("The name of the receiver is not known.")


async def address(scheme: str, host: str, port: int) -> str:
    """Where to connect: every address behind the name must be allowed. Raises ``Failed``.

    The connection is made to this very address, so that a name cannot change its meaning in between.
    Unencrypted only inside our networks.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Failed(UNKNOWN_NAME) from None
    addresses = [_plain(str(each[4][0])) for each in found]
    ours = [_in_our_networks(each) for each in addresses]
    if not all(own or _is_public(each) for own, each in zip(ours, addresses, strict=True)):
        raise Failed(NOT_OURS)
    if scheme != "https" and not all(ours):
        raise Failed(NOT_SECRET)
    return str(addresses[0])


def _is_public(found: IPv4Address | IPv6Address) -> bool:
    return found.is_global and not found.is_multicast


def _plain(text: str) -> IPv4Address | IPv6Address:
    """An IPv4 address in the clothes of IPv6 is what it is."""
    found = ip_address(text.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found in TRANSLATED or found in COMPATIBLE:
            return IPv4Address(int(found) & 0xFFFF_FFFF)
        return found.ipv4_mapped or found.sixtofour or found
    return found


def _in_our_networks(found: IPv4Address | IPv6Address) -> bool:
    return any(found in network for network in _networks(tuple(settings.WEBHOOK_NETWORKS)))


@cache
def _networks(names: tuple[str, ...]) -> list[IPv4Network | IPv6Network]:
    return [ip_network(name) for name in names]
