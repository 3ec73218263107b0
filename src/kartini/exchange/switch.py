"""Who answers a question: another system's address is entered, tried, switched on, and off again."""

from collections.abc import Collection
from urllib.parse import urlsplit

from django.db import transaction

from kartini.exchange import grants
from kartini.exchange.models import Service


class NotAnAddress(Exception):
    """This is no address of a system: http or https, with a host, without a password."""


class NothingPrepared(Exception):
    """No address was entered that could be switched on."""


@transaction.atomic
def prepare(*, service: Service, url: str, milliseconds: int) -> Service:
    """Enter the address of the system that may take over, and how long it may take. Nothing changes yet."""
    parts = urlsplit(url)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.password
        or parts.fragment
    ):
        raise NotAnAddress(url)
    return _set(service, prepared_url=url, milliseconds=milliseconds)


@transaction.atomic
def throw(*, service: Service) -> Service:
    """From the next second on the prepared address answers. Thrown twice, it is thrown once."""
    if not service.prepared_url:
        raise NothingPrepared(service.contract)
    return _set(service, url=service.prepared_url)


@transaction.atomic
def throw_back(*, service: Service) -> Service:
    """From the next second on this house answers again. The address stays entered."""
    return _set(service, url="")


@transaction.atomic
def keep_bodies_of(contracts: Collection[str]) -> None:
    """From the next second on bodies of calls to these services are kept, and of no others."""
    Service.objects.filter(keeps_bodies=True).exclude(pk__in=contracts).update(keeps_bodies=False)
    Service.objects.filter(pk__in=contracts).update(keeps_bodies=True)
    grants.forget()
    transaction.on_commit(grants.forget)


def _set(service: Service, **changes: object) -> Service:
    Service.objects.filter(pk=service.pk).update(**changes)
    grants.forget()
    transaction.on_commit(grants.forget)
    service.refresh_from_db()
    return service
