"""Addresses of accounts and of one's own data; the site mounts them at the root."""

from typing import Any

from allauth.account import views as account
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.people.views import entrance, mydata

urlpatterns = [
    path("akun/", include("allauth.urls")),
    path("masuk/", entrance.sign_in, name="account_login"),
    path("masuk/peragaan/", entrance.demo_sign_in, name="demo_sign_in"),
    path("keluar/", account.logout, name="account_logout"),
    path("keluar/semua/", entrance.sign_out_everywhere, name="sign_out_everywhere"),
    path("daftar/", account.signup, name="account_signup"),
    path("data-saya/", mydata.my_data, name="my_data"),
    path("data-saya/akun/", mydata.my_account, name="my_account"),
    path("data-saya/identitas/", entrance.name_yourself, name="name_yourself"),
    path("data-saya/jejak/", mydata.my_trail, name="my_trail"),
    path("data-saya/jejak.csv", mydata.my_trail_file, name="my_trail_file"),
    path("data-saya/jejak/tanya/", mydata.ask_why, name="ask_why"),
    path("data-saya/pertanyaan/", mydata.my_questions, name="my_questions"),
]


def _is_citizen(user: Any) -> bool:
    return getattr(user, "person_id", None) is not None


def _has_account(user: Any) -> bool:
    return bool(user.is_authenticated)


doors.open_door(doors.Door("citizen", _("My data"), "my_data", "user", _is_citizen, order=10))
doors.open_door(doors.Door("citizen", _("My data trail"), "my_trail", "eye", _is_citizen, order=60))
doors.open_door(
    doors.Door("citizen", _("My account"), "my_account", "settings", _has_account, order=90)
)
