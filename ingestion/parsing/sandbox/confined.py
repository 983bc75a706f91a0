"""Runs a program under parse limits: `python -m …sandbox.confined LIMITS PROGRAM ARGUMENT…`.

Only `libreoffice` starts this module. The program replaces this process and keeps its limits.
"""

import json
import os
import sys

from ingestion.parsing.sandbox.limits import Limits, grant_cpu, restrict


def main() -> None:
    """Restrict this process and replace it with the program."""
    limits = Limits(**json.loads(sys.argv[1]))
    restrict(limits, unix_sockets=True)
    grant_cpu(limits)
    os.execv(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
