"""The terminal's language for processes that run without Django: the same catalogues, read by the standard library."""

import gettext as catalogues
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

gettext = catalogues.translation("django", localedir=str(ROOT / "locale"), fallback=True).gettext
