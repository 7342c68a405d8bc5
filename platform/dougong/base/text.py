"""text that is translated when it is shown

Two sorts: `Text` was written by an author, in one or several languages; `Message` is ours, an English sentence
with parameters whose translations stand in `translations/<locale>/<area>.po`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

FALLBACK = "en"
_HERE = Path(__file__).parent / "translations"


class Text:
    """A label or a sentence of an author, by language (BCP 47)."""

    __slots__ = ("by_language",)

    def __init__(self, by_language: Mapping[str, str]) -> None:
        self.by_language: dict[str, str] = dict(by_language)

    @classmethod
    def of(cls, said: str | Mapping[str, str] | Text, language: str = FALLBACK) -> Text:
        """Read what an author wrote: plain text is in the bundle's `language`."""
        if isinstance(said, Text):
            return said
        return cls({language: said} if isinstance(said, str) else said)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Let a kind or an option of an extension have a `Text`: text, or texts by language."""

        def read(value: Any, info: core_schema.ValidationInfo) -> Text:
            language = (info.context or {}).get("language", FALLBACK)
            if isinstance(value, (str, Text)):
                return cls.of(value, language)
            if isinstance(value, Mapping) and all(isinstance(text, str) for text in value.values()):
                return cls({str(name): text for name, text in value.items()})
            raise ValueError("write text, or texts by language such as {en: …, zh-CN: …}")

        return core_schema.with_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(lambda text: dict(text.by_language))
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe a `Text` for the JSON Schema of a kind."""
        by_language = {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}
        return {"anyOf": [{"type": "string"}, by_language], "title": "Text"}

    def show(self, locale: str) -> str:
        """Give the text in the nearest language there is: `zh-TW` → `zh`, `zh-*` → English → any."""
        for candidate in fallbacks(locale):
            if candidate in self.by_language:
                return self.by_language[candidate]
        family = locale.split("-")[0]
        for language, text in self.by_language.items():
            if language.split("-")[0] == family:
                return text
        return self.by_language.get(FALLBACK) or next(iter(self.by_language.values()), "")

    def __bool__(self) -> bool:
        return any(self.by_language.values())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and self.by_language == other.by_language

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.by_language.items())))

    def __repr__(self) -> str:
        return f"Text({self.by_language!r})"


class Message:
    """A sentence of ours: English text with `{parameters}`, and a stable code for machines.

    Parameters may be `Text` or `Message` themselves; they are shown in the same language.
    """

    __slots__ = ("code", "params", "text")

    def __init__(self, text: str, *, code: str = "", **params: Any) -> None:
        self.text = text
        self.code = code
        self.params = params

    def show(self, locale: str) -> str:
        """Give the sentence in a language."""
        shown = translations(locale).get(self.text) or self.text
        return fill(shown, self.params, locale)

    def __str__(self) -> str:
        return self.show(FALLBACK)

    def __repr__(self) -> str:
        return f"Message({self.text!r}, code={self.code!r}, {self.params!r})"


class Verbatim(Message):
    """A sentence that an author wrote, carried where a `Message` is expected."""

    __slots__ = ("said",)

    def __init__(self, said: Text, *, code: str = "") -> None:
        super().__init__(said.show(FALLBACK), code=code)
        self.said = said

    def show(self, locale: str) -> str:
        """Give the author's sentence in the nearest language."""
        return self.said.show(locale)


def fill(sentence: str, params: Mapping[str, Any], locale: str) -> str:
    """Put parameters into a sentence, by plain replacement: a brace in a value is only a brace."""
    if not params:
        return sentence
    pieces: list[str] = []
    rest = sentence
    while rest:
        before, brace, after = rest.partition("{")
        pieces.append(before)
        if not brace:
            break
        name, closed, rest = after.partition("}")
        if closed and name in params:
            pieces.append(_shown(params[name], locale))
        else:
            pieces.append(brace + name + closed)
    return "".join(pieces)


def _shown(value: object, locale: str) -> str:
    if isinstance(value, (Text, Message)):
        return value.show(locale)
    return str(value)


def fallbacks(locale: str) -> Iterable[str]:
    """The languages to try for a locale, nearest first: `zh-Hans-CN`, `zh-Hans`, `zh`."""
    parts = locale.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


_loaded: dict[str, dict[str, str]] = {}


def translations(locale: str) -> Mapping[str, str]:
    """Our sentences in one locale, by their English text; read from the package once."""
    if locale not in _loaded:
        _loaded[locale] = _read(locale)
    return _loaded[locale]


def _read(locale: str) -> dict[str, str]:
    if locale.split("-")[0] == FALLBACK:
        return {}
    folders = [_HERE / candidate for candidate in fallbacks(locale)]
    folders += sorted(_HERE.glob(f"{locale.split('-')[0]}-*"))
    folder = next((folder for folder in folders if folder.is_dir()), None)
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.po")) if folder else []:
        with path.open("rb") as file:
            for entry in read_po(file):
                if entry.id and isinstance(entry.id, str) and isinstance(entry.string, str) and entry.string:
                    found[entry.id] = entry.string
    return found


def as_data(said: Text | Message) -> dict[str, Any]:
    """Give a sentence as JSON that is shown later, in whatever language; parameters are kept as what they show."""
    match said:
        case Verbatim():
            return {"by_language": said.said.by_language}
        case Text():
            return {"by_language": said.by_language}
        case _:
            return {"text": said.text, "params": {name: _kept(value) for name, value in said.params.items()}}


def _kept(value: object) -> Any:
    return as_data(value) if isinstance(value, (Text, Message)) else str(value)


def from_data(data: Mapping[str, Any]) -> Message:
    """Read a sentence that `as_data` wrote."""
    if "by_language" in data:
        return Verbatim(Text(data["by_language"]))
    params: dict[str, Any] = {
        name: from_data(each) if isinstance(each, Mapping) else each for name, each in data["params"].items()
    }
    return Message(data["text"], **params)
