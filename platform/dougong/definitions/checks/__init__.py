"""one file each: the semantic rules of definitions"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from dougong.base.problems import Problem
from dougong.definitions.checks import (
    actions_impossible,
    bpmn_code,
    bpmn_unreachable,
    bpmn_unreadable,
    bpmn_unsupported,
    bundle_not_required,
    button_impossible,
    column_taken,
    computed_is_entered,
    dashboard_impossible,
    default_refused,
    field_twice_on_form,
    flow_expressions,
    flow_nodes,
    flow_process,
    flow_transitions,
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
    notification_words,
    object_without_view,
    options_refused,
    parameter_impossible,
    recipient_is_nobody,
    related_unknown,
    report_names,
    scope_without_owner,
    sort_impossible,
    state_unknown,
    state_unreachable,
    table_taken,
    template_body,
    template_names,
    timeline_impossible,
    title_missing,
    transition_fields,
    transition_twice,
    translation_missing,
    trigger_impossible,
    two_defaults,
    view_impossible,
    view_part_missing,
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
    bpmn_unreadable,
    bpmn_code,
    bpmn_unsupported,
    flow_nodes,
    bpmn_unreachable,
    flow_expressions,
    flow_process,
    flow_transitions,
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
    timeline_impossible,
    options_refused,
    report_names,
    sort_impossible,
    index_impossible,
    related_unknown,
    name_without_prefix,
    scope_without_owner,
    measure_impossible,
    import_parent,
    parameter_impossible,
    state_unknown,
    transition_twice,
    transition_fields,
    trigger_impossible,
    actions_impossible,
    button_impossible,
    view_part_missing,
    view_impossible,
    dashboard_impossible,
    recipient_is_nobody,
    notification_words,
    template_body,
    template_names,
    translation_missing,
    object_without_view,
    grant_without_effect,
    bundle_not_required,
    folder_of_kind,
    field_twice_on_form,
    state_unreachable,
)
"""Every rule, in the order of the codes."""
