"""a client that keeps its connections, in a process of its own, and what its times come to"""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType

Requests = Sequence[bytes]


class Refused(RuntimeError):
    """An answer that a benchmark did not expect."""


@dataclass
class Times:
    """How long the requests of one side took, in milliseconds."""

    each: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """Give the time that a share of the requests stayed under."""
        ordered = sorted(self.each)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    @property
    def p50(self) -> float:
        """The median."""
        return self.at(0.5)

    @property
    def p99(self) -> float:
        """What one of a hundred requests takes at least."""
        return self.at(0.99)


class Client:
    """Sends blocks of requests from another process."""

    def __init__(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pool = concurrent.futures.ProcessPoolExecutor(1, mp_context=spawn)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()

    def send(self, port: int, by_client: Sequence[Requests]) -> list[float]:
        """Send each client's requests one after another, the clients beside each other; milliseconds of each."""
        return self._pool.submit(_send, port, by_client).result()


def request(method: str, path: str, token: str, body: bytes = b"", **headers: str) -> bytes:
    """Write a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join((*lines, "", "")).encode() + body


def answer(port: int, message: bytes) -> tuple[int, bytes]:
    """Send one request over a connection of its own, and give status and body."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _exchange(connection, message)


def _send(port: int, by_client: Sequence[Requests]) -> list[float]:
    times: list[list[float]] = [[] for _ in by_client]
    wrong: list[str] = []
    together = threading.Barrier(len(by_client))

    def run(requests: Requests, found: list[float]) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            together.wait(30)
            for message in requests:
                started = time.perf_counter()
                status, body = _exchange(connection, message)
                found.append((time.perf_counter() - started) * 1000)
                if status >= 300:
                    wrong.append(f"{status} {body[:300]!r} to {message[:200]!r}")
                    return

    threads = [threading.Thread(target=run, args=each) for each in zip(by_client, times, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise Refused(wrong[0])
    return [each for some in times for each in some]


def _exchange(connection: socket.socket, message: bytes) -> tuple[int, bytes]:
    connection.sendall(message)
    received = bytearray()
    while (end := received.find(b"\r\n\r\n")) < 0:
        received += _some(connection)
    head = bytes(received[:end]).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
    while len(received) < end + 4 + length:
        received += _some(connection)
    return int(head[9:12]), bytes(received[end + 4 :])


def _some(connection: socket.socket) -> bytes:
    some = connection.recv(1 << 16)
    if not some:
        raise ConnectionError("the server closed the connection")
    return some
