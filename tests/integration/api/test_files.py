"""Files of a record: who may read the record reads them, and nothing in them can act in our pages."""

from __future__ import annotations

import datetime as dt
import io
import os
import tracemalloc
from dataclasses import replace

import pytest
import sqlalchemy as sa

from dougong.base.errors import ActionFailed, TooLarge
from dougong.features.accounts.work import work
from dougong.features.activity import attachments, store
from dougong.jobs import outbox
from dougong.jobs.worker import Worker
from dougong.storage.platform_tables import file as table

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"


@pytest.fixture
def customer(as_) -> str:
    """A customer of ann's; eve sees it, bob does not."""
    return as_("ann").post("records/customer", {"name": "Acme"}).json["id"]


@pytest.fixture
def send(as_, customer):
    """Give a function that adds files to the customer: `send("ann", ("a.txt", b"…"))`."""

    def send_(login: str, *files: tuple[str, bytes]):
        parts = {"file": [(io.BytesIO(content), name) for name, content in files]}
        return as_(login)("POST", f"records/customer/{customer}/files", data=parts, content_type="multipart/form-data")

    return send_


def test_reader_adds_reads_and_takes_away(as_, send, customer) -> None:
    made = send("eve", ("合同 2026.pdf", PDF))
    assert made.status_code == 201
    (file,) = made.json["files"]
    assert (file["name"], file["type"], file["size"]) == ("合同 2026.pdf", "application/pdf", len(PDF))
    assert [each["id"] for each in as_("ann").get(f"records/customer/{customer}/files").json["files"]] == [file["id"]]
    given = as_("ann").get(file["href"], buffered=True)
    assert given.data == PDF
    assert given.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "filename*=UTF-8''%E5%90%88%E5%90%8C%202026.pdf" in given.headers["Content-Disposition"]
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in given.headers["Content-Security-Policy"]
    assert len(given.headers.getlist("Content-Security-Policy")) == 1
    assert (
        as_("ann").get(file["href"], buffered=True, headers={"If-None-Match": given.headers["ETag"]}).status_code == 304
    )
    assert as_("ann").get(file["href"], buffered=True, headers={"Range": "bytes=0-3"}).data == b"%PDF"
    assert as_("ann").delete(f"files/{file['id']}").status_code == 403
    assert as_("admin").delete(f"files/{file['id']}").status_code == 204
    assert as_("eve").get(file["href"], buffered=True).status_code == 404


def test_who_may_not_read_the_record_gets_nothing(as_, send, customer) -> None:
    (file,) = send("ann", ("secret.txt", b"secret words")).json["files"]
    bob = as_("bob")
    assert bob.get(f"records/customer/{customer}/files").status_code == 404
    assert bob.get(file["href"], buffered=True).status_code == 404
    assert bob.delete(f"files/{file['id']}").status_code == 404
    assert send("bob", ("mine.txt", b"mine")).status_code == 404
    as_("ann").delete(f"records/customer/{customer}?last_write=true")
    assert as_("ann").get(file["href"], buffered=True).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "mime"),
    [
        ("page.html", b"<p>hello", "text/html"),
        ("picture.png", b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
        ("data.xml", b"<?xml version='1.0'?><a/>", "application/xml"),
        ("odd.bin", b"\x00\x01\x02", "application/octet-stream"),
    ],
)
def test_what_could_act_is_only_saved(as_, send, name, content, mime) -> None:
    (file,) = send("ann", (name, content)).json["files"]
    assert file["type"] == mime
    given = as_("ann").get(f"{file['href']}?inline=true", buffered=True)
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert given.mimetype == "application/octet-stream"


@pytest.mark.parametrize(
    ("name", "content", "mime"),
    [
        ("a.png", PNG, "image/png"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.csv", "名称,金额\n".encode("gb18030"), "text/plain"),
    ],
)
def test_picture_pdf_and_text_are_shown(as_, send, name, content, mime) -> None:
    (file,) = send("ann", (name, content)).json["files"]
    given = as_("ann").get(f"{file['href']}?inline=true", buffered=True)
    assert given.headers["Content-Disposition"].startswith("inline")
    assert given.mimetype == mime
    assert given.headers["X-Frame-Options"] == ("SAMEORIGIN" if mime == "application/pdf" else "DENY")
    assert "default-src 'none'" in given.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"MZ\x90\x00"),
        ("invoice.pdf", b"MZ\x90\x00"),
        ("a.bat", b"del *"),
        ("x", b"\x7fELF"),
        ("i.sh", b"#!/bin/sh"),
        ("empty.txt", b""),
    ],
)
def test_programs_and_empty_files_are_refused_and_nothing_is_added(as_, send, customer, name, content) -> None:
    answer = send("ann", ("good.txt", b"good"), (name, content))
    assert answer.status_code == 422
    assert name in answer.json["detail"]
    assert as_("ann").get(f"records/customer/{customer}/files").json["files"] == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("C:\\Users\\ann\\报价单.xlsx", "报价单.xlsx"),
        ("..", "file"),
        ("a\u202efdp.exe.txt", "afdp.exe.txt"),
        ("🚀 plan.txt", "🚀 plan.txt"),
        ('a"b\r\nSet-Cookie: x.txt', "a_bSet-Cookie_ x.txt"),
    ],
)
def test_names_lead_nowhere(sent, kept) -> None:
    assert attachments.shown_name(sent) == kept


