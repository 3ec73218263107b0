"""Messages: the inbox of an account."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kartini.office import notices
from kartini.office.models import Notice
from kartini.office.views.signed_in import account
from kartini.people.guards import account_required

ON_A_PAGE = 20


@account_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    mine = Notice.objects.of(account(request))
    only_unread = request.GET.get("saring") == "belum"
    page = Paginator(mine.unread() if only_unread else mine, ON_A_PAGE).get_page(
        request.GET.get("halaman")
    )
    unread = notices.unread_count(account(request))
    return render(
        request, "office/inbox.html", {"page": page, "unread": unread, "only_unread": only_unread}
    )


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def message(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opening a message marks it as read; its button marks it as unread again."""
    notice = get_object_or_404(Notice, pk=pk, to=account(request))
    mine = Notice.objects.filter(pk=pk)
    if request.method == "POST":
        notices.mark_unread(notices=mine)
        return redirect("office:inbox")
    if notice.read_at is None and request.method == "GET":
        notices.mark_read(notices=mine, at=timezone.now())
    return render(request, "office/message.html", {"notice": notice})


@account_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    notices.mark_read(notices=Notice.objects.filter(to=account(request)), at=timezone.now())
    return redirect("office:inbox")
