"""What is inside zip archives (also jar, whl, docx, apk …)."""

from collections.abc import Iterator

from secretscan.model import Blob, Skipped

ZIP = b"PK\x03\x04"
DEPTH = 3
"""So many archives inside each other are opened."""

INSIDE = "!/"
"""Stands between an archive's path and that of a member."""


def members(archive: Blob, limit: int) -> Iterator[Blob | Skipped]:
    """The files in a zip archive. What is larger than `limit` bytes, encrypted or damaged is skipped."""
    from io import BytesIO  # noqa: PLC0415 (only where there is an archive)
    from zipfile import ZipFile  # noqa: PLC0415

    path = archive.origin.path
    if path.count(INSIDE) >= DEPTH:
        yield Skipped(path, archive.origin.blob, f"an archive inside {DEPTH} others")
        return
    try:
        with ZipFile(BytesIO(archive.data)) as opened:
            for entry in opened.infolist():
                inside = f"{path}{INSIDE}{entry.filename}"
                if entry.file_size > limit:
                    yield Skipped(inside, archive.origin.blob, f"larger than {limit / 1048576:g} MB (--max-file-size)")
                elif not entry.is_dir():
                    with opened.open(entry) as member:  # the size it claims is all that is read: a bomb stays small
                        yield Blob(member.read(entry.file_size), archive.origin._replace(path=inside))
    except Exception as error:  # noqa: BLE001 (zlib, lzma and bz2 have errors of their own for damaged data)
        yield Skipped(path, archive.origin.blob, f"cannot be opened as an archive: {type(error).__name__}")
