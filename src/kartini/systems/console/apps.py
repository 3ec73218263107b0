from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "kartini.systems.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.systems.console import handlers, rules  # noqa: F401
