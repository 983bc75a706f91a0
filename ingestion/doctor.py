"""What `manage.py doctor` looks at of reading documents; its other parts are in `embedded.doctor`."""

import subprocess
import sys

from django.utils.translation import gettext as _

from embedded.doctor import Finding
from embedded.language import ROOT
from ingestion.parsing.conversion import office_program

TRY = "import sys; from ingestion.parsing.limits import leave_network; sys.exit(0 if leave_network() else 3)"
LONGEST = 20.0


def office() -> Finding:
    """Whether the formats of old Word, PowerPoint and Excel can be read."""
    if program := office_program():
        return Finding("office", True, _("DOC, PPT, XLSB and WPD are read by %(program)s.") % {"program": program})
    sentence = _("DOC, PPT, XLSB and WPD cannot be read until LibreOffice is installed; every other format can.")
    return Finding("office", True, sentence)


def isolation() -> Finding:
    """Whether the processes that read documents have no network: tried in one, since there is no way back."""
    tried = subprocess.run([sys.executable, "-c", TRY], cwd=ROOT, check=False, capture_output=True, timeout=LONGEST)
    if tried.returncode == 0:
        return Finding("isolation", True, _("Documents are read by processes that have no network."))
    # A container rarely allows it, and the reading processes refuse connections by themselves too: no fault, but known.
    sentence = _(
        "Documents are read by processes that refuse to connect anywhere, but this system does not let them leave the"
        " network altogether; allow unprivileged user namespaces to have that too."
    )
    return Finding("isolation", True, sentence)
