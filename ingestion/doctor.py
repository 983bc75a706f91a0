"""Checks of `manage.py doctor` about documents; other checks are in `embedded.health.doctor`."""

import subprocess
import sys

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from embedded.health.doctor import Finding
from embedded.terminal_language import ROOT
from ingestion.models import Blob, Document, Version
from ingestion.parsing.sandbox.libreoffice import office_program
from ingestion.storage import integrity

ISOLATION_PROBE = (
    "from ingestion.parsing.sandbox.limits import leave_network;"
    "from ingestion.parsing.sandbox.socket_filter import refuse_sockets;"
    "print(int(leave_network()), int(refuse_sockets()))"
)
PROBE_TIMEOUT_SECONDS = 20.0
DIGEST_SECONDS = 10.0
MAX_LISTED_NAMES = 5


def office() -> Finding:
    """Check whether LibreOffice can convert old Word and PowerPoint formats."""
    if program := office_program():
        return Finding(
            "office", True, _("%(program)s converts DOC, PPT and WPD files.") % {"program": program}
        )
    sentence = _(
        "DOC, PPT and WPD files cannot be read without LibreOffice; all other formats can."
    )
    return Finding("office", True, sentence)


def originals() -> Finding:
    """Check the stored files: all by their size, those checked longest ago by their digest."""
    checked = integrity.check_oldest(DIGEST_SECONDS)
    damaged = {
        *integrity.of_wrong_size(),
        *Blob.objects.filter(damaged=True).values_list("sha256", flat=True),
    }
    if not damaged:
        values = {"all": Blob.objects.count(), "read": checked.files}
        return Finding(
            "originals",
            True,
            _("%(read)d of %(all)d files were verified; none is missing.") % values,
        )
    of_damaged = Q(blob__in=damaged) | Exists(
        Version.objects.filter(document=OuterRef("pk"), blob__in=damaged)
    )
    names = Document.objects.filter(of_damaged).order_by("name").values_list("name", flat=True)
    shown = ", ".join(f"“{name}”" for name in names[:MAX_LISTED_NAMES])
    detail = ngettext(
        "%(count)d file is damaged or missing: %(names)s.",
        "%(count)d files are damaged or missing: %(names)s.",
        len(damaged),
    ) % {"count": len(damaged), "names": shown}
    return Finding(
        "originals", False, detail, _("Upload the same files again, or restore them from a backup.")
    )


def isolation() -> Finding:
    """Check in a process which of the two barriers around parsing processes the system enforces."""
    tried = subprocess.run(
        [sys.executable, "-c", ISOLATION_PROBE],
        cwd=ROOT,
        check=False,
        capture_output=True,
        timeout=PROBE_TIMEOUT_SECONDS,
    )
    namespace, filtered = (word == b"1" for word in [*tried.stdout.split(), b"0", b"0"][:2])
    if namespace and filtered:
        return Finding(
            "isolation", True, _("Parser processes have no network access and cannot open sockets.")
        )
    if namespace:
        sentence = _("Parser processes have no network access; no system call filter is active.")
        return Finding("isolation", True, sentence)
    if filtered:
        # Most containers grant no nested namespaces, so this is no failure.
        sentence = _(
            "A system call filter keeps parser processes from opening sockets; this system does not provide network"
            " namespaces."
        )
        return Finding("isolation", True, sentence)
    sentence = _(
        "Only Python keeps parser processes off the network; native libraries could still connect, because this"
        " system has neither network namespaces nor system call filters."
    )
    advice = _(
        "Run Reading Room on a Linux system that allows seccomp filters or unprivileged user namespaces."
    )
    return Finding("isolation", sys.platform != "linux", sentence, advice)
