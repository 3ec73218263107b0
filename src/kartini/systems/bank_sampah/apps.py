from django.apps import AppConfig


class BankSampahConfig(AppConfig):
    name = "kartini.systems.bank_sampah"
    label = "bank_sampah"
    default_auto_field = "django.db.models.BigAutoField"
