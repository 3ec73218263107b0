"""Datasets, files, organisations and groups as CKAN describes them."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any

from django.conf import settings

from kartini.exchange.catalogue import publishers
from kartini.exchange.catalogue.declared import TOPICS, Dataset, Kind
from kartini.exchange.catalogue.files import FORMATS, Format, licence, small_cells
from kartini.exchange.catalogue.open import address
from kartini.exchange.catalogue.publishers import Publisher
from kartini.exchange.models import Edition


def identifier(kind: str, name: str) -> str:
    """The same for ever, in every house of this instance."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{settings.INSTANCE}:{kind}:{name}"))


def _naive(at: datetime) -> str:
    """CKAN gives moments in UTC without saying so."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")


def package(
    offered: Dataset, edition: Edition | None, known: Mapping[str, Publisher]
) -> dict[str, Any]:
    created = datetime.combine(offered.issued_on, time.min, UTC)
    changed = edition.changed_at if edition else created
    publisher = publishers.of(offered.publisher, known)
    return {
        "id": identifier("dataset", offered.slug),
        "name": offered.slug,
        "title": str(offered.title),
        "notes": str(offered.description),
        "type": "dataset",
        "state": "active",
        "private": False,
        "isopen": "creativecommons.org/licenses/by" in licence(offered),
        "url": address("dataset", offered.slug),
        "version": edition.digest[:12] if edition else None,
        "author": publisher.name,
        "author_email": None,
        "maintainer": publisher.name,
        "maintainer_email": None,
        "license_id": licence(offered),
        "license_title": licence(offered),
        "license_url": licence(offered),
        "metadata_created": _naive(created),
        "metadata_modified": _naive(changed),
        "creator_user_id": None,
        "owner_org": identifier("organization", publisher.code),
        "organization": organization(publisher),
        "groups": [group(offered.topic)],
        "tags": [_tag(word) for word in offered.keywords],
        "num_tags": len(offered.keywords),
        "resources": [
            _resource(offered, form, place, edition) for place, form in enumerate(FORMATS.values())
        ],
        "num_resources": len(FORMATS),
        "extras": [{"key": key, "value": value} for key, value in _extras(offered).items()],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }  # fmt: skip


def _extras(offered: Dataset) -> dict[str, str]:
    """What Satu Data Indonesia asks for beside CKAN's own fields."""
    numbers = [c for c in offered.columns if c.kind in (Kind.INTEGER, Kind.DECIMAL)]
    said = {
        "sumber": offered.source,
        "frekuensi_pemutakhiran": offered.frequency_title,
        "satuan": "; ".join(f"{c.name}: {c.unit}" for c in numbers),
        "definisi": "; ".join(f"{c.name}: {c.definition}" for c in offered.columns if c.definition),
        "kode_referensi": ", ".join(dict.fromkeys(c.codes for c in offered.columns if c.codes)),
        "kode_wilayah": settings.REGENCY_CODE,
        "dasar_hukum": offered.regulation,
        "sel_kecil": small_cells(offered),
        "catatan": offered.note,
        "produsen_data": offered.publisher,
        "walidata": settings.STEWARD,
    }
    return {key: str(value) for key, value in said.items() if str(value)}


def _resource(
    offered: Dataset, form: Format, place: int, edition: Edition | None
) -> dict[str, Any]:
    counted = edition if form.name == "csv" else None
    return {
        "id": identifier("resource", f"{offered.slug}.{form.name}"),
        "package_id": identifier("dataset", offered.slug),
        "name": f"{offered.title} ({form})",
        "description": str(offered.description),
        "format": str(form) if form.name == "parquet" else form.name.upper(),
        "mimetype": form.media_type,
        "mimetype_inner": None,
        "url": address("file", offered.slug, form.name),
        "url_type": None,
        "size": counted.size if counted else None,
        "hash": counted.digest if counted else "",
        "created": _naive(datetime.combine(offered.issued_on, time.min, UTC)),
        "last_modified": _naive(edition.changed_at) if edition else None,
        "state": "active",
        "position": place,
    }


def _tag(word: str) -> dict[str, Any]:
    return {"id": identifier("tag", word), "name": word, "display_name": word, "state": "active", "vocabulary_id": None}  # fmt: skip


def organization(publisher: Publisher, count: int | None = None) -> dict[str, Any]:
    said = {
        "id": identifier("organization", publisher.code),
        "name": publisher.code,
        "title": publisher.name,
        "display_name": publisher.name,
        "description": "",
        "type": "organization",
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
        "image_url": "",
    }
    return said if count is None else {**said, "package_count": count}


def group(topic: str, count: int | None = None) -> dict[str, Any]:
    title = str(TOPICS[topic].title)
    said = {
        "id": identifier("group", topic),
        "name": topic,
        "title": title,
        "display_name": title,
        "description": "",
        "type": "group",
        "is_organization": False,
        "state": "active",
        "image_display_url": "",
    }
    return said if count is None else {**said, "package_count": count}
