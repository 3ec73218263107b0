"""Addresses of accounts and of one's own data; the site mounts them at the root."""

from functools import partial
from typing import Any

from allauth.account import views as account
from django.urls import include, path, re_path
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.people import roles, rules
from kartini.people.appointments import ADMINISTRATOR
from kartini.people.views import administration, counter, entrance, mydata, requests

urlpatterns = [
    path("akun/sessions/", entrance.device_list, name="devices"),
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
    path("data-saya/jejak.json", mydata.my_trail_json, name="my_trail_json"),
    path("data-saya/jejak/tanya/", mydata.ask_why, name="ask_why"),
    path("data-saya/pertanyaan/", mydata.my_questions, name="my_questions"),
    path("undangan/<str:token>/", entrance.invitation, name="invitation"),
    path("loket/identitas/", counter.claim_list, name="claims"),
    path("loket/identitas/<uuid:pk>/", counter.claim, name="claim"),
    path("loket/bantu-masuk/", counter.help_in, name="help_in"),
    path("petugas/pertanyaan-data/", requests.request_list, name="data_requests"),
    path("petugas/pertanyaan-data/<uuid:pk>/", requests.data_request, name="data_request"),
    path("petugas/akun/", administration.account_list, name="accounts"),
    path("petugas/akun/baru/", administration.account_new, name="account_new"),
    path("petugas/akun/<int:pk>/", administration.account, name="account"),
    path("petugas/akun/<int:pk>/peran/", administration.account_role, name="account_role"),
    re_path(
        r"^petugas/akun/(?P<pk>[0-9]{1,15})/(?P<verb>tutup|buka|undang|lupakan-faktor)/$",
        administration.account_verb,
        name="account_verb",
    ),
    path("petugas/peran/<int:pk>/akhiri/", administration.role_end, name="role_end"),
    path("petugas/instansi/", administration.organisation_list, name="organisations"),
    path("petugas/instansi/baru/", administration.organisation, name="organisation_new"),
    path("petugas/instansi/<slug:code>/", administration.organisation, name="organisation"),
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


def _desk(title: Any, url_name: str, icon: str, role: str, order: int) -> None:
    """A door of the staff menu for those who hold the role."""
    who = partial(_holds, role)
    doors.open_door(
        doors.Door("staff", title, url_name, icon, who, order=order, group=_("Accounts"))
    )


def _holds(role: str, user: Any) -> bool:
    return roles.holds(user, role)


_desk(_("Identity cases"), "claims", "user", rules.COUNTER, 80)
_desk(_("Help someone in"), "help_in", "phone", rules.COUNTER, 81)
_desk(_("Questions about data"), "data_requests", "chat", rules.DATA_OFFICER, 82)
_desk(_("Accounts and roles"), "accounts", "users", ADMINISTRATOR, 83)
_desk(_("Organisations"), "organisations", "building", ADMINISTRATOR, 84)
