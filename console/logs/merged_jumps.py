"""Places in a merged log to go to: the next hit or error from where one is, a time, a part of the whole."""

from __future__ import annotations

from ..text import _
from .jumps import share_of
from .merged import Merged
from .merged_lines import MergedPosition, Places
from .merged_wanted import Share
from .search import Watcher, count_wanted
from .times import NoTimes, has_times
from .traceback_search import traceback_at
from .wanted import Errors, Wanted
from .when import moment


def merged_hit_after(merged: Merged, wanted: Wanted, places: Places, watcher: Watcher) -> MergedPosition | None:
    """The first wanted line from ``places`` on; None when there is none, or the search was cancelled."""
    return merged.last_of(merged.after(places, 1, wanted, max_line=0, watcher=watcher))


def merged_hit_before(merged: Merged, wanted: Wanted, places: Places, watcher: Watcher) -> MergedPosition | None:
    """The last wanted line before ``places``."""
    return merged.first_of(merged.before(places, 1, wanted, max_line=0, watcher=watcher))


def merged_error_after(merged: Merged, line: MergedPosition, watcher: Watcher) -> MergedPosition | None:
    """The first error or traceback behind ``line`` and the traceback that it belongs to."""
    timeline = merged.timeline(line.source)
    here = traceback_at(timeline, line.position)
    if here is not None:
        end = here.end
    else:
        lines = timeline.after(line.position, 1, max_line=0)
        end = lines[0].end if lines else timeline.end
    return merged_hit_after(merged, Errors(), merged.moved(merged.places_at(line), line.source, end), watcher)


def merged_error_before(merged: Merged, line: MergedPosition, watcher: Watcher) -> MergedPosition | None:
    """The last error or the begin of the last traceback before ``line``."""
    timeline, places = merged.timeline(line.source), merged.places_at(line)
    here = traceback_at(timeline, line.position)
    if here is not None and timeline.offset_of(here.begin) < timeline.offset_of(line.position):
        return MergedPosition(line.source, here.begin, merged.moved(places, line.source, here.begin))
    found = merged_hit_before(merged, Errors(), places, watcher)
    if found is None or found.places is None:
        return None
    traceback = traceback_at(merged.timeline(found.source), found.position)
    if traceback is None:
        return found
    return MergedPosition(found.source, traceback.begin, merged.moved(found.places, found.source, traceback.begin))


def merged_place_of(merged: Merged, text: str, watcher: Watcher) -> MergedPosition | None:
    """The line that ``text`` means: a time, or a part of the longest log. None where all is empty.

    Raises WrongUsage for what is neither, NoTimes where no log has times.
    """
    share, timelines = share_of(text), merged.timelines
    if not timelines:
        return None
    if share is not None:
        longest = max(timelines, key=lambda name: timelines[name].bytes.end - timelines[name].bytes.begin)
        return MergedPosition(longest, timelines[longest].at_fraction(share))
    when = moment(text)
    if not any(map(has_times, timelines.values())):
        raise NoTimes(_("No log has times."), _("So nobody can tell which of their lines were written when."))
    places = merged.at_time(when, cancelled=lambda: not watcher.goes_on(0, 0, 0))
    page = merged.after(places, 1)
    return merged.last_of(page) or merged.first_of(merged.before(places, 1))


def count_merged(merged: Merged, wanted: Wanted, watcher: Watcher) -> int | None:
    """How many places are wanted in all the logs; None when cancelled."""
    timelines = merged.timelines.values()
    share, found = Share(watcher, sum(timeline.bytes.end - timeline.bytes.begin for timeline in timelines)), 0
    for timeline in timelines:
        more = count_wanted(timeline, wanted, watcher=share)
        if more is None:
            return None
        found += more
        share.found = found
        share.looked += timeline.bytes.end - timeline.bytes.begin
    return found
