"""Papers on their way in: one small form for each, in the wizard and when mending."""

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _

from kartini.office.papers import PaperRefused
from kartini.office.papers import words as refusal_words
from kartini.systems.joss.forms.applicant import UploadForm
from kartini.systems.joss.models import Application
from kartini.systems.joss.services import papers
from kartini.systems.joss.views.doorway import account, language, sent
from kartini.systems.joss.views.parts import ShownPaper


def forms_for(
    request: HttpRequest, application: Application, shown: list[ShownPaper]
) -> dict[str, UploadForm]:
    """A form for each of these papers, with what the applicant's vault has for it."""
    definition, forms = application.type.rules(), {}
    for paper in shown:
        spec = definition.paper(paper.code)
        if spec is not None:
            forms[paper.code] = UploadForm(
                sent(request),
                request.FILES if request.method == "POST" else None,
                spec=spec,
                language=language(),
                vault=papers.vault(account(request), spec),
            )
    return forms


def take_all(request: HttpRequest, application: Application, forms: list[UploadForm]) -> bool:
    """Take every file that was sent; those that are refused say why, the others are kept."""
    taken = [_take(request, application, form) for form in forms]
    return all(taken)


def _take(request: HttpRequest, application: Application, form: UploadForm) -> bool:
    if not form.is_valid():
        return False
    file, code, user = form.cleaned_data["file"], form.spec.code, account(request)
    try:
        if file:
            papers.take(application=application, code=code, upload=file, by=user, at=now())
        elif form.chosen:
            papers.reuse(application=application, code=code, paper=form.chosen, by=user, at=now())
    except PaperRefused as refused:
        form.add_error("file", refusal_words(refused))
    except papers.PaperUnfit as unfit:
        form.add_error("file", _unfit(unfit))
    return not form.errors


def _unfit(unfit: papers.PaperUnfit) -> str:
    if unfit.reason == "size":
        return _("The file is too large: at most %(most)s MB for this paper.") % {
            "most": unfit.spec.most_megabytes
        }
    return _("This paper has to be: %(hint)s.") % {"hint": unfit.spec.hint.say(language())}


def failed(forms: dict[str, UploadForm]) -> list[UploadForm]:
    return [form for form in forms.values() if form.is_bound and form.errors]
