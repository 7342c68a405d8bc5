"""recipients, as kinds name them (see `sdk.people`)"""

from __future__ import annotations

from dougong.sdk.people import WAYS, Recipient, Recipients

__all__ = ["WAYS", "Recipient", "Recipients"]
