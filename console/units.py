"""Numbers as people read them: durations, sizes and shares, short enough for a table cell."""

from __future__ import annotations

from .text import _

_SIZES = ("B", "kB", "MB", "GB", "TB")


def duration(seconds: float | None) -> str:
    """A span in its two largest units: ``5 s``, ``3 min``, ``2 h 5 min``, ``2 d 3 h``; empty for None.

    Seconds are only told below a minute, so that a table of old programs does not change every second.
    """
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if whole < 60:
        return _("{n} s").format(n=whole)
    if minutes < 60:
        return _("{n} min").format(n=minutes)
    if hours < 24:
        rest = minutes % 60
        return _("{h} h {m} min").format(h=hours, m=rest) if rest else _("{h} h").format(h=hours)
    rest = hours % 24
    return _("{d} d {h} h").format(d=days, h=rest) if rest else _("{d} d").format(d=days)


def seconds(value: float | None) -> str:
    """A measured time: ``0.37 s``, ``4.2 s``, ``12 s``, or ``4 ms`` below a tenth of a second."""
    if value is None:
        return ""
    if value < 0.1:
        return _("{n} ms").format(n=max(1, round(value * 1000)))
    digits = 2 if value < 1 else 1 if value < 10 else 0
    return _("{n} s").format(n=decimal(value, digits))


def decimal(value: float, digits: int) -> str:
    """``value`` with ``digits`` decimals and the decimal sign of the language."""
    # Translators: the decimal sign of your language.
    return f"{value:.{digits}f}".replace(".", _("."))


def size(count: int | None) -> str:
    """Bytes with a decimal unit: ``84 MB``, ``1.2 GB``; empty for None."""
    if count is None:
        return ""
    value = float(count)
    for unit in _SIZES:
        if value < 999.5 or unit == _SIZES[-1]:
            digits = 1 if value < 9.95 and unit in ("GB", "TB") else 0
            return f"{decimal(value, digits)} {unit}"
        value /= 1000
    raise AssertionError("unreachable")


def size_of(used: int, limit: int | None) -> str:
    """A use against its limit in one unit where both share it: ``212/512 MB``, ``800 MB/1.0 GB``, ``84 MB``."""
    if limit is None:
        return size(used)
    left, right = size(used), size(limit)
    if left.rsplit(" ", 1)[-1] == right.rsplit(" ", 1)[-1]:
        left = left.rsplit(" ", 1)[0]
    return f"{left}/{right}"


def percent(value: float | None) -> str:
    """A share of one core: ``0.4 %``, ``12 %``; empty for None."""
    if value is None:
        return ""
    return f"{decimal(value, 1 if value < 9.95 else 0)} %"
