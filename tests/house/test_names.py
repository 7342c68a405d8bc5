"""names say what they name, in our words"""

from __future__ import annotations

from dougong.testing import house

OURS = (house.PLATFORM, house.ROOT / "plugins", house.ROOT / "tests", house.ROOT / "build_backend")


def test_no_empty_names():
    assert not house.empty_names(*OURS)


def test_no_class_is_a_manager():
    assert not house.empty_class_names(*OURS)


def test_words():
    assert not house.lost_words(*OURS)
