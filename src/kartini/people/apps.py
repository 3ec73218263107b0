from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "kartini.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.people import handlers, rules  # noqa: F401 — they register themselves
