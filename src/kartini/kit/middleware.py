"""Language, colours, text size and contrast: chosen by a link or a plain form, kept in cookies."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

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
        response = HttpResponseRedirect(request.path + (f"?{query.urlencode()}" if query else ""))
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
