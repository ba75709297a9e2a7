"""Compiled modules, sorted by which Pythons they serve."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.installation.extensions import sort_extensions

BOUND = "cpython-311-x86_64-linux-gnu.so"
WHEEL = ["cp311-cp311-manylinux_2_17_x86_64"]


def test_modules_for_the_stable_abi_serve_from_their_python_on() -> None:
    found = sort_extensions(
        ["psutil/_psutil_linux.abi3.so"], ["cp36-abi3-manylinux_2_12_x86_64", "cp36-abi3-linux_x86_64"]
    )
    assert (found.left_out, found.bound, found.oldest) == (frozenset(), (), 6)
    assert sort_extensions(["a.abi3.so"], ["cp312-abi3-linux_x86_64"]).oldest == 12


def test_modules_of_one_python_with_their_source_beside_are_left_out() -> None:
    files = [f"tomli/_parser.{BOUND}", "tomli/_parser.py", f"tomli/__init__.{BOUND}", "tomli/__init__.py"]
    found = sort_extensions([*files, f"30fcd23745efe32ce681__mypyc.{BOUND}"], WHEEL)
    assert found.left_out == {files[0], files[2], f"30fcd23745efe32ce681__mypyc.{BOUND}"}
    assert found.bound == ()


def test_a_module_of_one_python_without_its_source_is_bound() -> None:
    found = sort_extensions([f"native/_fast.{BOUND}", "native/__init__.py", "native/fast.py"], WHEEL)
    assert found.bound == (f"native/_fast.{BOUND}",)


def test_what_compiled_modules_share_is_bound_with_the_one_that_needs_it() -> None:
    found = sort_extensions([f"x__mypyc.{BOUND}", f"a.{BOUND}", "a.py", f"b.{BOUND}"], WHEEL)
    assert found.bound == (f"b.{BOUND}", f"x__mypyc.{BOUND}")


def test_a_plain_library_of_a_wheel_for_any_python_stays() -> None:
    found = sort_extensions(["lib/libthing.so", "lib/libthing.so.1.2"], ["py3-none-manylinux_2_17_x86_64"])
    assert (found.left_out, found.bound) == (frozenset(), ())


def test_a_plain_library_of_a_wheel_for_one_python_is_bound() -> None:
    assert sort_extensions(["thing.so"], WHEEL).bound == ("thing.so",)


_NAMES = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "p/c", "p/d"]),
        st.sampled_from([".py", ".abi3.so", f".{BOUND}", ".cp312-win.so", ".txt"]),
    ).map("".join)
)


@given(_NAMES)
def test_every_module_of_one_python_is_either_left_out_or_bound(names: list[str]) -> None:
    found = sort_extensions(names, WHEEL)
    of_one = {name for name in names if name.endswith((BOUND, ".cp312-win.so"))}
    assert found.left_out | set(found.bound) == of_one
    assert not found.left_out & set(found.bound)
    for name in found.left_out:
        assert name.partition(".")[0] + ".py" in names
