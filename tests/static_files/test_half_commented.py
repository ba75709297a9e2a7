"""A block of which only some lines are comments is finished, whichever lines these are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.static_files.block import find_block
from console.static_files.half_commented import finished, half_commented_line
from console.static_files.syntax import parse

BLOCK = ["    location /static/ {", "        expires 30d;", "        alias /srv/static/;", "    }"]


@given(st.lists(st.booleans(), min_size=4, max_size=4), st.sampled_from(["#", "# ", "##"]))
@settings(deadline=None)
def test_any_lines_of_it(commented: list[bool], sign: str) -> None:
    lines = ["    " + sign + line[4:] if off else line for off, line in zip(commented, BLOCK, strict=True)]
    data = "\n".join(["server {", "    # Static files:", *lines, "}", ""]).encode()
    done = finished(data, 3 + commented.index(True)) if any(commented) else None
    if not any(commented):
        assert half_commented_line(data) is None
        return
    assert done is not None
    text, line = done
    assert line == 3
    assert text.decode() == "\n".join(["server {", "    # Static files:", *BLOCK, "}", ""])
    block = find_block(parse(text), "/static/", 8000)
    assert block is not None
    assert block.active


@pytest.mark.parametrize(
    "text",
    [
        "server {\n#location /static/ {\n  alias /s/;\n#}\n}\n",
        "server {\n#location /static/ {\n  alias /s/;\n}\n}\n",
        "server {\nlocation /static/ {\n# alias /s/;\n}\n}\n",
        "server {\r\nlocation /static/ {\r\n# alias /s/;\r\n}\r\n}\r\n",
    ],
)
def test_it_is_found(text: str) -> None:
    line = half_commented_line(text.encode())
    assert line is not None
    done = finished(text.encode(), line)
    assert done is not None
    assert done[0].replace(b" ", b"") == text.encode().replace(b" ", b"").replace(b"#", b"")


@pytest.mark.parametrize(
    "text",
    [
        "server {\nlocation /static/ { alias /s/; }\n}\n",
        "server {\n#location /static/ {\n#  alias /s/;\n#}\n}\n",
        "server {\nlocation /x/ {\n# nothing { here\n return 404;\n}\n}\n",
        "server {\nlocation /x/ {\n# The alias was taken out.\n}\n}\n",
        "",
    ],
)
def test_what_is_none(text: str) -> None:
    assert half_commented_line(text.encode()) is None
