"""What happens around every page: the display choices, and the Content-Security-Policy."""

from collections.abc import Callable
from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CheckableLazyObject, CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import translation

View = Callable[[HttpRequest], HttpResponse]
CHOICES = {
    "bahasa": {code for code, _name in settings.LANGUAGES},
    "tema": {"ikut", "terang", "gelap"},
    "teks": {"biasa", "besar", "terbesar"},
    "kontras": {"biasa", "lebih"},
}
A_YEAR = 365 * 24 * 3600


def display_choices(get_response: View) -> View:
    """``?bahasa=en`` (or ``tema``, ``teks``, ``kontras``) sets a cookie and leads back to the clean address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = {k: v for k, v in request.GET.items() if k in CHOICES and v in CHOICES[k]}
        if request.method != "GET" or not chosen:
            return get_response(request)
        query = request.GET.copy()
        for name in CHOICES:
            query.pop(name, None)
        if "teks" in chosen and "kontras" not in chosen:
            chosen["kontras"] = "biasa"
        here = "/" + request.path.lstrip("/\\")  # "//host/" would lead to another house
        response = HttpResponseRedirect(here + (f"?{query.urlencode()}" if query else ""))
        for name, value in chosen.items():
            response.set_cookie(
                name,
                value,
                max_age=A_YEAR,
                samesite="Lax",
                secure=settings.SECURE_HTTPS,
                httponly=True,
            )
        return response

    return middleware


class PolicyOnce(CSPMiddleware):
    """django-csp, with the house's one policy written once instead of twice per answer.

    Building it anew took a quarter of the time of a quick page. Any answer that changes its policy
    (a decorator of django-csp), and any house that configures more, takes the ordinary way.
    """

    MARK = "the-nonce"

    @cached_property
    def without_nonce(self) -> str:
        return build_policy()

    @cached_property
    def with_nonce(self) -> str:
        return build_policy(nonce=self.MARK)

    @cached_property
    def ordinary_house(self) -> bool:
        only_reports = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
        prefixes = settings.CONTENT_SECURITY_POLICY.get("EXCLUDE_URL_PREFIXES")
        return not (settings.DEBUG or only_reports or prefixes)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        own = HEADER in response or any(name.startswith("_csp_") for name in vars(response))
        if own or not self.ordinary_house:
            return super().process_response(request, response)
        nonce = getattr(request, "_csp_nonce", None)
        if nonce is None:
            response.headers[HEADER] = self.without_nonce
            # A nonce asked for from now on would not stand in the header: django-csp refuses it too.
            request.csp_nonce = CheckableLazyObject(self._csp_nonce_post_response)  # type: ignore[attr-defined]
        else:
            response.headers[HEADER] = self.with_nonce.replace(self.MARK, nonce)
        return response


def language(get_response: View) -> View:
    """Indonesian, unless this person chose otherwise: what a browser happens to prefer does not decide."""

    def middleware(request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in CHOICES["bahasa"] else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = get_response(request)
        response.headers.setdefault("Content-Language", code)
        return response

    return middleware
