from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "kartini.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.places import offered  # noqa: F401 — it registers itself
