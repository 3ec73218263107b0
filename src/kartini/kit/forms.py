"""Forms as the kit draws them: label, hint, error, control; one linked summary of errors on top."""

from django.forms.renderers import TemplatesSetting


class KitRenderer(TemplatesSetting):
    """Renders each field by the kit's markup contract."""

    form_template_name = "kit/forms/form.html"
    field_template_name = "kit/forms/field.html"
