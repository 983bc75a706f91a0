"""The processing history of a document: each run with the durations and counts of its stages.

Formats the rows of `queue.run_recorder` in the reader's language.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingestion.models import Document, Run
from ingestion.queue.run_recorder import QUEUE_STAGE

SECOND, MINUTE, HOUR = 1000, 60_000, 3_600_000
MIN_BAR_PERCENT: Final = 0.6  # Keeps the bar of the quickest stage visible.


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: label, duration, start and width of its bar in percent, and counts."""

    label: str
    duration: str
    begins: str
    width: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run with its formatted stages."""

    run: Run
    duration: str
    steps: tuple[Step, ...]


def told(document: Document) -> list[RunSummary]:
    """Return the latest runs of a document, newest first."""
    return [RunSummary(run, duration(_worked(run)), _steps(run)) for run in document.runs.all()]


def _worked(run: Run) -> int:
    return sum(step["ms"] for step in run.steps if step["stage"] != QUEUE_STAGE)


def _steps(run: Run) -> tuple[Step, ...]:
    """Return the stages of a run as bars in percent of the time outside the queue."""
    total, begins, steps = max(_worked(run), 1), 0.0, []
    for row in run.steps:
        label, share = _("Waiting"), 0.0
        if row["stage"] != QUEUE_STAGE:
            label, share = str(Document.Stage(row["stage"]).label), 100 * row["ms"] / total
        width = min(max(share, MIN_BAR_PERCENT), 100 - begins) if share else 0.0
        steps.append(Step(label, duration(row["ms"]), f"{begins:.2f}", f"{width:.2f}", _facts(row)))
        begins = min(begins + share, 100 - MIN_BAR_PERCENT)
    return tuple(steps)


def duration(ms: int) -> str:
    """Return a duration in the two largest units."""
    if ms < SECOND:
        return _("%(number)s ms") % {"number": ms}
    if ms < MINUTE:
        return _("%(number)s s") % {"number": f"{ms / SECOND:.1f}"}
    if ms < HOUR:
        return _("%(minutes)s min %(seconds)s s") % {
            "minutes": ms // MINUTE,
            "seconds": ms % MINUTE // SECOND,
        }
    return _("%(hours)s h %(minutes)s min") % {"hours": ms // HOUR, "minutes": ms % HOUR // MINUTE}


def _facts(row: Mapping[str, Any]) -> tuple[str, ...]:
    facts = []
    if pages := row.get("pages"):
        facts.append(
            ngettext("%(number)s page", "%(number)s pages", pages) % {"number": intcomma(pages)}
        )
    if elements := row.get("elements"):
        said = ngettext(
            "%(number)s paragraph, heading or table",
            "%(number)s paragraphs, headings and tables",
            elements,
        )
        facts.append(said % {"number": intcomma(elements)})
    if documents := row.get("documents"):
        facts.append(
            ngettext("%(number)s document", "%(number)s documents", documents)
            % {"number": intcomma(documents)}
        )
    if (chunks := row.get("chunks")) is not None:
        facts.append(
            ngettext("%(number)s passage", "%(number)s passages", chunks)
            % {"number": intcomma(chunks)}
        )
    if (known := row.get("known")) is True:
        facts.append(_("parsed text reused"))
    elif known:
        facts.append(
            ngettext("%(number)s reused", "%(number)s reused", known) % {"number": intcomma(known)}
        )
    if model := row.get("model"):
        facts.append(_("with %(model)s") % {"model": model})
    if without := row.get("without_vector"):
        said = ngettext("%(number)s keyword search only", "%(number)s keyword search only", without)
        facts.append(said % {"number": intcomma(without)})
    return tuple(facts)
