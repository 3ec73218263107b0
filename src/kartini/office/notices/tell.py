"""Write a notice: one row for the inbox, one parcel for each channel that the account has."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template import Context, Template
from django.template.loader import get_template
from django.template.loader_tags import BlockNode
from django.utils import translation

from kartini.office.models import Notice, Parcel
from kartini.people.messages import Letter
from kartini.people.models import User


@transaction.atomic
def tell(
    *, to: User, template: str, words: Mapping[str, Any], at: datetime, link: str = ""
) -> Notice:
    """Tell an account something, in the caller's transaction.

    ``template`` is ``"<system>/<name>"``: the file ``templates/<system>/notices/<name>.txt`` with the blocks
    ``subject`` (one line), ``body`` and ``short`` (for WhatsApp; without it, subject and body). ``link`` is an
    address within the house. Words never hold a NIK.
    """
    subject, body, short = _written(template, words, to.language, link)
    notice = Notice.objects.create(
        to=to, template=template, subject=subject, body=body, link=link, told_at=at
    )
    far_link = f"\n\n{settings.BASE_URL}{link}" if link else ""
    texts = {
        Parcel.Channel.EMAIL: (to.email, body + far_link),
        Parcel.Channel.WHATSAPP: (to.phone if to.phone_verified else "", short + far_link),
    }
    Parcel.objects.bulk_create(
        Parcel(
            notice=notice,
            channel=channel,
            address=address,
            subject=subject,
            text=text,
            written_at=at,
            next_at=at,
        )
        for channel, (address, text) in texts.items()
        if address
    )
    return notice


def tell_phone(*, phone: str, template: str, words: Mapping[str, Any], at: datetime) -> Parcel:
    """Tell somebody without an account, on WhatsApp, in the house's language and the caller's transaction.

    Only whoever agreed to it; the caller keeps the consent. ``phone`` is in E.164, as ``phones.clean`` gives it.
    The letters on their way are the record of what was sent.
    """
    subject, _body, short = _written(template, words, settings.LANGUAGE_CODE, "")
    return Parcel.objects.create(
        channel=Parcel.Channel.WHATSAPP, address=phone, subject=subject, text=short, written_at=at, next_at=at
    )  # fmt: skip


def _written(
    template: str, words: Mapping[str, Any], language: str, link: str
) -> tuple[str, str, str]:
    """Subject, body and short form in the account's language; no autoescape, it is plain text."""
    system, _, name = template.partition("/")
    with translation.override(language or settings.LANGUAGE_CODE):
        file: Template = get_template(f"{system}/notices/{name}.txt").template  # type: ignore[attr-defined]
        context = Context({**words, "regency_name": settings.REGENCY_NAME}, autoescape=False)
        with context.bind_template(file):
            blocks = [b for b in file.nodelist if isinstance(b, BlockNode)]
            texts = {b.name: b.nodelist.render(context).strip() for b in blocks}
    subject = " ".join(texts["subject"].split())[:200]
    body = texts["body"]
    return subject, body, texts.get("short") or f"*{subject}*\n{body}"


def unread_count(user: User) -> int:
    return Notice.objects.filter(to=user).unread().count()


def unread_for_page(user: Any) -> int:
    """The same, asked once while a page is drawn."""
    if not hasattr(user, "unread_notices"):
        user.unread_notices = unread_count(user)
    unread: int = user.unread_notices
    return unread


def mark_read(*, notices: Any, at: datetime) -> int:
    """Mark these notices as read; those that were read before keep their time."""
    done: int = notices.filter(read_at=None).update(read_at=at)
    return done


def mark_unread(*, notices: Any) -> int:
    """Put these notices back among the unread ones."""
    done: int = notices.update(read_at=None)
    return done


def post_letter(letter: Letter) -> None:
    """Carry what the accounts have to say (codes, warnings) over the same roads as notices."""
    Parcel.objects.create(
        channel=letter.channel,
        address=letter.to,
        subject=" ".join(letter.subject.split())[:200],
        text=letter.body,
        sensitive=letter.sensitive,
        written_at=letter.at,
        next_at=letter.at,
    )
