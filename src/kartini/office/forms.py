"""Words in, clean data out."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from kartini.office.documents.codes import tidy
from kartini.office.papers.refusals import PaperRefused, words


class PaperForm(forms.Form):
    label = forms.CharField(
        label=_("What is it?"),
        max_length=200,
        help_text=_("For example: identity card, diploma, proof of address."),
    )
    file = forms.FileField(
        label=_("File"),
        help_text=_("PDF, JPG or PNG, at most 5 MB."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        allow_empty_file=True,
    )


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
