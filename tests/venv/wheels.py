"""Small wheels made on the spot, so that tests need no network for packages with odd habits."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path


def make_wheel(
    folder: Path,
    name: str,
    version: str,
    *,
    files: Mapping[str, str | bytes] | None = None,
    requires: Sequence[str] = (),
    python: str | None = None,
    tag: str = "py3-none-any",
) -> Path:
    """A wheel of ``name`` with ``files`` (default: one empty module) in ``folder``; its path."""
    module = name.replace("-", "_")
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{module}-{version}.dist-info"
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    metadata += [f"Requires-Dist: {requirement}\n" for requirement in requires]
    metadata += [f"Requires-Python: {python}\n"] if python else []
    contents: dict[str, str | bytes] = {
        **(files if files is not None else {f"{module}.py": ""}),
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(f"{path},,\n" for path in [*contents, f"{info}/RECORD"])
    wheel = folder / f"{module}-{version}-{tag}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**contents, f"{info}/RECORD": record}.items():
            archive.writestr(path, content)
    return wheel


def make_sdist(folder: Path, name: str, version: str, *, files: Mapping[str, str], backend: str) -> Path:
    """A source distribution of ``name`` in ``folder``; its path. ``backend`` is the module that builds it, and needs
    nothing else.
    """
    folder.mkdir(parents=True, exist_ok=True)
    top = f"{name.replace('-', '_')}-{version}"
    contents = {
        **files,
        "backend.py": backend,
        "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n",
        "pyproject.toml": f"[project]\nname = {name!r}\nversion = {version!r}\n[build-system]\nrequires = []\n"
        "build-backend = 'backend'\nbackend-path = ['.']\n",
    }
    sdist = folder / f"{top}.tar.gz"
    with tarfile.open(sdist, "w:gz") as archive:
        for path, content in contents.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return sdist


def place_distribution(
    site_packages: Path,
    name: str,
    version: str,
    *,
    requires: Sequence[str] = (),
    requested: bool = False,
    direct_url: str = "",
) -> None:
    """The metadata folder of an installed distribution, without any code."""
    info = site_packages / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    lines += [f"Requires-Dist: {requirement}\n" for requirement in requires]
    (info / "METADATA").write_text("".join(lines))
    if requested:
        (info / "REQUESTED").touch()
    if direct_url:
        (info / "direct_url.json").write_text(direct_url)
