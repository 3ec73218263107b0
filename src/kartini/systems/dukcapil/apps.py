from django.apps import AppConfig


class DukcapilConfig(AppConfig):
    name = "kartini.systems.dukcapil"

    def ready(self) -> None:
        from kartini.systems.dukcapil import handlers  # noqa: F401
