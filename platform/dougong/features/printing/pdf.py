"""HTML into PDF with WeasyPrint: nothing is fetched, and no file is read but our font"""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

_FONT = "dougong:font"
FAMILY = "Dougong Print"
"""What our style sheet calls the packaged font, where it is needed."""
# Our style sheet is for browsers too, and WeasyPrint warns of each rule that it does not know.
logging.getLogger("weasyprint").setLevel(logging.ERROR)

_ONE_AT_A_TIME = threading.Lock()
"""Pango is not made for several threads."""


class _Fetcher(URLFetcher):  # type: ignore[misc]
    """Gives pictures that stand in the text itself, and the font; everything else is refused."""

    def __init__(self, font: Path | None) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self._font = font

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        if url == _FONT and self._font is not None:
            return URLFetcherResponse(url, self._font.read_bytes(), {"Content-Type": "font/otf"})
        if not url.startswith("data:image/"):
            raise ValueError("a print fetches nothing")
        return super().fetch(url)


def write(html: str, *, font: Path | None = None) -> bytes:
    """Lay out a whole HTML document on pages; `font` is a file with Chinese, where the system has none."""
    fetcher, fonts = _Fetcher(font), FontConfiguration()
    sheets = []
    with _ONE_AT_A_TIME:
        if font is not None:
            face = f'@font-face {{ font-family: "{FAMILY}"; src: url({_FONT}); }}'
            sheets.append(weasyprint.CSS(string=face, url_fetcher=fetcher, font_config=fonts))
        document = weasyprint.HTML(string=html, url_fetcher=fetcher, base_url="dougong:sheet")
        written: bytes = document.write_pdf(stylesheets=sheets, font_config=fonts, pdf_tags=True)
        return written
