"""How often one caller may try, counted in the cache."""

from django.core.cache import cache
from django.http import HttpRequest


def too_often(what: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one try; true when this caller has had ``most`` of them within ``seconds``."""
    key = f"office:{what}:{who}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) > most
    except ValueError:  # ran out between the two calls
        return False


def caller(request: HttpRequest) -> str:
    """The address behind the request; a proxy's own address where it tells none."""
    return str(request.META.get("REMOTE_ADDR", ""))
