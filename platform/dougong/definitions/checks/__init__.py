"""one file each: the semantic rules of definitions"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dougong.base.problems import Problem
from dougong.definitions.checks import (
    bundle_not_required,
    column_taken,
    computed_is_entered,
    default_refused,
    field_twice_on_form,
    folder_of_kind,
    form_reaches_required,
    grant_without_effect,
    import_column_twice,
    import_parent,
    index_impossible,
    index_name_taken,
    lines_unheld,
    measure_impossible,
    menu_leads_to_lines,
    name_repeated,
    name_reserved,
    name_without_prefix,
    object_without_view,
    options_refused,
    related_unknown,
    report_names,
    scope_without_owner,
    sort_impossible,
    table_taken,
    title_missing,
    translation_missing,
    two_defaults,
)
from dougong.definitions.linked import Linked


class Check(Protocol):
    """A module with one rule; its docstring is its page in the reference."""

    __name__: str
    __doc__: str | None
    CODE: str

    def problems(self, linked: Linked) -> Iterator[Problem]:
        """Find what breaks the rule."""


CHECKS: tuple[Check, ...] = (
    name_reserved,
    name_repeated,
    index_name_taken,
    column_taken,
    table_taken,
    title_missing,
    lines_unheld,
    menu_leads_to_lines,
    computed_is_entered,
    import_column_twice,
    default_refused,
    form_reaches_required,
    two_defaults,
    options_refused,
    report_names,
    sort_impossible,
    index_impossible,
    related_unknown,
    name_without_prefix,
    scope_without_owner,
    measure_impossible,
    import_parent,
    translation_missing,
    object_without_view,
    grant_without_effect,
    bundle_not_required,
    folder_of_kind,
    field_twice_on_form,
)
"""Every rule, in the order of the codes."""
