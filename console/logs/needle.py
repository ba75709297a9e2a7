"""A text looked for in blocks of bytes, by the byte of it that is rare there.

One byte is looked for with memchr(3), several times quicker than a text; where no byte of the text is rare, the text
itself is looked for. That is how GNU grep and the memchr crate of ripgrep do it too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

Data = bytes | bytearray

_SAMPLE = 4096  # bytes of a block that are counted
_OFTEN = 6  # times that a byte stands in the sample when it is no longer rare
_MOST_MISSES = 250  # places of the rare byte in a block that are not the text
_FIRST_PAUSE, _LONGEST_PAUSE = 1024 * 1024, 64 * 1024 * 1024  # bytes until a rare byte is tried again


class Lowered:
    """A block in small letters, made when it is asked for; for all needles that look through the same one."""

    def __init__(self, data: Data, begin: int, end: int) -> None:
        self._block = data, begin, end
        self._made: Data | None = None

    @property
    def data(self) -> Data:
        """The block, from its first byte on."""
        data, begin, end = self._block
        if self._made is None:
            self._made = data[begin:end].lower()
        return self._made


class Needle:
    """Finds ``text``, which holds no line end; with ``fold`` in any mixture of small and capital letters of ASCII."""

    def __init__(self, text: bytes, *, fold: bool = False) -> None:
        self._text = text.lower() if fold else text
        self._fold = fold
        self._rare: tuple[int, tuple[bytes, ...]] | None = None  # where in the text it is, and its forms
        self._paused = 0  # bytes for which the text itself is looked for
        self._pause = _FIRST_PAUSE

    def hits(self, data: Data, begin: int, end: int, lowered: Lowered | None = None) -> Iterator[int]:
        """A place in each line of ``data[begin:end]`` that holds the text, in order. ``lowered`` is that block."""
        at = begin
        if not self._text:
            pass
        elif self._paused > 0:
            self._paused -= end - begin
        elif self._rare is not None or self._choose(data, begin, end):
            at = yield from self._by_byte(data, begin, end)
        if at < end:
            yield from self._by_text(data, begin, at, end, (lowered or Lowered(data, begin, end)))

    def _choose(self, data: Data, begin: int, end: int) -> bool:
        """Choose the rarest byte of the text as the block has them; whether it is rare."""
        middle = begin + (end - begin) // 2
        sample = data[max(begin, middle - _SAMPLE // 2) : min(end, middle + _SAMPLE // 2)]
        counts = {byte: sum(sample.count(form) for form in self._forms(byte)) for byte in dict.fromkeys(self._text)}
        byte = min(counts, key=lambda one: (counts[one], len(self._forms(one))))
        if counts[byte] > _OFTEN:
            self._rest()
            return False
        self._rare = self._text.index(byte), self._forms(byte)
        return True

    def _forms(self, byte: int) -> tuple[bytes, ...]:
        one = bytes((byte,))
        return tuple(dict.fromkeys((one, one.upper()))) if self._fold else (one,)

    def _rest(self) -> None:
        self._rare, self._paused = None, self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _by_byte(self, data: Data, begin: int, end: int) -> Generator[int, None, int]:
        """Like ``hits``, as long as the byte is rare; how far it came."""
        assert self._rare is not None
        before, forms = self._rare
        text, fold, length = self._text, self._fold, len(self._text)
        last = end - (length - 1 - before)
        found = [data.find(form, begin + before, last) for form in forms]
        misses = 0
        while places := [place for place in found if place >= 0]:
            place = min(places)
            first = place - before
            there = data[first : first + length].lower() == text if fold else data.startswith(text, first)
            if there:
                yield first
                at = (data.find(b"\n", place, end) + 1 or end) + before
            else:
                misses += 1
                at = place + 1
                if misses > _MOST_MISSES:
                    self._rest()
                    return first + 1
            found = [
                data.find(form, at, last) if 0 <= one < at else one for one, form in zip(found, forms, strict=True)
            ]
        if not misses:
            self._pause = _FIRST_PAUSE
        return end

    def _by_text(self, data: Data, begin: int, at: int, end: int, lowered: Lowered) -> Iterator[int]:
        offset = begin if self._fold else 0
        searched, at, stop = (lowered.data, at - begin, end - begin) if self._fold else (data, at, end)
        while at < stop and (hit := searched.find(self._text, at, stop)) >= 0:
            yield offset + hit
            at = searched.find(b"\n", hit, stop) + 1 or stop
