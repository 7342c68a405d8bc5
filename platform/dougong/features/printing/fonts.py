"""fonts that have Chinese: one of the system's, else the one that comes as a package"""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

PACKAGED = ("noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc")
"""A package that holds nothing but Noto Sans CJK, under the SIL Open Font License."""
_LIBRARIES = ("libfontconfig.so.1", "libfontconfig.1.dylib", "fontconfig.dll", "libfontconfig-1.dll")


class _FontSet(ctypes.Structure):
    """The beginning of fontconfig's FcFontSet."""

    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


def system_has(language: str = "zh-cn") -> bool:
    """Whether the system has a font for a language, as fontconfig knows it."""
    library = _fontconfig()
    if library is None:
        return False
    pattern = library.FcNameParse(f":lang={language}".encode())
    wanted = library.FcObjectSetCreate()
    library.FcObjectSetAdd(wanted, b"family")
    found = library.FcFontList(None, pattern, wanted)
    count: int = found.contents.count if found else 0
    if found:
        library.FcFontSetDestroy(found)
    library.FcObjectSetDestroy(wanted)
    library.FcPatternDestroy(pattern)
    return count > 0


def packaged() -> Path | None:
    """Give the font that comes as a package, where it is installed."""
    package, name = PACKAGED
    found = importlib.util.find_spec(package)
    folders = list(found.submodule_search_locations or ()) if found else []
    files = [Path(folder) / name for folder in folders]
    return next((file for file in files if file.is_file()), None)


def _fontconfig() -> ctypes.CDLL | None:
    for name in _LIBRARIES:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.FcNameParse.restype = ctypes.c_void_p
        library.FcNameParse.argtypes = [ctypes.c_char_p]
        library.FcObjectSetCreate.restype = ctypes.c_void_p
        library.FcObjectSetAdd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
        library.FcFontList.restype = ctypes.POINTER(_FontSet)
        library.FcFontList.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p]
        library.FcFontSetDestroy.argtypes = [ctypes.POINTER(_FontSet)]
        library.FcObjectSetDestroy.argtypes = [ctypes.c_void_p]
        library.FcPatternDestroy.argtypes = [ctypes.c_void_p]
        return library
    return None
