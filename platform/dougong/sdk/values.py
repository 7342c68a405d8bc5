"""values and options that several extensions share"""

from __future__ import annotations

import datetime as dt
import decimal
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""The name of something that is defined elsewhere: an object, an `options` definition."""

OnDelete = Literal["refuse", "clear", "cascade"]
"""What becomes of a record when the one it points to is deleted."""


@dataclass(frozen=True)
class Money:
    """An amount in a currency, and what it was worth in base currency on a day.

    Two are equal when amount and currency are: the rate belongs to the day the amount was entered, and
    entering the same again is no change.
    """

    amount: decimal.Decimal
    currency: str
    """An ISO 4217 code."""
    base: decimal.Decimal = field(compare=False)
    """The amount in base currency; what sums, filters and sorting use."""
    rate_date: dt.date = field(compare=False)
    """The day whose rate was taken."""
