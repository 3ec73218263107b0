"""Which messages, which traffic."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kartini.exchange import dispatch
from kartini.exchange.log import Archive
from kartini.exchange.models import Service, Subsystem
from kartini.kit.formats import long_date
from kartini.people import words
from kartini.systems.console.forms import day_field

KINDS = {
    "ASK": _("Questions in the house"),
    "POST": _("Questions from outside"),
    "GET": _("Looks at what is offered"),
    "EVENT": _("Events"),
    "DO": _("Acts outside"),
    "CHECK": _("Conformance checks"),
    "ERASE": _("Erasures"),
    "KEEP": _("Upkeep of the log"),
}


def span(archive: Archive) -> str:
    """From when until when its messages are, in words."""
    language = get_language() or "id"
    first, last = (long_date(day, language=language) for day in days(archive))
    return first if first == last else f"{first} – {last}"


def days(archive: Archive) -> tuple[date, date]:
    """Of its first and last message."""
    first, last = (datetime.fromisoformat(at) for at in (archive.begin, archive.end))
    return timezone.localdate(first), timezone.localdate(last)


class LogFilterForm(forms.Form):
    """Which messages. What makes no sense filters nothing."""

    asker = forms.ChoiceField(label=_("Asked by"), required=False)
    service = forms.ChoiceField(label=_("What"), required=False)
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("All")),
            ("answered", _("Answered")),
            ("failed", _("Refused or failed")),
        ],
    )
    method = forms.ChoiceField(
        label=_("Kind"),
        required=False,
        choices=[("", _("All")), *KINDS.items()],
    )
    day = day_field(label=_("From day"), required=False)
    until = day_field(label=_("Until day"), required=False)
    arsip = forms.ChoiceField(label=_("Where"), required=False)
    request = forms.CharField(
        label=_("Number of message or request"), required=False, max_length=64
    )

    def __init__(self, *args: Any, archives: Sequence[Archive] = (), **how: Any) -> None:
        super().__init__(*args, **how)
        self.archives = {str(one.first): one for one in archives}
        where: Any = self.fields["arsip"]
        named = ((first, span(one)) for first, one in self.archives.items())
        where.choices = [("", _("In the database")), *named]
        if not archives:
            del self.fields["arsip"]
        field: Any = self.fields["asker"]
        systems = {one.code: one for one in Subsystem.objects.order_by("title")}
        field.choices = [("", _("All")), *((str(one), one.title) for one in systems.values())]
        service: Any = self.fields["service"]
        services = Service.objects.order_by("contract").values_list("contract", "subsystem_id")
        service.choices = [
            ("", _("All")),
            *(
                (f"{systems[code]}/{name}", f"{words.of_contract(name)} ({name})")
                for name, code in services
                if code in systems
            ),
            *(
                (dispatch.service(verb), f"{deed.title} ({verb})")
                for verb, deed in dispatch.deeds.items()
            ),
        ]

    def archive(self) -> Archive | None:
        """The one that is to be searched; None is the database."""
        self.is_valid()
        return self.archives.get(self.cleaned_data.get("arsip", ""))

    def offered(self) -> list[Archive]:
        """Those that may hold what is looked for, the newest first."""
        self.is_valid()
        begin, end = self.cleaned_data.get("day"), self.cleaned_data.get("until")
        found = ((one, *days(one)) for one in self.archives.values())
        return [
            one
            for one, first, last in found
            if (begin is None or begin <= last) and (end is None or first <= end)
        ]

    def wanted(self) -> dict[str, Any]:
        """In the words of ``log.search``."""
        self.is_valid()
        said = self.cleaned_data
        found: dict[str, Any] = {
            "client": said.get("asker"),
            "service": said.get("service"),
            "method": said.get("method"),
        }
        if said.get("outcome"):
            found["failed"] = said["outcome"] == "failed"
        if said.get("day"):
            found["since"] = _midnight(said["day"])
        if said.get("until") and said["until"] < date.max:
            found["until"] = _midnight(said["until"] + timedelta(days=1))
        return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class PeriodForm(forms.Form):
    """How many days back."""

    hari = forms.ChoiceField(
        label=_("Period"),
        required=False,
        choices=[("7", _("7 days")), ("1", _("Today")), ("30", _("30 days")), ("365", _("A year"))],
    )

    def days(self) -> int:
        return int(self.cleaned_data.get("hari") or 7) if self.is_valid() else 7
