"""Notices: tell people, in the inbox, by e-mail and WhatsApp, in their language."""

from kartini.office.notices.again import given_up, masked, send_again
from kartini.office.notices.carry import KEPT, carry, forget
from kartini.office.notices.tell import (
    mark_read,
    mark_unread,
    post_letter,
    tell,
    tell_phone,
    unread_count,
    unread_for_page,
)

__all__ = [
    "KEPT",
    "carry",
    "forget",
    "given_up",
    "mark_read",
    "mark_unread",
    "masked",
    "post_letter",
    "send_again",
    "tell",
    "tell_phone",
    "unread_count",
    "unread_for_page",
]
