from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "kartini.kit"
    label = "kit"
