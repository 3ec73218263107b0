"""Two pages for everyone, two for editors."""

from typing import cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _

from kartini.people.guards import no_access, role_required
from kartini.people.models import User
from kartini.systems.pengumuman import rules, services
from kartini.systems.pengumuman.forms import AnnouncementForm
from kartini.systems.pengumuman.models import Announcement

A_PAGE = 10


def index(request: HttpRequest) -> HttpResponse:
    """What was announced, newest first."""
    announcements = Announcement.objects.public().select_related("agency")
    page = Paginator(announcements, A_PAGE).get_page(request.GET.get("halaman"))
    return render(request, "pengumuman/index.html", {"page": page})


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One announcement; a withdrawn one says so instead of vanishing."""
    announcement = get_object_or_404(Announcement.objects.select_related("agency"), slug=slug)
    return render(
        request,
        "pengumuman/detail.html",
        {
            "announcement": announcement,
            "may_withdraw": rules.may_withdraw(request.user, announcement),
        },
        status=410 if announcement.withdrawn_at else 200,
    )


@role_required(rules.EDITOR)
def write(request: HttpRequest) -> HttpResponse:
    """Write an announcement and publish it."""
    form = AnnouncementForm(request.POST or None, agencies=rules.agencies_of(request.user))
    if form.is_valid():
        try:
            published = services.publish(**form.cleaned_data, by=cast(User, request.user), at=now())
        except services.TitleTaken:
            form.add_error("title", _("There is already an announcement with this title."))
        else:
            messages.success(request, _("Published. Everyone can read it now."))
            return redirect("pengumuman:detail", published.slug)
    return render(request, "pengumuman/write.html", {"form": form})


@role_required(rules.EDITOR)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask first, then take the announcement back."""
    announcement = get_object_or_404(Announcement.objects.select_related("agency"), slug=slug)
    if not rules.may_withdraw(request.user, announcement):
        return no_access(request, rules.EDITOR)
    if request.method == "POST":
        services.withdraw(announcement=announcement, by=cast(User, request.user), at=now())
        return redirect("pengumuman:detail", slug)
    return render(request, "pengumuman/withdraw.html", {"announcement": announcement})
