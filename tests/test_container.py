"""Finding the container, its ports, and its memory from the cgroup."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.container import Container, disk, find_container, memory
from console.errors import NothingThere
from console.playground import container_status
from console.results import Memory

from .conftest import MakeContainer

NO_LIMIT_V1 = 9223372036854771712  # what the kernel says on v1: the highest number of whole pages
KIB, MIB = 1 << 10, 1 << 20


def put(path: Path, text: str | int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}\n")


def bare(root: Path) -> Path:
    """The least that is a container: ``srv`` of it."""
    (root / "srv/conf/supervisor.d").mkdir(parents=True)
    return root / "srv"


def python_in(folder: Path) -> None:
    put(folder / "bin/python3", "")
    put(folder / "bin/python", "")


# -- finding ---------------------------------------------------------------------------------------


def test_nothing_is_told_with_the_way_to_the_demo(tmp_path: Path) -> None:
    with pytest.raises(NothingThere) as caught:
        find_container(tmp_path)
    assert str(tmp_path) in caught.value.title
    assert "console demo" in caught.value.remedy
    assert caught.value.exit_code == 3


def test_the_root_comes_from_the_environment_when_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare(tmp_path / "there")
    monkeypatch.setenv("CONSOLE_ROOT", str(tmp_path / "there"))
    assert find_container().root == tmp_path / "there"
    monkeypatch.chdir(tmp_path)
    assert find_container("there").root == tmp_path / "there"


def test_a_real_image_container_is_found(shared_container: Container) -> None:
    found = shared_container
    assert found.generation == "image"
    assert found.log_dir == found.srv / "logs"
    assert found.interpreters == (found.root / "opt/python/bin/python",)
    told = container_status(found.root)
    assert (found.http_port, found.app_port) == (told.port, told.app_port)
    assert found.supervisor_log.exists()
    for path in (found.requirements, found.supervisor_conf, found.site_file, found.venv / "bin/python"):
        assert path.is_file()


def test_a_real_runtime_container_is_found(make_container: MakeContainer) -> None:
    found = make_container(generation="runtime", running=False)
    assert found.generation == "runtime"
    assert found.log_dir == found.srv / "log"
    assert found.site_file == found.srv / "conf/nginx.d/app.conf"
    assert found.supervisor_log == found.srv / "log/supervisord.log"
    assert found.python is not None
    assert os.path.realpath(found.srv / "bin/primary_tech") == str(found.python.parent)


@pytest.mark.parametrize(
    ("folders", "generation"),
    [
        (["opt/python/bin"], "image"),
        (["srv/logs"], "image"),
        (["opt/techs/python-3.11.7/bin"], "runtime"),
        (["srv/log"], "runtime"),
        (["srv/log", "srv/logs"], "image"),
        (["opt/python/bin", "srv/log"], "image"),
        ([], "image"),
    ],
)
def test_the_generation_is_found_by_looking(tmp_path: Path, folders: list[str], generation: str) -> None:
    bare(tmp_path)
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert find_container(tmp_path).generation == generation


def test_a_chosen_python_that_is_gone_is_still_a_runtime_container(tmp_path: Path) -> None:
    srv = bare(tmp_path)
    (srv / "bin").mkdir()
    (srv / "bin/primary_tech").symlink_to("../../opt/techs/python-3.8.0/bin")
    found = find_container(tmp_path)
    assert (found.generation, found.interpreters, found.python) == ("runtime", (), None)


def test_the_chosen_python_is_first_then_the_newest(tmp_path: Path) -> None:
    srv = bare(tmp_path)
    for version in ("3.9.18", "3.10.13", "3.11.7", "3.8.1"):
        python_in(tmp_path / f"opt/techs/python-{version}")
    (tmp_path / "opt/techs/python-3.99.0/bin").mkdir(parents=True)  # without a python in it
    (srv / "bin").mkdir()
    (srv / "bin/primary_tech").symlink_to("../../opt/techs/python-3.9.18/bin")
    versions = [python.parents[1].name.removeprefix("python-") for python in find_container(tmp_path).interpreters]
    assert versions == ["3.9.18", "3.11.7", "3.10.13", "3.8.1"]


def test_what_may_not_be_looked_into_is_as_if_it_were_not_there() -> None:
    root = Path(tempfile.mkdtemp())
    try:
        root.chmod(0o755)
        (root / "srv" / "conf" / "supervisor.d").mkdir(parents=True)
        (root / "opt" / "python" / "bin").mkdir(parents=True)
        (root / "opt" / "python" / "bin" / "python").symlink_to(sys.executable)
        for closed, error in (("opt/python", False), ("opt", False), ("srv/conf", True)):
            (root / closed).chmod(0)
            with _nobody():
                if error:
                    with pytest.raises(NothingThere):
                        find_container(root)
                else:
                    assert find_container(root).interpreters == ()
            (root / closed).chmod(0o755)
        with _nobody():
            assert find_container(root).generation == "image"
    finally:
        shutil.rmtree(root)


@contextlib.contextmanager
def _nobody() -> Iterator[None]:
    """As another user, whom the mode of a folder keeps out; root it does not."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_site_file_under_the_other_generations_name_is_found(tmp_path: Path) -> None:
    srv = bare(tmp_path)
    (srv / "logs").mkdir()
    put(srv / "conf/nginx.d/app.conf", "server { listen 8000; }")
    assert find_container(tmp_path).site_file.name == "app.conf"
    put(srv / "conf/nginx.d/python.conf", "server { listen 8000; }")
    assert find_container(tmp_path).site_file.name == "python.conf"


