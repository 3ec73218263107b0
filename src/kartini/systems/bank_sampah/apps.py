from django.apps import AppConfig


class BankSampahConfig(AppConfig):
    name = "kartini.systems.bank_sampah"
    label = "bank_sampah"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from kartini.systems.bank_sampah import handlers, rules  # noqa: F401
