"""Words in, clean data out."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from kartini.kit.formats import file_size
from kartini.office.documents.codes import tidy
from kartini.office.models import HolidayOverride
from kartini.office.papers.refusals import PaperRefused, words


class PaperForm(forms.Form):
    label = forms.CharField(
        label=_("What is it?"),
        max_length=200,
        help_text=_("For example: identity card, diploma, proof of address."),
    )
    file = forms.FileField(
        label=_("File"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        most = file_size(settings.PAPERS_MAX_BYTES, language=get_language() or "id")
        self.fields["file"].help_text = gettext("PDF, JPG or PNG, at most %(most)s.") % {
            "most": most
        }


class CodeForm(forms.Form):
    kode = forms.CharField(
        label=_("Verification code"),
        max_length=40,
        help_text=_("Twelve letters and numbers below the QR code, for example 7Q4K-2M9D-XW31."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "class": "input--medium"}),
    )

    def clean_kode(self) -> str:
        code = tidy(self.cleaned_data["kode"])
        if not code:
            raise forms.ValidationError(
                _("A code has twelve letters and numbers. Compare it with the document.")
            )
        return code


class YearForm(forms.Form):
    tahun = forms.IntegerField(min_value=2018, max_value=2100)


class DayForm(forms.Form):
    day_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=_("What it is"), choices=HolidayOverride.Kind.choices)
    name = forms.CharField(label=_("Name of the day"), max_length=120)
    decree = forms.CharField(
        label=_("Decree"),
        max_length=200,
        help_text=_(
            "As it is cited, for example: joint decree of three ministers, number and year."
        ),
    )

    def clean_day_on(self) -> date:
        day: date = self.cleaned_data["day_on"]
        if not 2018 <= day.year <= 2100:
            raise forms.ValidationError(_("The year must lie between 2018 and 2100."))
        return day


class ReturnForm(forms.Form):
    note = forms.CharField(
        label=_("How the money went back"),
        max_length=300,
        help_text=_("For example: transferred back on 2 December, reference 12345."),
    )


class CheckFileForm(forms.Form):
    file = forms.FileField(
        label=_("Choose a PDF file"),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
        allow_empty_file=True,
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        most: int = settings.PAPERS_MAX_BYTES
        if (file.size or 0) > most:
            raise forms.ValidationError(words(PaperRefused("too-large", size=file.size, most=most)))
        return file
