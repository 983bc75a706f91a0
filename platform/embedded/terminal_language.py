"""The terminal's language, for processes that run without Django too: the same catalogues by the standard library.

A terminal names a language and a country, a catalogue its language and script: the one is told from the other here.
"""

import gettext as catalogues
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In the order in which they count.
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def of_the_terminal() -> str:
    """Return the name of the language as Django has it, "" for the one that the sentences are written in."""
    wanted = next((value for name in VARIABLES if (value := os.environ.get(name))), "")
    return "zh-hans" if wanted.lower().startswith("zh") else ""


_NAMES = ["zh_Hans"] if of_the_terminal() else []
gettext = catalogues.translation("django", str(ROOT / "locale"), _NAMES, fallback=True).gettext
