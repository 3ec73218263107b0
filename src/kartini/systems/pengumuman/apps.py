from django.apps import AppConfig


class PengumumanConfig(AppConfig):
    name = "kartini.systems.pengumuman"

    def ready(self) -> None:
        from kartini.systems.pengumuman import handlers  # noqa: F401
