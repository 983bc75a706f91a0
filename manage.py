#!/usr/bin/env python
"""Django's command line, with platform/ as a second source root."""

import os
import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parent / "platform"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    """Run the command named on the command line, with the embedded database at hand if it needs one."""
    from embedded.command_line import execute

    execute(sys.argv)


if __name__ == "__main__":
    main()