# -- what supervisord's configuration says ---------------------------------------------------------


def conf(root: Path, text: str) -> Container:
    bare(root)
    put(root / "etc/supervisor/supervisord.conf", text)
    return find_container(root)


def test_socket_and_log_are_those_of_supervisords_configuration(tmp_path: Path) -> None:
    found = conf(
        tmp_path,
        f"[unix_http_server]\nfile = {tmp_path}/srv/run/other.sock ; (the path)\nchmod=0700\n"
        "[supervisord]\nlogfile=/srv/elsewhere/s.log\n",
    )
    assert found.supervisor_socket == tmp_path / "srv/run/other.sock"
    assert found.supervisor_log == tmp_path / "srv/elsewhere/s.log"


def test_a_root_that_is_a_link_has_the_same_places(shared_container: Container, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(shared_container.root)
    assert find_container(tmp_path / "link") == shared_container


def test_here_is_the_folder_of_the_configuration(tmp_path: Path) -> None:
    found = conf(tmp_path, "[unix_http_server]\nfile=%(here)s/s.sock\n")
    assert found.supervisor_socket == tmp_path / "etc/supervisor/s.sock"


@pytest.mark.parametrize(
    "text",
    ["", "no section\n", "[unix_http_server]\nfile=relative.sock\n", "[unix_http_server\nfile=/x\n", "[supervisord]\n"],
)
def test_a_configuration_that_says_nothing_leaves_the_usual_places(tmp_path: Path, text: str) -> None:
    found = conf(tmp_path, text)
    assert found.supervisor_socket == tmp_path / "srv/run/supervisor.sock"
    assert found.supervisor_log == found.log_dir / "supervisord.log"


def test_a_configuration_that_is_no_text_leaves_the_usual_places(tmp_path: Path) -> None:
    bare(tmp_path)
    path = tmp_path / "etc/supervisor/supervisord.conf"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xff\xfe\x00[")
    assert find_container(tmp_path).supervisor_socket == tmp_path / "srv/run/supervisor.sock"


def test_a_path_from_a_configuration_is_opened_under_the_root(tmp_path: Path) -> None:
    bare(tmp_path)
    found = find_container(tmp_path)
    assert found.under_root("/srv/static/") == tmp_path / "srv/static"
    assert found.under_root(tmp_path / "srv/static") == tmp_path / "srv/static"
    assert found.under_root("static") == tmp_path / "srv/static"


# -- ports -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site", "ports"),
    [
        ("listen 0.0.0.0:8000;\nlisten [::]:8000;\nproxy_pass http://127.0.0.1:8080/;", (8000, 8080)),
        ("listen [::]:8001;\nproxy_pass http://[::1]:8081;", (8001, 8081)),
        ("listen 8002 default_server;\nproxy_pass   http://localhost:8082;", (8002, 8082)),
        ("listen *:8003;", (8003, 8080)),
        ("listen localhost:8004;", (8004, 8080)),
        ("#listen 9000;\n# proxy_pass http://127.0.0.1:9001/;\n", (8000, 8080)),
        ("listen unix:/srv/run/nginx.sock;\nlisten 8005;", (8005, 8080)),
        ("listen 127.0.0.1;\nlisten 8006;", (8006, 8080)),
        ("listen [::1];\nlisten 8007;", (8007, 8080)),
        ("listen 0.0.0.0:8008 ssl http2;", (8008, 8080)),
        ("proxy_pass http://10.0.0.1:9999;", (8000, 8080)),
        ("proxy_pass http://127.0.0.1;", (8000, 8080)),
        ("", (8000, 8080)),
    ],
)
def test_ports_are_those_of_the_site_file(tmp_path: Path, site: str, ports: tuple[int, int]) -> None:
    srv = bare(tmp_path)
    put(srv / "conf/nginx.d/python.conf", f"server {{\n{site}\n}}")
    found = find_container(tmp_path)
    assert (found.http_port, found.app_port) == ports


@given(site=st.text(st.characters(exclude_categories=["Cs"])) | st.text("listen 0:[]#;.{}1\n"))
def test_any_site_file_is_read(tmp_path_factory: pytest.TempPathFactory, site: str) -> None:
    root = tmp_path_factory.mktemp("any")
    srv = bare(root)
    put(srv / "conf/nginx.d/python.conf", site)
    found = find_container(root)
    assert found.app_port == 8080
    assert found.http_port >= 0


# -- disk and memory -------------------------------------------------------------------------------


def test_the_disk_is_that_of_srv(tmp_path: Path) -> None:
    bare(tmp_path)
    found = disk(find_container(tmp_path))
    stat = os.statvfs(tmp_path)
    assert 0 < found.used_bytes <= stat.f_blocks * stat.f_frsize
    assert 0 <= found.free_bytes <= stat.f_blocks * stat.f_frsize


class Machine:
    """A folder in place of /sys/fs/cgroup and one in place of /proc."""

    def __init__(self, folder: Path, groups: str) -> None:
        self.cgroup = folder / "cgroup"
        self.proc = folder / "proc"
        self.cgroup.mkdir(parents=True)
        put(self.proc / "self/cgroup", groups.strip())
        put(self.proc / "meminfo", "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 400 kB")

    def group_v2(self, path: str, limit: int | str, used: int, cache: int = 0) -> None:
        folder = self.cgroup / path
        put(folder / "memory.max", limit)
        put(folder / "memory.current", used)
        put(folder / "memory.stat", f"anon 1\ninactive_file {cache}\nactive_file 7")

    def group_v1(self, path: str, limit: int, used: int, cache: int = 0) -> None:
        folder = self.cgroup / "memory" / path
        put(folder / "memory.limit_in_bytes", limit)
        put(folder / "memory.usage_in_bytes", used)
        put(folder / "memory.stat", f"inactive_file 1\ntotal_inactive_file {cache}")

    @property
    def memory(self) -> Memory:
        return memory(self.cgroup, self.proc)


MACHINE_USE = Memory(600 * KIB, None)


def test_v2_gives_limit_and_use_without_reclaimable_cache(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/box")
    machine.group_v2("box", 512 * MIB, 300 * MIB, cache=100 * MIB)
    assert machine.memory == Memory(200 * MIB, 512 * MIB)


def test_v1_gives_limit_and_use_without_reclaimable_cache(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "9:name=systemd:/\n4:cpu,memory:/box\n0::/")
    machine.group_v1("box", 128 * MIB, 100 * MIB, cache=30 * MIB)
    assert machine.memory == Memory(70 * MIB, 128 * MIB)


def test_the_lowest_limit_on_the_way_up_counts_with_its_own_use(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/plan/box/app")
    machine.group_v2("plan", 512 * MIB, 400 * MIB)
    machine.group_v2("plan/box", 2048 * MIB, 300 * MIB)
    machine.group_v2("plan/box/app", "max", 200 * MIB)
    assert machine.memory == Memory(400 * MIB, 512 * MIB)


def test_inside_a_container_the_groups_files_lie_at_the_mounts_root(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "2", "0::/docker/0123456789")
    machine.group_v2("", 512 * MIB, 100 * MIB)
    assert machine.memory == Memory(100 * MIB, 512 * MIB)
    machine = Machine(tmp_path / "1", "4:memory:/docker/0123456789\n0::/")
    machine.group_v1("", 128 * MIB, 100 * MIB)
    assert machine.memory == Memory(100 * MIB, 128 * MIB)


def test_a_group_path_outside_of_the_mount_is_not_followed(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/../../other")
    machine.group_v2("", 512 * MIB, 100 * MIB)
    put(tmp_path.parent / "other/memory.max", 1)
    put(tmp_path.parent / "other/memory.current", 1)
    assert machine.memory == Memory(100 * MIB, 512 * MIB)


def test_without_a_limit_it_is_the_machines_use(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "2", "0::/box")
    machine.group_v2("box", "max", 300 * MIB)
    assert machine.memory == MACHINE_USE
    machine = Machine(tmp_path / "1", "4:memory:/box")
    machine.group_v1("box", NO_LIMIT_V1, 300 * MIB)
    assert machine.memory == MACHINE_USE


def test_on_a_machine_with_both_the_one_that_has_memory_is_read(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "3:cpu,cpuacct:/box\n0::/box")
    machine.group_v1("box", 1 * MIB, 1 * MIB)
    machine.group_v2("box", 512 * MIB, 100 * MIB)
    assert machine.memory == Memory(100 * MIB, 512 * MIB)


def test_more_cache_than_use_is_no_negative_use(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "0::/box")
    machine.group_v2("box", 512 * MIB, 10, cache=11)
    assert machine.memory == Memory(0, 512 * MIB)


@pytest.mark.parametrize("groups", ["", "nonsense", "0::", "1:memory", "::", "0:memory:", "\n\n"])
def test_a_strange_list_of_groups_is_survived(tmp_path: Path, groups: str) -> None:
    assert Machine(tmp_path, groups).memory == MACHINE_USE


@given(groups=st.text(st.sampled_from("01:/memory.,\nabc")))
def test_any_list_of_groups_is_survived(tmp_path_factory: pytest.TempPathFactory, groups: str) -> None:
    assert Machine(tmp_path_factory.mktemp("any") / "m", groups).memory == MACHINE_USE


def test_without_proc_nothing_is_known_and_nothing_breaks(tmp_path: Path) -> None:
    assert memory(tmp_path / "cgroup", tmp_path / "proc") == Memory(0, None)


def test_this_machines_memory_can_be_read() -> None:
    found = memory()
    assert found.used_bytes > 0
    assert found.limit_bytes is None or found.limit_bytes > 0
