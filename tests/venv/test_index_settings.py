"""The customer's settings for pip reach uv; passwords in them reach nobody's eyes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from console.container import Container
from console.events import Event
from console.venv.child import clean_environment, masked
from console.venv.index_settings import (
    IndexSettings,
    pip_variables,
    places,
    read_index_settings,
    uv_arguments,
    uv_variables,
)
from console.venv.plan import plan_rebuild
from console.venv.requirements import read_requirements

from .wheels import make_wheel


def _settings(tmp_path: Path, requirements: str = "", **told: str) -> IndexSettings:
    file = tmp_path / "requirements.txt"
    file.write_text(requirements)
    environment = {f"PIP_{name}": value for name, value in told.items()}
    return read_index_settings(environment, None, read_requirements(file).options, etc=tmp_path / "etc")


def test_all_that_uv_knows_is_carried_over(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    settings = _settings(
        tmp_path,
        INDEX_URL="https://me:pw@h/simple",
        EXTRA_INDEX_URL="https://a/simple\nhttps://b/simple",
        FIND_LINKS=f"{tmp_path} https://h/links",
        TRUSTED_HOST="h a",
        CERT=str(bundle),
        CLIENT_CERT="/c.pem",
        PROXY="u:p@proxy:3128",
        DEFAULT_TIMEOUT="20.4",
        RETRIES="2",
        CONSTRAINT="/srv/c.txt https://t:k@h/c.txt",
        NO_BINARY="lxml,pillow",
        ONLY_BINARY=":all:",
        PRE="1",
        NO_CACHE_DIR="off",
        REQUIRE_HASHES="true",
        KEYRING_PROVIDER="subprocess",
        NO_INDEX="no",
    )
    assert settings.warnings == ()
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")
    assert uv_variables(settings, {}) == {
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://me:pw@h/simple",
        "UV_EXTRA_INDEX_URL": "https://a/simple https://b/simple",
        "UV_FIND_LINKS": f"{tmp_path},https://h/links",
        "UV_INSECURE_HOST": "h a",
        "UV_HTTP_TIMEOUT": "20",
        "UV_HTTP_RETRIES": "2",
        "UV_PRERELEASE": "allow",
        "UV_NO_CACHE": "1",
        "UV_REQUIRE_HASHES": "1",
        "UV_KEYRING_PROVIDER": "subprocess",
        "UV_CONSTRAINT": "https://t:k@h/c.txt",
        "UV_BUILD_CONSTRAINT": "https://t:k@h/c.txt",
        "SSL_CERT_FILE": str(bundle),
        "SSL_CLIENT_CERT": "/c.pem",
        **dict.fromkeys(proxies, "http://u:p@proxy:3128"),
    }
    arguments = uv_arguments(settings)
    assert arguments == [
        *("-c", "/srv/c.txt", "-b", "/srv/c.txt", "--no-binary", "lxml", "--no-binary", "pillow"),
        *("--only-binary", ":all:"),
    ]
    assert uv_arguments(_settings(tmp_path, NO_INDEX="yes", NO_DEPS="on")) == ["--no-index", "--no-deps"]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("CACHE_DIR", "/srv/cache", "cache-dir"), ("KEYRING_PROVIDER", "import", "keyring-provider = subprocess")],
)
def test_what_cannot_be_carried_over_is_said(tmp_path: Path, name: str, value: str, said: str) -> None:
    settings = _settings(tmp_path, **{name: value})
    assert [said in warning for warning in settings.warnings] == [True]
    assert "UV_KEYRING_PROVIDER" not in uv_variables(settings, {})
    assert pip_variables(settings)[f"PIP_{name}"] == value


def test_what_the_customer_tells_uv_wins(tmp_path: Path) -> None:
    settings = _settings(tmp_path, INDEX_URL="https://pip/simple", EXTRA_INDEX_URL="https://pip/more", RETRIES="1")
    own = {"UV_INDEX_URL": "https://own/simple", "UV_INDEX": "https://own/more", "UV_INDEX_STRATEGY": "first-index"}
    assert uv_variables(settings, own) == {"UV_HTTP_RETRIES": "1"}
    assert places(settings, own, ()) == (("https://own/simple", "https://own/more"), ())


def test_an_index_in_the_file_takes_the_place_of_the_configured_ones(tmp_path: Path) -> None:
    text = "--index-url https://file/simple\n--trusted-host file\n--pre\n--prefer-binary\nx\n"
    settings = _settings(tmp_path, text, INDEX_URL="https://pip/simple", EXTRA_INDEX_URL="https://pip/more")
    variables = uv_variables(settings, {})
    assert not {"UV_DEFAULT_INDEX", "UV_EXTRA_INDEX_URL"} & variables.keys()
    assert (variables["UV_INSECURE_HOST"], variables["UV_PRERELEASE"]) == ("file", "allow")
    assert "prefer-binary" in settings.warnings[0]
    options = read_requirements(tmp_path / "requirements.txt").options
    assert places(settings, {}, options) == (("https://file/simple",), ())


def test_a_folder_that_is_missing_is_passed_over_as_pip_does(tmp_path: Path) -> None:
    settings = _settings(tmp_path, FIND_LINKS=f"{tmp_path}/gone file://{tmp_path}")
    assert settings.find_links == (f"file://{tmp_path}",)
    assert len(settings.warnings) == 1


def test_the_certificates_that_pips_library_reads_are_carried_over(tmp_path: Path) -> None:
    def carried(**environment: str) -> str | None:
        settings = read_index_settings(environment, None, etc=tmp_path)
        return uv_variables(settings, environment).get("SSL_CERT_FILE")

    assert carried(REQUESTS_CA_BUNDLE="/r.pem") == "/r.pem"
    assert carried(REQUESTS_CA_BUNDLE="/r.pem", SSL_CERT_FILE="/s.pem") is None
    assert carried(REQUESTS_CA_BUNDLE="/r.pem", PIP_CERT="/p.pem", SSL_CERT_FILE="/s.pem") == "/p.pem"


def test_pip_hears_of_another_virtualenvs_settings(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text("[install]\nextra-index-url = https://h/simple\nuser = true\n")
    variables = pip_variables(read_index_settings({}, tmp_path, etc=tmp_path / "etc"))
    assert variables["PIP_EXTRA_INDEX_URL"] == "https://h/simple"
    assert (variables["PIP_USER"], variables["PIP_REQUIRE_VIRTUALENV"]) == ("0", "0")


def test_settings_that_send_packages_elsewhere_do_not_reach_our_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUIRE_VIRTUALENV", "USER", "TARGET", "PREFIX", "DRY_RUN"):
        monkeypatch.setenv(f"PIP_{name}", "1")
    monkeypatch.setenv("PIP_TIMEOUT", "3")
    assert [name for name in clean_environment() if name.startswith("PIP_") and name in _ours()] == ["PIP_TIMEOUT"]


def _ours() -> tuple[str, ...]:
    return tuple(f"PIP_{name}" for name in ("REQUIRE_VIRTUALENV", "USER", "TARGET", "PREFIX", "DRY_RUN", "TIMEOUT"))


def test_a_package_comes_from_the_folder_that_pip_conf_names(bare: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    """The best version of all places, as pip takes it; and from a virtualenv's own pip.conf."""
    make_wheel(bare.srv / "wheels", "theirs", "1.0")
    make_wheel(bare.app / "near", "theirs", "0.5")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(bare.srv / "none.conf"))
    bare.venv.mkdir()
    (bare.venv / "pip.conf").write_text(f"[global]\nno-index = true\nfind-links = {bare.srv / 'wheels'}\n")
    bare.requirements.write_text("--find-links near\ntheirs\n")
    packages = plan_rebuild(bare).packages
    assert [(one.name, one.to_version, one.how) for one in packages] == [("theirs", "1.0", "wheel")]


def test_tokens_in_urls_are_masked() -> None:
    assert masked("https://h/s?private_token=abc&x=1#f") == "https://h/s?private_token=***&x=1#f"
    assert masked("https://h/s/?a=1&X-Amz-Signature=abc'") == "https://h/s/?a=1&X-Amz-Signature=***'"
    assert masked("https://h/x.whl#sha256=abc") == "https://h/x.whl#sha256=abc"


def test_no_password_of_the_settings_shows_anywhere(bare: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://me:s3cret@127.0.0.1:9/simple?token=t0ken")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "http://t0ken@127.0.0.1:9/more")
    monkeypatch.setenv("PIP_RETRIES", "0")
    bare.requirements.write_text("gone==1\n")
    heard: list[Event] = []
    plan = plan_rebuild(bare, on_event=heard.append)
    assert not plan.ok
    assert "127.0.0.1:9" in plan.problems[0]
    settings = read_index_settings(os.environ, None)
    shown = repr(plan) + repr(heard) + repr(settings) + " ".join(uv_arguments(settings))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
