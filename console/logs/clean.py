"""Text from outside made safe for a terminal: no control byte reaches it, nothing invisible stays invisible."""

from __future__ import annotations

import re

TAB = 8

# What ECMA-48 and xterm call a whole sequence: CSI; the strings DCS, SOS, OSC, PM and APC up to their end;
# then the short ones. A string without an end is no sequence, or it would hide the rest of the line.
_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]+[0-~]"
    r"|\x1b[0-OQ-WYZ\\`-~]"
)

# Unicode's format characters (category Cf) that have no picture of their own, the two line separators and the
# letters that are blank. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing
_INVISIBLE = (
    *(0x00AD, 0x034F, 0x061C, 0x070F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180E, 0x3164, 0xFEFF, 0xFFA0, 0xE0001),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *range(0xFFF9, 0xFFFC),
    *range(0x13430, 0x13440),
    *range(0x1BCA0, 0x1BCA4),
    *range(0x1D173, 0x1D17B),
    *range(0xE0020, 0xE0080),
)

_SIGNS: dict[int, str] = {
    **{code: chr(0x2400 + code) for code in range(0x20)},
    0x7F: "\u2421",
    **{code: f"\\x{code:02x}" for code in range(0x80, 0xA0)},
    **{code: f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}" for code in _INVISIBLE},
    # Lone surrogates cannot be written to a terminal; the lower ones stand for bytes of undecodable names.
    **{code: f"\\u{code:04x}" for code in range(0xD800, 0xE000)},
    **{code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)},
}
del _SIGNS[ord("\t")]  # expanded, once everything before it has its width


def terminal_safe(data: bytes | str) -> str:
    """One line as it may be shown: its line end taken off, escape sequences removed, tabs as spaces.

    Bytes are decoded as UTF-8 with replacement signs. What is left of control characters shows as a sign
    (``␛``, ``␀``, ``\\x85``), as do bidirectional overrides and other invisible characters (``\\u202e``).
    Brackets and all other text stay as typed: the result is no markup and must not be read as such.
    """
    text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
    if text.isprintable():
        return text
    text = text.removesuffix("\n").removesuffix("\r")
    return _SEQUENCE.sub("", text).translate(_SIGNS).expandtabs(TAB)
