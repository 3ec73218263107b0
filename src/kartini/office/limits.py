"""How often one caller may try, counted in the cache."""

from django.core.cache import cache
from django.http import HttpRequest

from kartini.people import visitors


def too_often(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one try; true when this caller has had ``most`` of them within ``seconds``."""
    key = f"office:{what}:{who}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # ran out between the two calls
        return False


def caller(request: HttpRequest) -> str:
    """Who counts as one caller: a visitor's address, also behind a proxy."""
    return visitors.address(request)
