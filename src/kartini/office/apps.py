from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "kartini.office"
    label = "office"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.office import checks, handlers, rules  # noqa: F401
