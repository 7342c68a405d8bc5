"""run the command line with `python -m dougong`"""

from __future__ import annotations

from dougong.cli.main import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
