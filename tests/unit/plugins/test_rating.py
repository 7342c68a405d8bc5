from dougong.testing.contracts import FieldTypeContract
from plugins.rating import Rating


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
