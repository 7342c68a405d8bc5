"""what the codes of problems mean, for the reference: those of the pipeline here, those of checks in their modules"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dougong.definitions.checks import CHECKS

PIPELINE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "E101": ("the file is not YAML", "The reader says what it expected; look at the line and at the one before."),
        "E102": ("a key stands twice", "Of two values for one key, one would be lost."),
        "E103": (
            "an alias that leads nowhere or multiplies",
            "Aliases may repeat small things. Those that repeat themselves in each other could fill the memory.",
        ),
        "E104": ("a tag", "Tags make a reader build what they name. A definition needs text, numbers, lists and keys."),
        "E105": ("a merge key", "`<<` is of YAML 1.1; definitions are YAML 1.2."),
        "E106": ("several documents in one file", "One file, one definition."),
        "E107": ("nested too deep", "No definition needs more than 50 levels."),
        "E108": ("a tab", "YAML is indented with spaces."),
        "E109": (
            "a number that cannot be kept",
            "Infinity and not-a-number are no values, and a number has at most 40 digits. Numbers are exact.",
        ),
        "E110": ("a key that is not text", "`1:` is a number and `true:` is no text; quote them to mean text."),
        "E111": ("no definition in the file", "A file begins with `kind:` and `name:`."),
        "E112": ("a file that is not UTF-8", "Save it as UTF-8."),
        "E113": ("a file that is too large", "A definition has at most 1 MiB."),
        "E114": ("too many files", "At most 20,000 are read at once."),
        "E115": ("a link that leads out of its bundle", "A bundle is whole: it can be packed and moved."),
        "E116": ("no bundle here", "A bundle is a folder with a `bundle.yaml`."),
        "E117": (
            "a character that may not stand in a file",
            "Control characters, and line ends that only YAML 1.1 knew.",
        ),
        "E201": (
            "unknown field type",
            "The field types that there are, built in and of plugins, stand in the reference.",
        ),
        "E202": ("unknown key", "No key is ignored: it may be a slip of one that matters."),
        "E203": ("a key is missing", "Without it the definition cannot be read."),
        "E204": (
            "a value of the wrong sort",
            "`no`, `yes` and dates are text in YAML 1.2; `true`, `false` and numbers are not.",
        ),
        "E205": ("a value that is not one of those allowed", "The hint says which was probably meant."),
        "E206": (
            "a text in the wrong form",
            "A name is a small letter, then small letters, digits and `_`; at most 40.",
        ),
        "E207": ("too small, too large, too short or too long", "The message says the bound."),
        "E208": ("unknown kind of definition", "The kinds and their folders stand in the author's guide."),
        "E209": ("keys that do not go together", "Each is well formed; the message says what they lack together."),
        "E210": ("not a language", "Texts by language have keys such as `en` and `zh-CN` (BCP 47)."),
        "E301": ("there is no such definition", "It is misspelt, or its bundle is not here."),
        "E302": (
            "a name is taken",
            "A kind has each name once, in all bundles together. To change another's, patch it.",
        ),
        "E303": (
            "there is no such field",
            "System fields come from the object's nature; others are declared or patched in.",
        ),
        "E304": ("an expression that cannot be read", "The place is that of the character where reading stopped."),
        "E305": ("an expression that makes no sense", "Its parts do not go together: a text compared with a number."),
        "E306": (
            "lines and lookups that contradict natures",
            "`children` hold an object of nature `child`, each held by one field; a lookup leads to any other nature.",
        ),
        "E307": ("formulas that compute each other", "One of them would have to be known first."),
        "E308": ("a required bundle is missing", "Add it, or take it out of `requires`."),
        "E309": ("a required bundle has another version", "Ranges are written like `>=1.2,<2`."),
        "E310": ("bundles that require each other", "Put what both need into a third."),
        "E311": ("a patch of nothing", "What it patches is gone or misspelt; a patch cannot change `kind` or `name`."),
        "E312": ("a patch names an item that is not there", "It may have been removed by the bundle's last version."),
        "E313": ("a patch of a patch", "Patches are laid over a definition in the order of their layers."),
        "E314": (
            "a change to the platform's own",
            "Managed objects such as `user` take new fields and indexes, and nothing else.",
        ),
        "E315": ("a bundle is not named like its folder", "The name is that of the layer in the database as well."),
        "E316": ("an expression does not give what its field holds", "`returns` says what a formula gives."),
        "E317": (
            "a stored formula that moves on its own",
            "A stored value is computed when its record is saved, so it may not hang on the day, on the reader or on "
            "other records.",
        ),
        "E318": ("a patch of a bundle that is not required", "Requiring it makes sure that it is laid first."),
    }
)


def reference() -> dict[str, tuple[str, str]]:
    """Give title and text of every code."""
    found = dict(PIPELINE)
    for check in CHECKS:
        title, _, text = (check.__doc__ or "").partition("\n")
        found[check.CODE] = (title.removeprefix(f"{check.CODE}: "), text.strip())
    return dict(sorted(found.items()))
