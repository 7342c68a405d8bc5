import random
import subprocess
import sys

import pytest
from pydantic import ValidationError
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

from dougong.builtin.field_types.text import ShortText
from dougong.sdk import InvalidValue, Reading, Text, sort_key
from dougong.sdk.words import syllables
from dougong.testing.contracts import FieldTypeContract


class TestShortText(FieldTypeContract):
    field_type = ShortText(max_length=20, sortable=True)
    accepts = {"Ada": "Ada", "  Ada  ": "Ada", "Å": "Å", "斗拱": "斗拱", "x" * 20: "x" * 20, "a\tb": "a\tb"}
    refuses = {
        "x" * 21: "Enter at most 20 characters.",
        "a\nb": "Enter it on one line.",
        "a\u2028b": "Enter it on one line.",
        "a\x07b": "Take out the characters that cannot be shown.",
        7: "Enter text.",
    }
    shows = {"Ada": "Ada"}
    cells = {"Ada": "Ada"}
    dumps = {"Ada": "Ada"}
    ascending = ("100", "ada", "Álvaro", "Berta", "重庆", "李安", "连城", "zebra", "张三")


class TestCodeWithPattern(FieldTypeContract):
    field_type = ShortText(pattern="[A-Z]{2}-[0-9]{3}")
    accepts = {"AB-123": "AB-123"}
    refuses = {"AB-1234": "Enter text that matches [A-Z]{2}-[0-9]{3}.", "ab-123": "text_pattern"}


class TestPatternWithWordsOfItsAuthor(FieldTypeContract):
    field_type = ShortText(pattern="[0-9]{6}", pattern_message=Text({"en": "Six digits.", "zh-CN": "请输入六位数字。"}))
    accepts = {"310000": "310000"}
    refuses = {"31000": "Six digits."}


def test_pattern_that_would_take_years_elsewhere_takes_no_time() -> None:
    field = ShortText(pattern="((a+)+)+b", max_length=2000)
    with pytest.raises(InvalidValue):
        field.parse("a" * 2000, Reading())


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "[z-a]", "a{1000}{1000}", r"(\w{50}){30}"])
def test_pattern_that_cannot_be_used_is_a_problem(pattern: str) -> None:
    (problem,) = ShortText(pattern=pattern).problems()
    assert problem.startswith(f"the pattern '{pattern}' cannot be used: ")


def test_text_longer_than_allowed_to_be_long_is_no_option() -> None:
    with pytest.raises(ValidationError):
        ShortText(max_length=2001)


def test_text_that_lists_do_not_sort_by_has_one_column() -> None:
    field = ShortText()
    assert [column.suffix for column in field.columns()] == [""]
    assert field.sort_column() is None
    assert field.store("张三") == ("张三",)


def test_key_is_pinyin_without_case_and_accents() -> None:
    assert sort_key("重庆Bank 李安") == "chong qing bank li an"
    assert sort_key("Ærø ＡＢＣ Straße Łódź") == "aero abc strasse lodz"
    assert len(sort_key("庄" * 500)) <= 64


def test_syllables_are_those_of_pypinyin() -> None:
    draw = random.Random(7)  # noqa: S311
    letters = [letter for letter in PINYIN_DICT if 0x4E00 <= letter <= 0x9FFF]
    texts = ["".join(chr(draw.choice(letters)) for _ in range(6)) for _ in range(300)]
    texts += draw.sample(sorted(PHRASES_DICT), 300)
    assert [syllables(text) for text in texts] == [lazy_pinyin(text) for text in texts]


def test_letter_that_pypinyin_does_not_know_stays() -> None:
    assert syllables("\U00020bb7") == ["\U00020bb7"]


def test_pinyin_is_loaded_only_for_chinese() -> None:
    code = (
        "import sys\n"
        "from dougong.sdk import sort_key\n"
        "sort_key('Ada Åse'); assert 'pypinyin' not in sys.modules\n"
        "sort_key('张三'); assert 'pypinyin' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
