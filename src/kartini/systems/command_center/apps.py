from django.apps import AppConfig


class CommandCenterConfig(AppConfig):
    name = "kartini.systems.command_center"

    def ready(self) -> None:
        from kartini.systems.command_center import handlers  # noqa: F401
