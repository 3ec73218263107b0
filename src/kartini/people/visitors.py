"""Where a request comes from: one answer for every limit in the house."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """The visitor's address, as signing in counts it: behind our proxy the one that the proxy saw.

    What a visitor claims in front of the proxy does not count. Empty where nobody knows.
    """
    try:
        found: str = get_adapter(request).get_client_ip(request)
    except PermissionDenied:
        return ""
    return found
