from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "kartini.systems.console"

    def ready(self) -> None:
        from kartini.systems.console import rules  # noqa: F401 — defines its role
