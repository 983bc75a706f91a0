"""What `manage.py doctor` looks at of reading documents; its other parts are in `embedded.health.doctor`."""

import subprocess
import sys

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from embedded.health.doctor import Finding
from embedded.terminal_language import ROOT
from ingestion.models import Blob, Document, Version
from ingestion.parsing.sandbox.libreoffice import office_program
from ingestion.storage import integrity

TRY = (
    "from ingestion.parsing.sandbox.limits import leave_network;"
    "from ingestion.parsing.sandbox.socket_filter import refuse_sockets;"
    "print(int(leave_network()), int(refuse_sockets()))"
)
LONGEST = 20.0
DIGEST_SECONDS = 10.0
SHOWN_NAMES = 5


def office() -> Finding:
    """Whether the formats of old Word and PowerPoint can be read."""
    if program := office_program():
        return Finding("office", True, _("DOC, PPT and WPD are read by %(program)s.") % {"program": program})
    sentence = _("DOC, PPT and WPD cannot be read until LibreOffice is installed; every other format can.")
    return Finding("office", True, sentence)


def originals() -> Finding:
    """Whether the files of documents are there and have not changed: all by their size, the oldest by their digest."""
    checked = integrity.check_oldest(DIGEST_SECONDS)
    damaged = {*integrity.of_wrong_size(), *Blob.objects.filter(damaged=True).values_list("sha256", flat=True)}
    if not damaged:
        values = {"all": Blob.objects.count(), "read": checked.files}
        return Finding("originals", True, _("%(all)d files are there; %(read)d were read again just now.") % values)
    of_damaged = Q(blob__in=damaged) | Exists(Version.objects.filter(document=OuterRef("pk"), blob__in=damaged))
    names = Document.objects.filter(of_damaged).order_by("name").values_list("name", flat=True)
    shown = ", ".join(f"“{name}”" for name in names[:SHOWN_NAMES])
    detail = _("%(count)d files are damaged or missing, those of %(names)s.") % {"count": len(damaged), "names": shown}
    return Finding("originals", False, detail, _("Add the same files again, or restore them from a backup."))


def isolation() -> Finding:
    """Which of the two barriers around the processes that read documents this system enforces: tried in one process."""
    tried = subprocess.run([sys.executable, "-c", TRY], cwd=ROOT, check=False, capture_output=True, timeout=LONGEST)
    namespace, filtered = (word == b"1" for word in [*tried.stdout.split(), b"0", b"0"][:2])
    if namespace and filtered:
        return Finding(
            "isolation", True, _("Documents are read by processes that have no network and open no sockets.")
        )
    if namespace:
        sentence = _("Documents are read by processes that have no network; a filter of system calls is not enforced.")
        return Finding("isolation", True, sentence)
    if filtered:
        # A container as a rule grants no namespace of its own: no fault, but worth knowing.
        sentence = _(
            "Documents are read by processes that open no sockets, by a filter of system calls; this system grants them"
            " no network namespace of their own."
        )
        return Finding("isolation", True, sentence)
    sentence = _(
        "Documents are read by processes that only Python keeps from the network; native libraries in them could"
        " connect, because this system offers neither network namespaces nor filters of system calls."
    )
    advice = _("Run Reading Room on a Linux that allows seccomp filters or unprivileged user namespaces.")
    return Finding("isolation", sys.platform != "linux", sentence, advice)
