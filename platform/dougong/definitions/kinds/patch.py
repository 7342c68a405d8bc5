"""a patch: what one layer changes of another's definition"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field

from dougong.definitions.kinds.parts import Definition, Merges


class Patch(Definition):
    """What one layer changes of another's definition; `patches: object/customer` says which.

    `change` has the shape of the definition: keys take the place of the definition's; in lists of named things an item
    with a known name changes that item and one with a new name is added. `remove` names items as `fields.fax`, `order`
    gives lists an order by names.
    """

    KIND: ClassVar[str] = "patch"
    FOLDER: ClassVar[str] = "patches"

    patches: str = Field(
        pattern=r"^[a-z_]+/[a-z][a-z0-9_]{0,39}$", description="Kind and name of the definition: `object/customer`."
    )
    change: dict[str, Any] = Field(default_factory=dict, description="Keys to set and items to add or change.")
    remove: Annotated[tuple[str, ...], Merges("set")] = Field(
        default=(), description="Items to take away: `fields.fax`, `sections.main.fields.fax`."
    )
    order: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Lists to put in order: these names first, the others behind them."
    )
