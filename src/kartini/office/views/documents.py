"""Documents: anyone checks one by its code or its file; the holder downloads it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kartini.office import documents
from kartini.office.documents.codes import tidy
from kartini.office.forms import CheckFileForm, CodeForm
from kartini.office.limits import caller, too_often
from kartini.office.models import Document
from kartini.office.papers.desk import file_response
from kartini.office.views.signed_in import account
from kartini.people.guards import account_required

ON_A_PAGE = 20
CODES_A_MINUTE, FILES_A_MINUTE = 60, 10


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Type a code, or hand in a file."""
    form = CodeForm(request.GET or None)
    if form.is_bound and form.is_valid():
        return redirect("office:check", form.cleaned_data["kode"])
    return render(request, "office/check_search.html", {"form": form, "file_form": CheckFileForm()})


@require_safe
def check(request: HttpRequest, code: str) -> HttpResponse:
    """What the register says about one document, today."""
    if too_often("check", caller(request), most=CODES_A_MINUTE, seconds=60):
        return _slow_down(request)
    known = tidy(code)
    if known and known != code:
        return redirect("office:check", known)
    document = Document.objects.filter(code=known).first() if known else None
    if document is None:
        return render(request, "office/check_unknown.html", {"code": code}, status=404)
    return render(request, "office/check.html", _shown(document))


def _shown(document: Document) -> dict[str, object]:
    today = timezone.localdate()
    return {
        "document": document,
        "standing": document.standing(today),
        "now": timezone.now(),
        "file_form": CheckFileForm(),
    }


@require_POST
def inspect(request: HttpRequest) -> HttpResponse:
    """Says whether these very bytes were signed here. Nothing of the file is kept."""
    if too_often("inspect", caller(request), most=FILES_A_MINUTE, seconds=60):
        return _slow_down(request)
    form = CheckFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(
            request,
            "office/check_search.html",
            {"form": CodeForm(), "file_form": form},
            status=422,
        )
    finding = documents.inspect_file(form.cleaned_data["file"].read())
    asked = tidy(request.POST.get("kode", ""))
    other = bool(asked and finding.document and finding.document.code != asked)
    shown = _shown(finding.document) if finding.document else {}
    return render(
        request,
        "office/check_file.html",
        {**shown, "finding": finding, "asked": asked, "other": other, "file_form": CheckFileForm()},
    )


def _slow_down(request: HttpRequest) -> HttpResponse:
    answer = render(request, "office/slow_down.html", status=429)
    answer["Retry-After"] = "60"
    return answer


@account_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What was issued to this account."""
    today = timezone.localdate()
    page = Paginator(Document.objects.of(account(request)), ON_A_PAGE).get_page(
        request.GET.get("halaman")
    )
    shown = [{"document": document, "standing": document.standing(today)} for document in page]
    return render(request, "office/documents.html", {"page": page, "shown": shown})


@account_required
@require_safe
def download(request: HttpRequest, code: str) -> HttpResponse:
    document = get_object_or_404(Document, code=code, holder=account(request))
    name = f"{document.title} {document.number}".replace("/", "-")[:100]
    return file_response(
        documents.content(document), "application/pdf", f"{name}.pdf", inline="lihat" in request.GET
    )
