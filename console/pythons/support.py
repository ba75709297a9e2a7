"""How long CPython's branches are supported.

The dates are those of https://devguide.python.org/versions/ (``include/release-cycle.json`` of its repository) and,
for the end of regular fixes, of each branch's release schedule: PEP 619 (3.10), 664 (3.11), 693 (3.12), 719 (3.13),
745 (3.14), 790 (3.15). The future ones are given by the month there, and so they are here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

SUPPORTED, SECURITY, ENDED, UNKNOWN = "supported", "security", "ended", "unknown"
# Branch: the end of regular fixes (None: long past), the end of security fixes, which is the branch's end.
_BRANCHES: dict[str, tuple[str | None, str]] = {
    "2.6": (None, "2013-10-29"),
    "2.7": (None, "2020-01-01"),
    "3.0": (None, "2009-06-27"),
    "3.1": (None, "2012-04-09"),
    "3.2": (None, "2016-02-20"),
    "3.3": (None, "2017-09-29"),
    "3.4": (None, "2019-03-18"),
    "3.5": (None, "2020-09-30"),
    "3.6": (None, "2021-12-23"),
    "3.7": (None, "2023-06-27"),
    "3.8": (None, "2024-10-07"),
    "3.9": (None, "2025-10-31"),
    "3.10": ("2023-04-05", "2026-10"),
    "3.11": ("2024-04-02", "2027-10"),
    "3.12": ("2025-04-08", "2028-10"),
    "3.13": ("2026-10", "2029-10"),
    "3.14": ("2027-10", "2030-10"),
    "3.15": ("2028-10", "2031-10"),
}


@dataclass(frozen=True)
class Support:
    """``state``: supported (all fixes), security (security fixes only), ended, or unknown (no such branch is known).

    ``fixes_until`` and ``end_of_life`` are ISO 8601 dates, or months ("2028-10"), whose last day is meant then;
    ``fixes_until`` is None where it is long past or unknown.
    """

    state: str
    fixes_until: str | None
    end_of_life: str | None


def support_of(version: str, today: date) -> Support:
    """How the branch of ``version`` ("3.11.7") is supported on the day ``today``."""
    branch = re.match(r"\d+\.\d+", version)
    if branch is None or branch.group() not in _BRANCHES:
        return Support(UNKNOWN, None, None)
    fixes, end = _BRANCHES[branch.group()]
    if _is_past(end, today):
        return Support(ENDED, fixes, end)
    return Support(SECURITY if fixes is None or _is_past(fixes, today) else SUPPORTED, fixes, end)


def _is_past(told: str, today: date) -> bool:
    """Whether the day ``told``, or all of the month, is before ``today``."""
    return told < today.isoformat()[: len(told)]
