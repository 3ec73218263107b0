"""My papers: what an account handed in, to see, download, add and remove."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kartini.office import papers
from kartini.office.forms import PaperForm
from kartini.office.models import Paper
from kartini.office.views.signed_in import account
from kartini.people.guards import account_required

ON_A_PAGE = 20


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def shelf(request: HttpRequest) -> HttpResponse:
    form = PaperForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            paper = papers.receive(
                upload=form.cleaned_data["file"],
                owner=account(request),
                label=form.cleaned_data["label"],
                at=timezone.now(),
            )
        except papers.PaperRefused as refusal:
            form.add_error("file", papers.words(refusal))
        else:
            messages.success(request, _("“%(label)s” is kept.") % {"label": paper.label})
            return redirect("office:papers")
    page = Paginator(Paper.objects.of(account(request)), ON_A_PAGE).get_page(
        request.GET.get("halaman")
    )
    used = Paper.in_use([paper.pk for paper in page])
    shown = [{"paper": paper, "used": paper.pk in used} for paper in page]
    status = 422 if form.errors else 200
    return render(
        request, "office/papers.html", {"form": form, "page": page, "shown": shown}, status=status
    )


@account_required
@require_safe
def give(request: HttpRequest, pk: UUID) -> HttpResponse:
    paper = get_object_or_404(Paper, pk=pk, owner=account(request))
    return papers.response(paper, inline="lihat" in request.GET)


@account_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A confirm page; its button removes."""
    paper = get_object_or_404(Paper, pk=pk, owner=account(request))
    if request.method != "POST":
        return render(request, "office/paper_remove.html", {"paper": paper})
    try:
        papers.remove(paper=paper, by=account(request), at=timezone.now())
    except papers.PaperInUse:
        return render(
            request, "office/paper_remove.html", {"paper": paper, "in_use": True}, status=409
        )
    messages.success(request, _("“%(label)s” is removed.") % {"label": paper.label})
    return redirect("office:papers")
