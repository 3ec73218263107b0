from django.apps import AppConfig


class JossConfig(AppConfig):
    name = "kartini.systems.joss"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.systems.joss import handlers  # noqa: F401
