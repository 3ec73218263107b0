"""Flat tables as Parquet files, row group by row group, in bounded memory.

Written here because the smallest library that writes Parquet is 65 MB (DuckDB) or 165 MB (pyarrow) once
installed, for one of three formats. Flat, optional columns in plain encoding and gzip need this much of the
format (github.com/apache/parquet-format); DuckDB reads the files back in the tests.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from itertools import groupby, islice
from typing import IO, Any

MAGIC = b"PAR1"
ROWS_PER_GROUP = 10_000
SCALE, PRECISION = 6, 18
PLAIN, RLE, GZIP = 0, 3, 2
EPOCH = date(1970, 1, 1).toordinal()


class Type(IntEnum):
    """The physical types that are used here."""

    BOOLEAN = 0
    INT32 = 1
    INT64 = 2
    BYTE_ARRAY = 6


@dataclass(frozen=True)
class Field:
    """A column: physical type and what it means (``converted``: 0 UTF-8, 5 decimal, 6 date)."""

    name: str
    type: Type
    converted: int | None = None

    @property
    def element(self) -> bytes:
        said = [(1, i32(self.type)), (3, i32(1)), (4, text(self.name))]
        if self.converted is not None:
            said.append((6, i32(self.converted)))
        if self.converted == 5:
            said += [(7, i32(SCALE)), (8, i32(PRECISION))]
        return structure(said)


def write(
    out: IO[bytes],
    fields: Sequence[Field],
    rows: Iterable[Sequence[Any]],
    notes: Mapping[str, str],
) -> int:
    """Write the file; how many rows it has. ``notes`` are kept in the file as key and value."""
    place, groups, total = out.write(MAGIC), [], 0
    for batch in _batches(rows):
        chunks, size = [], 0
        for n, field in enumerate(fields):
            page, whole = _page(field, [row[n] for row in batch])
            chunks.append(_chunk(field, place, len(batch), len(page), whole))
            place += out.write(page)
            size += whole
        groups.append(structure([(1, many(12, chunks)), (2, i64(size)), (3, i64(len(batch)))]))
        total += len(batch)
    foot = _foot(fields, groups, total, notes)
    out.write(foot + struct.pack("<I", len(foot)) + MAGIC)
    return total


def _batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    source = iter(rows)
    while batch := list(islice(source, ROWS_PER_GROUP)):
        yield batch


def _page(field: Field, values: list[Any]) -> tuple[bytes, int]:
    """One page with its head, and the size that it would have without compression."""
    levels = b"".join(
        varint(len(list(run)) << 1) + bytes([known])
        for known, run in groupby(value is not None for value in values)
    )
    body = (
        struct.pack("<I", len(levels))
        + levels
        + _plain(field, [v for v in values if v is not None])
    )
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = packer.compress(body) + packer.flush()
    data = structure([(1, i32(len(values))), (2, i32(PLAIN)), (3, i32(RLE)), (4, i32(RLE))])
    head = structure([(1, i32(0)), (2, i32(len(body))), (3, i32(len(packed))), (5, (12, data))])
    return head + packed, len(head) + len(body)


def _plain(field: Field, values: list[Any]) -> bytes:
    if field.type is Type.BOOLEAN:
        bits = sum(1 << n for n, value in enumerate(values) if value)
        return bits.to_bytes((len(values) + 7) // 8, "little")
    if field.type is Type.INT32:
        return struct.pack(f"<{len(values)}i", *(day.toordinal() - EPOCH for day in values))
    if field.type is Type.INT64:
        return struct.pack(f"<{len(values)}q", *(_whole(value) for value in values))
    raw = [str(value).encode() for value in values]
    return b"".join(struct.pack("<I", len(one)) + one for one in raw)


def _whole(value: int | Decimal) -> int:
    return value if isinstance(value, int) else int(value.scaleb(SCALE).to_integral_value())


def _chunk(field: Field, place: int, values: int, packed: int, whole: int) -> bytes:
    meta = structure(
        [
            (1, i32(field.type)),
            (2, many(5, [zigzag(PLAIN), zigzag(RLE)])),
            (3, many(8, [text(field.name)[1]])),
            (4, i32(GZIP)),
            (5, i64(values)),
            (6, i64(whole)),
            (7, i64(packed)),
            (9, i64(place)),
        ]
    )
    return structure([(2, i64(place)), (3, (12, meta))])


def _foot(
    fields: Sequence[Field], groups: list[bytes], total: int, notes: Mapping[str, str]
) -> bytes:
    root = structure([(4, text("schema")), (5, i32(len(fields)))])
    pairs = [structure([(1, text(key)), (2, text(value))]) for key, value in notes.items()]
    return structure(
        [
            (1, i32(1)),
            (2, many(12, [root, *(field.element for field in fields)])),
            (3, i64(total)),
            (4, many(12, groups)),
            (5, many(12, pairs)),
            (6, text("kartini")),
        ]
    )


# -- Thrift's compact protocol, as far as it is needed: a value is its type and its bytes

Value = tuple[int, bytes]


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def zigzag(number: int) -> bytes:
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def i32(number: int) -> Value:
    return 5, zigzag(number)


def i64(number: int) -> Value:
    return 6, zigzag(number)


def text(words: str) -> Value:
    raw = words.encode()
    return 8, varint(len(raw)) + raw


def many(kind: int, values: Sequence[bytes]) -> Value:
    size = len(values)
    head = bytes([size << 4 | kind]) if size < 15 else bytes([0xF0 | kind]) + varint(size)
    return 9, head + b"".join(values)


def structure(fields: Iterable[tuple[int, Value]]) -> bytes:
    """Fields in the order of their numbers; each says how far it is from the one before."""
    out, before = bytearray(), 0
    for number, (kind, raw) in fields:
        out += bytes([(number - before) << 4 | kind]) + raw
        before = number
    return bytes([*out, 0])
