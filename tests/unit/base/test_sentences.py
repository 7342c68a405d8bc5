"""An author's sentence shows values and does nothing else."""

from __future__ import annotations

import pytest

from dougong.base.templating import BadSentence, Plain, Sentence

RECORD = Plain("Lease", {"name": Plain("A", {}), "customer": Plain("Lotus", {"name": Plain("Lotus Ltd", {})})})


def test_values_are_shown_by_path() -> None:
    sentence = Sentence("{{ record.name }} of {{ record.customer }} ({{ record.customer.name | upper }})")
    assert sentence.paths == (("record", "name"), ("record", "customer"), ("record", "customer", "name"))
    assert sentence.fill({"record": RECORD}) == "A of Lotus (LOTUS LTD)"


def test_value_is_text_and_nothing_is_done_with_it() -> None:
    shown = Plain("{{ record.name }} <b>", {})
    assert Sentence("{{ record.x }}").fill({"record": Plain("", {"x": shown})}) == "{{ record.name }} <b>"


def test_blank_may_be_asked_for() -> None:
    sentence = Sentence("{% if record.name == 'A' %}yes{% else %}no{% endif %}")
    assert sentence.fill({"record": RECORD}) == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "{{ record.__class__.__mro__ }}",
        "{{ record._inner }}",
        "{{ record['__class__'] }}",
        "{{ record.name.__class__.__base__.__subclasses__() }}",
        "{{ ''.__class__ }}",
        "{{ ''.join(['a']) }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ range(1000000000) | join }}",
        "{{ record.nothing }}",
        "{{ lipsum() }}",
        "{{ self }}{{ cycler() }}",
        "{{ record | attr('_inner') }}",
        "{% include 'frame.html' %}",
        "{% import 'frame.html' as f %}",
    ],
)
def test_nothing_else_can_be_reached(text: str) -> None:
    def shown() -> str:
        return Sentence(text).fill({"record": RECORD})

    with pytest.raises(BadSentence):
        shown()


@pytest.mark.parametrize("text", ["{{ record.name", "{% if %}", "{{ }}", "{% nothing %}"])
def test_what_cannot_be_read_is_told(text: str) -> None:
    with pytest.raises(BadSentence):
        Sentence(text)
