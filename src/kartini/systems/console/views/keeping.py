"""Setting a rule of how long something is kept: the same form and the same end for every kind."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from kartini.people.models import User
from kartini.systems.console.forms.pdp import KeepingForm
from kartini.systems.console.services import retention
from kartini.systems.console.views.parts import form_page


def rule_page(
    request: HttpRequest,
    asking: type[KeepingForm],
    *,
    back: str,
    title: str,
    lead: str,
    **fixed: Any,
) -> HttpResponse:
    """``fixed`` is what the form does not ask for."""
    form = asking(request.POST or None, initial={"from_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        chosen, by = {**form.cleaned_data, **fixed}, cast("User", request.user)
        try:
            retention.set_rule(**chosen, by=by, at=timezone.now())
        except retention.RuleExists:
            form.add_error("from_on", _("On this day a rule for this data begins already."))
        else:
            messages.success(request, _("The rule is set."))
            return redirect(back)
    return form_page(request, form, title=title, lead=lead, back=back, button=_("Set the rule"))
