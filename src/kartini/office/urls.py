"""Addresses of the counter; the site mounts them at the root."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from kartini.kit import doors
from kartini.office.views import bills, documents, inbox, papers

app_name = "office"
urlpatterns = [
    path("berkas-saya/", papers.shelf, name="papers"),
    path("berkas-saya/<uuid:pk>/", papers.give, name="paper"),
    path("berkas-saya/<uuid:pk>/hapus/", papers.remove, name="paper-remove"),
    path("periksa/", documents.search, name="check-search"),
    path("periksa/berkas/", documents.inspect, name="check-file"),
    path("periksa/<str:code>/", documents.check, name="check"),
    path("dokumen-saya/", documents.mine, name="documents"),
    path("dokumen-saya/<str:code>/unduh/", documents.download, name="document-download"),
    path("pesan/", inbox.inbox, name="inbox"),
    path("pesan/baca-semua/", inbox.read_all, name="inbox-read-all"),
    path("pesan/<uuid:pk>/", inbox.message, name="message"),
    path("tagihan/", bills.mine, name="bills"),
    path("tagihan/qris-callback/", bills.qris_callback, name="qris-callback"),
    path("tagihan/<uuid:pk>/", bills.bill, name="bill"),
    path("tagihan/<uuid:pk>/tanda-terima/", bills.receipt, name="bill-receipt"),
]

doors.open_door(
    doors.Door("public", _("Check a document"), "office:check-search", "shield", order=40)
)
doors.open_door(doors.Door("citizen", _("My documents"), "office:documents", "document", order=20))
doors.open_door(doors.Door("citizen", _("My papers"), "office:papers", "upload", order=30))
doors.open_door(doors.Door("citizen", _("Messages"), "office:inbox", "mail", order=40))
doors.open_door(doors.Door("citizen", _("My bills"), "office:bills", "scale", order=50))
