"""What goes into a tree: of this environment, of a wheel that was installed, of another tree."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from console import __version__
from console.errors import ConsoleError
from console.installation import contents
from console.installation.closure import Closure, read_closure
from console.installation.contents import Contents, read_contents

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def own() -> Contents:
    return read_contents()


def test_it_serves_every_python(own: Contents) -> None:
    assert (own.version, own.oldest, own.lacking) == (__version__, 10, {})
    assert own.bytes == sum(file.source.stat().st_size for file in own.files)


def test_everything_that_the_console_needs_is_in_it(own: Contents) -> None:
    targets = {file.target for file in own.files}
    assert {"__main__.py", "bin/uv", "console/__main__.py", "console/locale/cs/LC_MESSAGES/console.mo"} <= targets
    assert {f"console/styles/{file.name}" for file in (ROOT / "styles").glob("*.tcss")} <= targets
    assert {file.relative_to(ROOT).as_posix() for file in (ROOT / "console").rglob("*.in")} <= targets
    assert {
        "textual/__init__.py",
        "supervisor/supervisord.py",
        "tomli/__init__.py",
        "psutil/_psutil_linux.abi3.so",
    } <= targets
    assert any(target.startswith("virtualenv/seed/wheels/embed/pip-") for target in targets)
    assert len(targets) == len(own.files)


def test_nothing_of_it_belongs_to_a_python_or_to_this_machine(own: Contents) -> None:
    here = [str(ROOT).encode(), sys.prefix.encode()]
    for file in own.files:
        assert not file.target.endswith(".pyc")
        assert not file.target.endswith(".pth")
        assert "cpython-" not in file.target
        assert ".." not in Path(file.target).parts
        if file.target != "bin/uv":
            data = file.source.read_bytes()
            assert not any(place in data for place in here), file.target
            assert not (file.target.startswith("bin/") and data.startswith(b"#!"))


def test_the_modules_that_are_left_out_have_their_source(own: Contents) -> None:
    targets = {file.target for file in own.files}
    assert {"tomli/_parser.py", "tomli/_re.py"} <= targets
    assert not any("mypyc" in target for target in targets)


class _Extended:
    """The real closure, and a distribution of a test's own."""

    def __init__(self, folder: Path, files: dict[str, str], tag: str = "cp311-cp311-linux_x86_64") -> None:
        info = folder / "odd-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
        (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n")
        (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self._odd = PathDistribution(info)

    def __call__(self, name: str) -> Closure:
        real = read_closure(name)
        return Closure((*real.distributions, self._odd), real.lacking)


def test_a_compiled_module_without_its_source_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = "odd/_native.cpython-311-x86_64-linux-gnu.so"
    monkeypatch.setattr(contents, "read_closure", _Extended(tmp_path, {odd: "", "odd/__init__.py": ""}))
    with pytest.raises(ConsoleError) as raised:
        read_contents()
    assert odd in raised.value.cause
    assert raised.value.remedy


def test_a_module_for_a_later_stable_abi_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extended = _Extended(tmp_path, {"odd/_native.abi3.so": ""}, "cp312-abi3-linux_x86_64")
    monkeypatch.setattr(contents, "read_closure", extended)
    found = read_contents()
    assert found.oldest == 12
    assert set(found.lacking) == {10, 11}
    assert "odd 1.0" in found.lacking[10]


def test_a_requirement_that_is_only_a_link_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "read_closure", _Extended(tmp_path, {"__editable__.odd.pth": "/elsewhere"}))
    with pytest.raises(ConsoleError, match="copied") as raised:
        read_contents()
    assert "odd" in raised.value.cause


def test_a_file_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "read_closure", _Extended(tmp_path, {"odd/gone.py": ""}))
    (tmp_path / "odd" / "gone.py").unlink()
    with pytest.raises(ConsoleError) as raised:
        read_contents()
    assert str(tmp_path / "odd" / "gone.py") in raised.value.cause


def test_what_was_never_installed_cannot_be_copied(tmp_path: Path) -> None:
    """The package alone, on a path, with what it imports but without what an installer writes down."""
    (tmp_path / "console").symlink_to(ROOT / "console")
    for name in ("packaging",):
        __import__(name)
        (tmp_path / name).symlink_to(Path(str(sys.modules[name].__file__)).parent)
    code = "from console.installation.contents import read_contents\nread_contents()"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{code}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "This console cannot be copied." in done.stderr
