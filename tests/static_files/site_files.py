"""Site files as people write them, for hypothesis."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

ALIAS = "/srv/static/"
STYLES = ("#", "# ", "##", "## ", "### ")


@dataclass(frozen=True)
class Written:
    """A site file with one static block, commented or not; ``style`` None for one that is active."""

    data: bytes
    style: str | None
    at_column: bool


@st.composite
def site_files(draw: st.DrawFn, *, active: bool | None = None) -> Written:
    """A site with its static block in one of many shapes."""
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    step = draw(st.sampled_from(["    ", "  ", "\t"]))
    style = None if active or (active is None and draw(st.booleans())) else draw(st.sampled_from(STYLES))
    at_column = style is None or draw(st.booleans())
    lines = [*draw(prose()), "server {"]
    lines += [step + line for line in ("listen       0.0.0.0:8000;", "listen [::]:8000;")]
    before, after = draw(locations()), draw(locations())
    lines += indented(before, step)
    lines += draw(prose())
    lines += commented(indented(draw(block(step)), step), style, step if at_column else "")
    lines += draw(prose())
    lines += indented(after, step)
    lines += ["}", *draw(prose())]
    text = newline.join(lines) + draw(st.sampled_from(["", newline]))
    encoding = draw(st.sampled_from(["utf-8", "iso8859-2"]))
    return Written(text.encode(encoding), style, at_column)


def prose() -> st.SearchStrategy[list[str]]:
    """Lines that are no directives."""
    return st.lists(
        st.sampled_from(
            [
                "",
                "   ",
                "# Statické soubory, příliš žluťoučké",
                '\t# don\'t "quote" { me',
                "#location of the files",
                "# location /static/ is served by nginx",
                "#",
                "#}",
            ]
        ),
        max_size=3,
    )


@st.composite
def locations(draw: st.DrawFn) -> list[str]:
    """Other blocks of the same server."""
    return draw(
        st.sampled_from(
            [
                [],
                ["location / {", "    proxy_pass http://127.0.0.1:8080/;", "}"],
                ["location ~ \\.(png|jpe?g)$ { expires 30d; }"],
                ['location ~ "^/x{2}/" {', "  return 404;", "}"],
                ["location = /favicon.ico { alias /srv/app/favicon.ico; }"],
                ["location ^~ /media/ {", "\talias /srv/media/;", "}"],
                ["#location /media/ {", "#    alias /srv/media/;", "#}"],
                ["add_header X-A 'it;s} {fine #';"],
            ]
        )
    )


@st.composite
def block(draw: st.DrawFn, step: str) -> list[str]:
    """The static block itself, not yet indented."""
    location = draw(st.sampled_from(["/static/", "^~ /static/", '"/static/"', "/static"]))
    alias = draw(st.sampled_from([ALIAS, f'"{ALIAS}"', "/srv/složka/"]))
    if draw(st.booleans()):
        return [f"location {location} {{ alias {alias}; }}"]
    lines = [f"location {location} {{", f"{step}alias {alias};"]
    lines[1:1] = draw(
        st.lists(
            st.sampled_from(["", step + "expires 30d;", step + "# pictures", "#old", step + "# a } b"]), max_size=3
        )
    )
    return [*lines, draw(st.sampled_from(["}", "} # end"]))]


def indented(lines: list[str], step: str) -> list[str]:
    return [step + line if line else line for line in lines]


def commented(lines: list[str], style: str | None, column: str) -> list[str]:
    """The lines behind comment signs, which stand after ``column`` (the indentation that all lines have)."""
    if style is None:
        return lines
    return [column + style + line.removeprefix(column) if line else line for line in lines]
