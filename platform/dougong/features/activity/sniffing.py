"""what a file is, by its first bytes; its name is believed only where the bytes leave room for it"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from types import MappingProxyType

LOOKED_AT = 8192
"""So many bytes from the beginning of a file are looked at."""

UNKNOWN = "application/octet-stream"
TEXT = "text/plain"

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypheic", "image/heic"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"\x1f\x8b", "application/gzip"),
    (257, b"ustar", "application/x-tar"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"\x7fELF", "application/x-executable"),
    (0, b"\xfe\xed\xfa\xce", "application/x-mach-binary"),
    (0, b"\xfe\xed\xfa\xcf", "application/x-mach-binary"),
    (0, b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (0, b"\xca\xfe\xba\xbe", "application/java-vm"),
    (0, b"#!", "text/x-script"),
)
"""Where, which bytes, and what has them there; the first that fits counts."""

_WITHIN = MappingProxyType(
    {
        "application/zip": {
            "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "odt": "application/vnd.oasis.opendocument.text",
            "ods": "application/vnd.oasis.opendocument.spreadsheet",
            "odp": "application/vnd.oasis.opendocument.presentation",
            "ofd": "application/ofd",
            "jar": "application/java-archive",
            "apk": "application/vnd.android.package-archive",
        },
        "application/x-ole-storage": {
            "doc": "application/msword",
            "xls": "application/vnd.ms-excel",
            "ppt": "application/vnd.ms-powerpoint",
            "wps": "application/vnd.ms-works",
            "et": "application/vnd.ms-excel",
            "msg": "application/vnd.ms-outlook",
            "msi": "application/x-msi",
        },
        TEXT: {
            "csv": "text/csv",
            "md": "text/markdown",
            "json": "application/json",
            "html": "text/html",
            "htm": "text/html",
            "xhtml": "text/html",
            "svg": "image/svg+xml",
            "xml": "application/xml",
            "js": "text/javascript",
            "mjs": "text/javascript",
            "css": "text/css",
            "eml": "message/rfc822",
            "ics": "text/calendar",
            "vcf": "text/vcard",
        },
    }
)
"""Of what several sorts of files look like from outside, the ending of the name says which one it is."""

_RUNS = frozenset(
    {
        "application/vnd.microsoft.portable-executable",
        "application/x-executable",
        "application/x-mach-binary",
        "application/java-vm",
        "application/java-archive",
        "application/vnd.android.package-archive",
        "application/x-msi",
        "text/x-script",
    }
)
_RUNNING_ENDS = frozenset(
    (
        *("apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "dll", "exe", "hta", "jar", "js", "jse", "lnk"),
        *("msc", "msi", "msix", "msp", "mst", "pif", "ps1", "reg", "scr", "sct", "sh", "sys", "url", "vb", "vbe"),
        *("vbs", "ws", "wsc", "wsf", "wsh"),
    )
)
"""What a double click would run."""

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/avif"})
READ_AS_TEXT = frozenset({TEXT, "text/csv", "text/markdown", "application/json"})
PDF = "application/pdf"


@dataclass(frozen=True)
class Sort:
    """What a file is."""

    mime: str
    runs: bool = False
    """Whether it is a program: those are not taken."""


def sort_of(head: bytes, name: str) -> Sort:
    """Say what a file is by its first bytes, and where these leave it open, by the ending of its name."""
    ending = name.rpartition(".")[2].casefold().rstrip(". ") if "." in name else ""
    mime = next((found for at, magic, found in _MAGIC if head[at : at + len(magic)] == magic), None)
    if mime is None:
        mime = _of_text(head) if _is_text(head) else UNKNOWN
    mime = _WITHIN.get(mime, {}).get(ending, mime)
    return Sort(mime, runs=mime in _RUNS or ending in _RUNNING_ENDS)


def _of_text(head: bytes) -> str:
    """A text that a browser would take for a page is one, whatever it is called."""
    begins = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begins.startswith((b"<!doctype html", b"<html", b"<script", b"<body", b"<head", b"<iframe")):
        return "text/html"
    if begins.startswith(b"<svg"):
        return "image/svg+xml"
    return "application/xml" if begins.startswith(b"<?xml") else TEXT


def _is_text(head: bytes) -> bool:
    return encoding(head) is not None


def encoding(head: bytes) -> str | None:
    """Say how a text is written, or None where it is none: UTF-8 or UTF-16 with its mark, else GB 18030."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if any(byte < 32 and byte not in b"\t\n\r\x0c\x1b" for byte in head):
        return None
    for name in ("utf-8-sig", "gb18030"):
        try:
            # The last sign may be cut off.
            codecs.getincrementaldecoder(name)().decode(head)
        except UnicodeDecodeError:
            continue
        return name
    return None
