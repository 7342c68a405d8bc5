from pathlib import Path

from dougong.testing.contracts import FieldTypeContract
from plugins.rating import Rating

ROOT = Path(__file__).parents[3]


class TestRating(FieldTypeContract):
    field_type = Rating(stars=3)
    accepts = {"1": 1, 3: 3}
    refuses = {
        "four": "Choose between 1 and 3 stars.",
        "0": "Choose between 1 and 3 stars.",
        4: "rating_range",
        2.5: "rating_range",
    }
    shows = {2: "★★☆"}
    cells = {"2": 2}
    dumps = {2: 2}
    ascending = (1, 2, 3)


def test_page_about_field_types_shows_the_plugin_and_its_test_as_they_are() -> None:
    page = (ROOT / "docs/plugin/field_types.md").read_text(encoding="utf-8")
    plugin = (ROOT / "plugins/rating.py").read_text(encoding="utf-8")
    assert plugin in page
    assert "class TestRating(FieldTypeContract):" in page
