"""Times as people type them: 14:05, Thu 14:05, 2026-11-24 14:05, -2h."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from ..errors import WrongUsage
from ..text import _

_AGO = re.compile(r"-(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DAY = re.compile(r"(?:([^\W\d]{2,3})\s+)?(\d{1,2}):(\d\d)(?::(\d\d))?")
_WEEKDAYS = (
    {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
    | {"po": 0, "út": 1, "st": 2, "čt": 3, "pá": 4, "so": 5, "ne": 6}
    | {"ut": 1, "ct": 3, "pa": 4}
)


def moment(text: str, now: datetime | None = None) -> datetime:
    """The moment that ``text`` means: a date with or without a time, ``-2h`` (s, m, h, d) before ``now``, or the last
    such time of the day or of the week before ``now`` (default: now). Without an offset it is local time.

    Raises WrongUsage for what is none.
    """
    now = now if now is not None else datetime.now().astimezone()
    asked = text.strip().lower()
    try:
        found = _relative(asked, now) or _of_the_day(asked, now)
        if found is None:
            # Python 3.10 knows no Z.
            found = datetime.fromisoformat(re.sub(r"z$", "+00:00", asked.replace("t", " ", 1)))
        return found if found.tzinfo is not None else found.astimezone()
    except (ValueError, OverflowError) as error:
        raise WrongUsage(
            _("That is no time: {text}").format(text=text),
            "",
            _("Times are given as 14:05, Thu 14:05, 2026-11-24 14:05 or -2h."),
        ) from error


def _relative(asked: str, now: datetime) -> datetime | None:
    match = _AGO.fullmatch(asked)
    return None if match is None else now - timedelta(**{_UNITS[match[2]]: int(match[1])})


def _of_the_day(asked: str, now: datetime) -> datetime | None:
    match = _DAY.fullmatch(asked)
    if match is None:
        return None
    weekday, hour, minute, second = match.groups()
    if weekday is not None and weekday not in _WEEKDAYS:
        raise ValueError(weekday)
    days = 0 if weekday is None else (now.weekday() - _WEEKDAYS[weekday]) % 7
    day = now.replace(tzinfo=None) - timedelta(days=days)
    # Made local anew: another day may have another offset.
    found = day.replace(hour=int(hour), minute=int(minute), second=int(second or 0), microsecond=0).astimezone()
    if found > now:
        found = (found.replace(tzinfo=None) - timedelta(days=1 if weekday is None else 7)).astimezone()
    return found
