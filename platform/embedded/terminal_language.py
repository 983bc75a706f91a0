"""The terminal's language, from the standard library's gettext, for processes without Django too.

Terminals name language and country, catalogues language and script; this module maps the first to
the second.
"""

import gettext as catalogues
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# In order of precedence.
LANGUAGE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def of_the_terminal() -> str:
    """Return Django's code of the language; "" for English, the language of the source texts."""
    wanted = next((value for name in LANGUAGE_VARIABLES if (value := os.environ.get(name))), "")
    return "zh-hans" if wanted.lower().startswith("zh") else ""


_CATALOGUE_NAMES = ["zh_Hans"] if of_the_terminal() else []
gettext = catalogues.translation(
    "django", str(ROOT / "locale"), _CATALOGUE_NAMES, fallback=True
).gettext