def test_name_of_ten_thousand_characters_keeps_its_ending(as_, send) -> None:
    (file,) = send("ann", ("长" * 10_000 + ".txt", b"long")).json["files"]
    assert len(file["name"]) == attachments.LONGEST_NAME
    assert file["name"].endswith("….txt")
    given = as_("ann").get(file["href"], buffered=True)
    assert given.status_code == 200
    assert given.data == b"long"


def test_file_and_request_have_limits(as_, customer, shop, monkeypatch) -> None:
    big = io.BytesIO(b"x" * (2 * 1024 * 1024))
    with pytest.raises(TooLarge, match="1 MiB"):
        attachments.take(store.of(shop.settings), "big.txt", big, most=1024 * 1024)
    assert not list((store.of(shop.settings).root / "coming").iterdir())
    most = 4 * shop.settings.file_limit + 1
    answer = as_("ann")(
        "POST",
        f"records/customer/{customer}/files",
        environ_overrides={"CONTENT_LENGTH": str((most + 1) * 1024 * 1024)},
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 413
    assert f"{most} MiB" in answer.json["detail"]
    assert as_("ann").post(f"records/customer/{customer}/files", {"name": "x"}).status_code == 415
    monkeypatch.setattr(attachments, "MOST_OF_A_RECORD", 1)
    parts = {"file": [(io.BytesIO(b"a"), "a.txt"), (io.BytesIO(b"b"), "b.txt")]}
    many = as_("ann")("POST", f"records/customer/{customer}/files", data=parts, content_type="multipart/form-data")
    assert many.status_code == 409


def test_large_file_goes_through_without_filling_memory(as_, customer) -> None:
    size = 20 * 1024 * 1024
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.bin"\r\n\r\n'
    body = io.BufferedReader(_Zeros(head, size, b"\r\n--x--\r\n"), buffer_size=65536)
    caller = as_("ann")
    caller.get("objects")
    tracemalloc.start()
    answer = caller(
        "POST",
        f"records/customer/{customer}/files",
        input_stream=body,
        environ_overrides={"CONTENT_LENGTH": str(len(head) + size + len(b"\r\n--x--\r\n"))},
        content_type="multipart/form-data; boundary=x",
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 201
    assert answer.json["files"][0]["size"] == size
    assert peak < 6 * 1024 * 1024


class _Zeros(io.RawIOBase):
    """A stream of so many bytes between a head and a tail, without having them."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self._head, self._size, self._tail, self._at = head, size, tail, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset if whence == 0 else len(self._head) + self._size + len(self._tail)
        return self._at

    def readinto(self, buffer) -> int:
        start, length = self._at, len(buffer)
        whole = len(self._head) + self._size + len(self._tail)
        count = min(length, whole - start)
        inner = len(self._head)
        piece = b""
        if start < inner:
            piece = self._head[start : start + count]
        elif start < inner + self._size:
            piece = b"\x01" * min(count, inner + self._size - start)
        else:
            begins = start - inner - self._size
            piece = self._tail[begins : begins + count]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def test_same_bytes_lie_once_and_go_when_no_file_names_them(as_, send, shop, clock) -> None:
    first = send("ann", ("a.txt", b"same")).json["files"][0]
    second = send("eve", ("b.txt", b"same")).json["files"][0]
    place = store.of(shop.settings).path(first["sha256"])
    assert first["sha256"] == second["sha256"]
    as_("ann").delete(f"files/{first['id']}")
    clock.move(days=31)
    _old(place, clock)
    sweep(shop)
    assert place.exists()
    assert as_("ann").get(second["href"], buffered=True).data == b"same"
    as_("eve").delete(f"files/{second['id']}")
    sweep(shop)
    assert place.exists()
    clock.move(days=31)
    sweep(shop)
    assert not place.exists()
    with shop.database.open(write=False) as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0


def test_bytes_that_no_record_got_are_swept_after_a_day(shop, clock) -> None:
    place = store.of(shop.settings)
    put = place.put(io.BytesIO(b"orphan"), most=100, head=10)
    _old(place.path(put.sha256), clock)
    clock.move(hours=23)
    sweep(shop)
    assert place.path(put.sha256) is not None
    clock.move(hours=2)
    sweep(shop)
    assert place.path(put.sha256) is None


def _old(place, clock) -> None:
    os.utime(place, (clock.now().timestamp(), clock.now().timestamp()))


def sweep(shop) -> None:
    with work(shop, reason="sweep in a test") as ctx:
        outbox.promise(ctx, attachments.SWEEP, {}, queue="timed")
    worker = Worker(shop, schedules=False)
    worker.run_once()
    worker.join()


def test_store_that_is_not_built_says_so(shop) -> None:
    with pytest.raises(ActionFailed, match="s3:// yet"):
        store.of(replace(shop.settings, files_url="s3://bucket/files"))
    with pytest.raises(ActionFailed, match="ftp://"):
        store.of(replace(shop.settings, files_url="ftp://host/files"))


def test_lost_content_is_said_plainly(as_, send, shop) -> None:
    (file,) = send("ann", ("a.txt", b"lost")).json["files"]
    store.of(shop.settings).path(file["sha256"]).unlink()
    answer = as_("ann").get(file["href"], buffered=True)
    assert answer.status_code == 404
    assert "a.txt" in answer.json["detail"]


def test_putting_again_keeps_old_bytes_from_being_swept(shop, clock) -> None:
    place = store.of(shop.settings)
    put = place.put(io.BytesIO(b"again"), most=100, head=10)
    os.utime(place.path(put.sha256), (0, 0))
    place.put(io.BytesIO(b"again"), most=100, head=10)
    assert place.remove_old(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1), lambda digests: set()) == 0
