"""`make texts`: collects the texts of the code into the catalogues, and compiles these.

On Babel, except for two things that it leaves to the Python or the Babel that happens to run it: its own reader
finds texts inside f-strings only from Python 3.12 on, and its header holds dates and its version. Here the syntax
tree is read, and the header holds what gettext needs; so nothing changes but with the texts.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).parents[1] / "console"
# The function's name, and which of its arguments are texts.
KEYWORDS = {"_": (1,), "N_": (1,), "ngettext": (1, 2)}
FOR_TRANSLATORS = "Translators:"


class Texts(Catalog):
    """A catalogue with a header of its own."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", str(self.locale)),
            ("Plural-Forms", self.plural_forms),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit\n"),
        ]


def po_files() -> list[Path]:
    """The catalogues, one for each language but English."""
    return sorted(PACKAGE.glob("locale/*/LC_MESSAGES/console.po"))


def language_of(po: Path) -> str:
    return po.parents[1].name


def extract(
    file: IO[bytes], keywords: Collection[str], comment_tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, list[str | None], list[str]]]:
    """The texts of one file of Python, as Babel's extraction methods give them: those that are written out."""
    source = file.read()
    lines = source.decode().splitlines()
    for call in text_calls(source):
        texts = [written_out(argument) for argument in call.args]
        if texts and texts[0] is not None:
            yield call.lineno, name_of(call), texts, _comment_above(lines, call.lineno)


def text_calls(source: bytes) -> list[ast.Call]:
    """The calls of the KEYWORDS in the order in which they stand."""
    nodes = ast.walk(ast.parse(source))
    calls = [node for node in nodes if isinstance(node, ast.Call) and name_of(node) in KEYWORDS]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def name_of(call: ast.Call) -> str:
    """The function's name; empty where it is none that stands alone."""
    return call.func.id if isinstance(call.func, ast.Name) else ""


def written_out(argument: ast.expr) -> str | None:
    """A text that stands in the code; None for what is only known when it runs."""
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


def _comment_above(lines: list[str], number: int) -> list[str]:
    comment: list[str] = []
    for line in reversed(lines[: number - 1]):
        if not line.strip().startswith("#"):
            return []
        comment.insert(0, line.strip().lstrip("# "))
        if comment[0].startswith(FOR_TRANSLATORS):
            return comment
    return []


def template() -> Catalog:
    """All texts of the code, untranslated."""
    found = Catalog(fuzzy=False)
    for name, line, text, comments, context in extract_from_dir(
        PACKAGE,
        method_map=[("**.py", extract)],  # type: ignore[list-item]
        keywords=KEYWORDS,
        comment_tags=[FOR_TRANSLATORS],
    ):
        found.add(text, None, [(f"console/{name}", line)], auto_comments=comments, context=context)
    return found


def read(po: Path) -> Catalog:
    """The catalogue in ``po`` as it stands."""
    with po.open("rb") as file:
        return read_po(file, locale=language_of(po), charset="utf-8")


def updated(po: Path) -> Texts:
    """The catalogue in ``po`` with the texts that the code has now; what is new in it is untranslated."""
    old = read(po)
    new = Texts(locale=language_of(po), header_comment=old.header_comment, fuzzy=False)
    for message in old:
        if message.id:
            new[message.id] = message
    new.update(template(), no_fuzzy_matching=True)
    return new


def untranslated(catalog: Catalog) -> list[str]:
    """The texts without a translation, plural forms included."""
    strings = {str(message.id): message.string or "" for message in catalog if message.id}
    return [text for text, string in strings.items() if not string or not all(string)]


def as_po(catalog: Texts) -> bytes:
    """A .po file; it names the files that a text is in, but no lines, which would change with every edit."""
    file = io.BytesIO()
    write_po(file, catalog, width=0, ignore_obsolete=True, include_lineno=False)
    return file.getvalue().rstrip() + b"\n"


def as_mo(catalog: Texts) -> bytes:
    """The .mo file that gettext reads."""
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def main() -> None:
    for po in po_files():
        catalog = updated(po)
        po.write_bytes(as_po(catalog))
        po.with_suffix(".mo").write_bytes(as_mo(catalog))
        for text in untranslated(catalog):
            print(f"{po.relative_to(PACKAGE.parent)}: not translated yet: {text!r}")


if __name__ == "__main__":
    main()
