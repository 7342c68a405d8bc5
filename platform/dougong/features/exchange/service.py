"""import and export: what screens, commands and jobs use of them"""

from __future__ import annotations

from dougong.features.exchange.batches import Batch, list_batches
from dougong.features.exchange.importing import CHUNK, Imported, OnProgress, Work, import_file
from dougong.features.exchange.preview import ColumnGuess, Preview, map_of, preview
from dougong.features.exchange.taking_back import Left, TakenBack, undo_batch
from dougong.features.exchange.writing import export

# The names that edges use; the rest of `exchange` is for the import itself.
__all__ = [
    "CHUNK", "Batch", "ColumnGuess", "Imported", "Left", "OnProgress", "Preview", "TakenBack", "Work",
    "export", "import_file", "list_batches", "map_of", "preview", "undo_batch",
]  # fmt: skip
