from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kartini.site"
    label = "house"

    def ready(self) -> None:
        from kartini.site import checks  # noqa: F401 — registers the house's own checks
