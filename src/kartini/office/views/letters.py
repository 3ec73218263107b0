"""Letters that never arrived: seen, and sent again once the cause is mended; and who does not answer outside."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kartini.exchange import dispatch
from kartini.office import notices
from kartini.office.rules import LETTER_KEEPER
from kartini.office.views.signed_in import account
from kartini.people.guards import role_required

ON_A_PAGE = 30


@role_required(LETTER_KEEPER)
@require_http_methods(["GET", "HEAD", "POST"])
def given_up(request: HttpRequest) -> HttpResponse:
    """What no carrier took, with the reason; the chosen ones go on their way again."""
    if request.method == "POST":
        _send_again(request)
        return redirect("office:letters")
    dead = notices.given_up().order_by("-ended_at", "pk")
    page = Paginator(dead, ON_A_PAGE).get_page(request.GET.get("halaman"))
    rows = [{"parcel": one, "address": notices.masked(one.address)} for one in page]
    shown = {"page": page, "rows": rows, "institutions": dispatch.standing(), "now": timezone.now()}
    return render(request, "office/letters.html", shown)


def _send_again(request: HttpRequest) -> None:
    chosen = [key for key in map(_key, request.POST.getlist("pilih")[:ON_A_PAGE]) if key]
    sent = notices.send_again(parcels=chosen, by=account(request), at=timezone.now())
    if not sent:
        messages.warning(request, _("Choose letters that are to go again."))
        return
    told = ngettext("%(n)s letter goes again.", "%(n)s letters go again.", sent)
    messages.success(request, told % {"n": sent})


def _key(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None
