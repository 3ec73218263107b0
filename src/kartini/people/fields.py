"""Form fields of the account pages."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kartini.kit.forms import NikField as KitNikField
from kartini.people import nik, phones

MALFORMED = {
    "letters": _("A NIK has digits only. Copy it from your identity card (KTP)."),
    "length": _("A NIK has 16 digits; this one has %(digits)s."),
    "date": _(
        "The seventh to twelfth digits of a NIK are a birth date; these are not. Check them."
    ),
    "serial": _("The last four digits of a NIK are never all zero. Check them."),
}


class PhoneField(forms.CharField):
    """A telephone number, typed in any of the usual ways, kept as ``+62812…``."""

    def __init__(self, **how: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel", "class": "input--medium"}
        how.setdefault("label", _("WhatsApp number"))
        super().__init__(max_length=30, widget=forms.TextInput(attrs), **how)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return phones.clean(text)
        except phones.NoPhone:
            raise ValidationError(
                _("This is no telephone number. Example: 0812 3456 7890."), code="invalid_phone"
            ) from None


class NikField(KitNikField):
    """A NIK by form, with the reason in plain words. Whether it exists is another question."""

    def clean(self, value: Any) -> str:
        text = forms.CharField.clean(self, value)
        if not text:
            return ""
        try:
            return nik.clean(text)
        except nik.NikMalformed as wrong:
            raise ValidationError(
                MALFORMED[wrong.reason], code=wrong.reason, params={"digits": wrong.digits}
            ) from None
