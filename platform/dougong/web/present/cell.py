"""one value of a list, to be changed where it stands"""

from __future__ import annotations

from dataclasses import dataclass

from dougong.web.present.form import Input


@dataclass(frozen=True)
class CellPage:
    """The input of one value, as a piece of a page."""

    csrf: str
    """What every form sends back."""
    action: str
    """Where it is sent."""
    version: str
    """The version that is changed."""
    input: Input
    """The field."""
