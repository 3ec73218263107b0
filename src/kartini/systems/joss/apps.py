from django.apps import AppConfig


class JossConfig(AppConfig):
    name = "kartini.systems.joss"
    label = "joss"
    default_auto_field = "django.db.models.BigAutoField"
