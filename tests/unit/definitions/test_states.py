from __future__ import annotations

from tests.unit.definitions.bundles import crm, files, linked, loaded, said

ORDER = """
    kind: object
    name: order
    label: Order
    title: name
    fields:
      - {name: name, type: text, label: Name, sortable: true}
      - {name: amount, type: decimal, scale: 2, label: Amount}
      - name: stage
        type: choice
        label: Stage
        default: open
        options: [{value: new, label: New}, {value: open, label: Open}, {value: done, label: Done}]
    states:
      field: stage
      initial: [open, new]
      transitions:
        - name: finish
          label: Finish
          from: [open, new]
          to: done
          roles: [administrator]
"""
VIEW = "kind: view\nname: orders\nlabel: Orders\nobject: order\ncolumns: [{name: name}]\n"
MORE = {"objects/order.yaml": ORDER, "views/orders.yaml": VIEW}


def with_text(more: str) -> list[str]:
    return said(loaded(crm({**MORE, "objects/order.yaml": ORDER + more})))


def test_states_are_read() -> None:
    order = linked(crm(MORE)).definitions["object"]["order"]
    finish = order.states.transitions[0]  # type: ignore[attr-defined]
    assert (finish.from_, finish.to, finish.by, finish.style) == (("open", "new"), "done", "person", "default")


def test_initial_state_is_the_fields_default_or_its_first_option() -> None:
    states = linked(crm(MORE)).definitions["object"]["order"].states  # type: ignore[attr-defined]
    bare = states.model_copy(update={"initial": ()})
    assert states.begins_in("open", "new") == ("open", "new")
    assert bare.begins_in("open", "new") == ("open",)
    assert bare.begins_in(None, "new") == ("new",)
    assert bare.begins_in(None, None) == ()


def test_effect_has_to_fit_its_field() -> None:
    (problem,) = with_text("          set: [{field: amount, value: name}]\n")
    assert "E316 the expression gives a text, and field 'amount' holds a number" in problem


def test_names_and_expressions_of_states_are_followed() -> None:
    more = """\
          when: amont > 0
          requires: [nam]
      locks:
        - {name: done, states: [done], except_fields: [nme], unless_roles: [bos]}
"""
    codes = [(line.split(" ")[1], line.split("'")[-2]) for line in with_text(more)]
    assert codes == [("E303", "amont"), ("E303", "nam"), ("E303", "nme"), ("E301", "bos")]


def test_transition_named_twice_is_told() -> None:
    problems = with_text("        - {name: finish, label: F, from: [done], to: open}\n")
    assert [line.split(" ")[1] for line in problems] == ["E402"]


def test_patch_changes_a_transition_by_its_name() -> None:
    patch = """
        kind: patch
        name: x_finish
        patches: object/order
        change:
          states:
            transitions:
              - {name: finish, from: [done], by: system}
              - {name: x_again, label: Again, from: [done], to: open}
    """
    order = linked(crm(MORE), files("site", {"patches/x_finish.yaml": patch})).definitions["object"]["order"]
    finish, again = order.states.transitions  # type: ignore[attr-defined]
    assert (finish.from_, finish.by, again.name) == (("open", "new", "done"), "system", "x_again")
