from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kartini.site"
    label = "house"
