from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kartini.site"
    label = "house"

    def ready(self) -> None:
        from kartini.site import checks, handlers  # noqa: F401 — checks and the portal's ties
