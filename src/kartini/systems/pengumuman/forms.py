"""Words in, clean data out."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from kartini.people.models import Organisation


class AnnouncementForm(forms.Form):
    """An announcement as its editor writes it. ``agencies`` are those in whose name it may be."""

    agency = forms.ModelChoiceField(Organisation.objects.none(), label=_("In the name of"))
    title = forms.CharField(
        label=_("Title"), max_length=120, help_text=_("Say what happens and when, in one line.")
    )
    summary = forms.CharField(
        label=_("Summary"),
        max_length=240,
        help_text=_("One sentence under the title, in lists and on the portal's home page."),
    )
    body = forms.CharField(
        label=_("Full text"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_("Who it is for, what they must do, and whom they can ask."),
    )

    def __init__(self, *args: Any, agencies: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = cast(forms.ModelChoiceField[Organisation], self.fields["agency"])
        agency.queryset, agency.initial = agencies, agencies.first()

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        if not slugify(title):
            raise forms.ValidationError(_("The title needs at least one letter or number."))
        return title
