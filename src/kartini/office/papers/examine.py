"""What a file really is: by its first bytes, and by opening it as what it says it is."""

import io
import re
import warnings
import zipfile
from dataclasses import dataclass

import filetype
import pikepdf
from django.conf import settings
from PIL import Image

from kartini.office.models import Paper
from kartini.office.papers.refusals import PaperRefused

KINDS = {"application/pdf": "pdf", "image/jpeg": "jpeg", "image/png": "png"}
ENDINGS = {"pdf": "pdf", "jpg": "jpeg", "jpeg": "jpeg", "jpe": "jpeg", "png": "png"}
MOST_PAGES = 300
MOST_OBJECTS = 100_000
DEEPEST = 50
MOST_UNPACKED = 64 * 1024 * 1024
_STRANGERS = re.compile(
    rb"%PDF-|PK\x03\x04|Rar!\x1a|7z\xbc\xaf\x27|<\s*(?:html|script|svg|!doctype)", re.IGNORECASE
)
_PROGRAMS = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm"})

pikepdf.settings.set_qpdf_limits(  # for the whole process, before any thread uses it: no bomb unpacks
    flate_max_memory=MOST_UNPACKED,
    png_max_memory=MOST_UNPACKED,
    run_length_max_memory=MOST_UNPACKED,
    tiff_max_memory=MOST_UNPACKED,
    dct_max_memory=MOST_UNPACKED,
    doc_max_warnings=200,
)


@dataclass(frozen=True)
class Examined:
    kind: str
    name: str


def examine(content: bytes, name: str) -> Examined:
    """Say what it is, or raise ``PaperRefused``."""
    if not content:
        raise PaperRefused("empty")
    found = filetype.guess(content)  # type: ignore[no-untyped-call]
    kind = KINDS.get(found.mime if found else "")
    if kind is None:
        raise PaperRefused("wrong-type", found=found.extension if found else "")
    clean = clean_name(name, kind)
    said = ENDINGS.get(clean.rpartition(".")[2].lower(), "")
    if said and said != kind:
        raise PaperRefused("misnamed", said=said, found=kind)
    if kind == Paper.Kind.PDF:
        _open_pdf(content)
    else:
        _open_picture(content, kind)
    return Examined(kind, clean)


def clean_name(name: str, kind: str) -> str:
    """The last part of the name, without controls, at most 100 signs, never empty."""
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(sign for sign in last if sign.isprintable() and sign not in '<>:"|?*')
    stem, dot, ending = kept.strip(" .").rpartition(".")
    if not dot:
        stem, ending = ending, kind
    return f"{stem[:90].strip(' .') or 'berkas'}.{ending[:8] or kind}"


def _open_pdf(content: bytes) -> None:
    if zipfile.is_zipfile(io.BytesIO(content)) or _STRANGERS.search(
        content, content.rfind(b"%%EOF") + 5
    ):
        raise PaperRefused("two-in-one")
    try:
        whole = b"%%EOF" in content[-1024:]  # cut off on the way: not to be patched up
        with pikepdf.open(io.BytesIO(content), attempt_recovery=whole) as pdf:
            _look_inside(pdf)
    except pikepdf.PasswordError:
        raise PaperRefused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, RuntimeError):
        raise PaperRefused("broken") from None


def _look_inside(pdf: pikepdf.Pdf) -> None:
    if pdf.is_encrypted:
        raise PaperRefused("encrypted")
    if len(pdf.objects) > MOST_OBJECTS or len(pdf.pages) == 0:
        raise PaperRefused("broken")
    if len(pdf.pages) > MOST_PAGES:
        raise PaperRefused("too-many-pages", pages=len(pdf.pages), most=MOST_PAGES)
    if len(pdf.attachments):
        raise PaperRefused("two-in-one")
    if any(_runs(thing, depth=0) for thing in pdf.objects):
        raise PaperRefused("active")


def _runs(thing: object, depth: int) -> bool:
    """Does this object, or one written directly inside it, start a program?"""
    if isinstance(thing, pikepdf.Stream):
        thing = thing.stream_dict
    if depth > DEEPEST:
        raise PaperRefused("broken")
    if isinstance(thing, pikepdf.Dictionary):
        if "/JS" in thing or str(thing.get("/S", "")) in _PROGRAMS:
            return True
        held = [value for _name, value in thing.items()]
    elif isinstance(thing, pikepdf.Array):
        held = [value for value in thing if isinstance(value, pikepdf.Object)]
    else:
        return False
    return any(
        _runs(value, depth + 1)
        for value in held
        if isinstance(value, pikepdf.Object) and not value.is_indirect
    )


def _open_picture(content: bytes, kind: str) -> None:
    if kind == Paper.Kind.JPEG and b"%PDF-" in content[:1024]:
        raise PaperRefused("two-in-one")
    end = content.rfind(b"\xff\xd9") if kind == Paper.Kind.JPEG else content.rfind(b"IEND")
    if _STRANGERS.search(content, max(end, 0)):
        raise PaperRefused("two-in-one")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(content), formats=[kind.upper()]) as picture:
                if picture.width * picture.height > settings.PAPERS_MOST_PIXELS:
                    raise PaperRefused(
                        "too-many-pixels", width=picture.width, height=picture.height
                    )
                picture.draft(picture.mode, (256, 256))
                picture.load()
    except PaperRefused:
        raise
    except Image.DecompressionBombError:
        raise PaperRefused("too-many-pixels", width="?", height="?") from None
    except (OSError, SyntaxError, ValueError, EOFError):
        raise PaperRefused("broken") from None
