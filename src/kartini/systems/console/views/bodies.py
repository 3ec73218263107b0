"""Bodies of calls: whether a service's are kept, and reading one."""

from typing import Any, cast
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from kartini.exchange import log
from kartini.exchange.models import Service
from kartini.people.guards import role_required
from kartini.people.models import User
from kartini.people.rules import DATA_OFFICER
from kartini.systems.console import rules
from kartini.systems.console.forms.pdp import BodiesForm, ReasonForm
from kartini.systems.console.models import RetentionRule
from kartini.systems.console.services import bodies
from kartini.systems.console.views.keeping import rule_page
from kartini.systems.console.views.parts import form_page


@never_cache
@role_required(rules.OFFICER, DATA_OFFICER)
def set_rule(request: HttpRequest, contract: str) -> HttpResponse:
    get_object_or_404(Service, pk=contract)
    return rule_page(
        request,
        BodiesForm,
        title=_("Are the bodies of its calls kept?"),
        lead=_(
            "As a rule they are not. Where a regulation asks for it, question and answer are kept sealed, apart from the log, for so many days, and then erased provably. 0 days: no longer."
        ),
        back=reverse("console:service", args=[contract]),
        kind=RetentionRule.Kind.BODIES,
        contract=contract,
    )


@never_cache
@role_required(rules.OFFICER)
def read(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Says first that reading leaves a trail, and asks why."""
    found = log.search(id=str(id), limit=1)
    file = bodies.find(found[0][1]) if found else None
    if file is None:
        raise Http404
    message, form = found[0][1], ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who: dict[str, Any] = {"by": cast("User", request.user), "at": timezone.now()}
        try:
            body, genuine = bodies.read(message=message, file=file, **form.cleaned_data, **who)
        except bodies.NotReadable:
            form.add_error(None, _("The file is damaged, or its key is not here."))
        else:
            question, answer = (said.decode(errors="replace") for said in body)
            facts = {"message": message, "genuine": genuine, "question": question, "answer": answer}
            return render(request, "console/body.html", facts)
    return form_page(
        request,
        form,
        title=_("Read what was asked and answered?"),
        lead=_(
            "Whoever it is about sees on the own page that you read it, and on which basis it is kept."
        ),
        back=reverse("console:message", args=[id]),
        button=_("Read it"),
    )
