"""call the API of an application as one person, as a program would"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from dougong.web.urls import API


class Caller:
    """One who calls the API with a token: `Caller(app, token).get("records/customer")`."""

    def __init__(self, app: Flask, token: str | None) -> None:
        self.app = app
        self._client = app.test_client(use_cookies=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    def __call__(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **rest: Any) -> Any:
        """Send a request; a path that does not begin with a slash is below the API."""
        address = path if path.startswith("/") else f"{API}/{path}"
        return self._client.open(address, method=method, headers={**self._headers, **(headers or {})}, **rest)

    def get(self, path: str, **rest: Any) -> Any:
        """Read."""
        return self("GET", path, **rest)

    def post(self, path: str, json: Any = None, **rest: Any) -> Any:
        """Create, or ask for something to be done."""
        return self("POST", path, json=json, **rest)

    def patch(self, path: str, json: Any, version: int | None = None, **rest: Any) -> Any:
        """Change the version one has read."""
        return self("PATCH", path, json=json, headers=_if_match(version), **rest)

    def delete(self, path: str, version: int | None = None, **rest: Any) -> Any:
        """Delete the version one has read."""
        return self("DELETE", path, headers=_if_match(version), **rest)


def _if_match(version: int | None) -> dict[str, str]:
    return {} if version is None else {"If-Match": f'"{version}"'}
