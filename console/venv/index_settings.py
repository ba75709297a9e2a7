"""The customer's settings for pip, carried over to uv, which reads none of them.

Where a value may hold a password it goes to uv by its environment: everybody on the machine can read the words of
a command. What the customer tells uv itself (UV_*) wins over what they told pip.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..text import _
from .pip_configuration import read_pip_configuration
from .requirement_lines import Options

# What pip is told again by its environment: another virtualenv's own pip.conf, and a section that "pip download"
# does not read, would not reach it otherwise.
_FOR_PIP = (
    *("index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "cert", "client-cert", "proxy"),
    *("timeout", "default-timeout", "retries", "constraint", "build-constraint", "no-binary", "only-binary", "pre"),
    *("prefer-binary", "no-cache-dir", "cache-dir", "no-deps", "require-hashes", "keyring-provider"),
)
_LEFT_OUT = (
    *("prefer-binary", "no-build-isolation", "use-feature", "use-deprecated", "global-option", "config-settings"),
    "cache-dir",  # uv's cache is of another kind, and links only on its own file system
)


@dataclass(frozen=True)
class IndexSettings:
    """Where packages come from and how they are chosen, as pip was told.

    ``timeout`` is in seconds. ``own_indexes``: the requirements name an index, so that pip leaves out those that it
    was configured with. ``for_pip`` are PIP_* variables that say all of this to pip. ``warnings``: what cannot be
    carried over to uv, a sentence each. ``keyring``: passwords are asked of the program of that name.
    """

    index_url: str | None = field(default=None, repr=False)
    extra_index_urls: tuple[str, ...] = field(default=(), repr=False)
    find_links: tuple[str, ...] = field(default=(), repr=False)
    no_index: bool = False
    own_indexes: bool = False
    trusted_hosts: tuple[str, ...] = ()
    cert: str | None = None
    client_cert: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: str | None = None
    retries: str | None = None
    constraints: tuple[str, ...] = ()
    build_constraints: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()
    only_binary: tuple[str, ...] = ()
    pre: bool = False
    no_cache: bool = False
    keyring: bool = False
    no_deps: bool = False
    require_hashes: bool = False
    for_pip: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()


def read_index_settings(
    environment: Mapping[str, str],
    venv_folder: Path | None,
    options: Sequence[Options] = (),
    *,
    etc: Path = Path("/etc"),
) -> IndexSettings:
    """pip's settings in ``environment``, with those in the virtualenv's own pip.conf and in ``options``, those of
    the requirements. Never raises.
    """
    told = read_pip_configuration(environment, venv_folder, etc=etc)
    warnings = list(told.problems)
    ignored = [name for name in _LEFT_OUT if told.text(name)]
    if any(each.prefer_binary for each in options) and "prefer-binary" not in ignored:
        ignored.append("prefer-binary")
    if ignored:
        said = _("What pip was told and uv, which installs here, does not know: {names}.")
        warnings.append(said.format(names=", ".join(ignored)))
    keyring = told.text("keyring-provider")
    if keyring == "import":  # as a module of pip's own Python
        said = _("pip was told to ask keyring's module for passwords; uv asks only its program, as with {setting}.")
        warnings.append(said.format(setting="keyring-provider = subprocess"))
    find_links = [each for each in told.words("find-links") if _is_there(each)]
    if len(find_links) < len(told.words("find-links")):
        warnings.append(_("A folder that pip was told to look in (find-links) is not there; it was left out."))
    limits = told.words("constraint")
    return IndexSettings(
        index_url=told.text("index-url", "pypi-url"),
        extra_index_urls=told.words("extra-index-url"),
        find_links=tuple(find_links),
        no_index=told.switch("no-index"),
        own_indexes=any(each.index_url for each in options),
        trusted_hosts=(*told.words("trusted-host"), *(host for each in options for host in each.trusted_hosts)),
        cert=told.text("cert") or _bundle_of_pip(environment),
        client_cert=told.text("client-cert"),
        proxy=told.text("proxy"),
        timeout=told.text("timeout", "default-timeout"),
        retries=told.text("retries"),
        constraints=limits,
        # Until 25.3 pip held its builds to the constraints too, which is what people set PIP_CONSTRAINT for.
        build_constraints=(*limits, *told.words("build-constraint")),
        no_binary=_names(told.text("no-binary")),
        only_binary=_names(told.text("only-binary")),
        pre=told.switch("pre") or any(each.pre for each in options),
        no_cache=told.text("no-cache-dir") is not None,  # pip reads even "false" as yes here
        keyring=keyring == "subprocess",
        no_deps=told.switch("no-deps"),
        require_hashes=told.switch("require-hashes") or any(each.require_hashes for each in options),
        for_pip={f"PIP_{name.upper().replace('-', '_')}": told.values[name] for name in _FOR_PIP if name in told.values},
        warnings=tuple(warnings),
    )


def uv_variables(settings: IndexSettings, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that tell uv what ``settings`` say and ``environment`` does not say to uv already."""
    found: dict[str, str | None] = {
        # pip takes the best version out of all indexes; uv would stop at the first that knows the name.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": ",".join(settings.find_links) or None,
        "UV_INSECURE_HOST": " ".join(settings.trusted_hosts) or None,
        "UV_HTTP_TIMEOUT": _whole_seconds(settings.timeout),
        "UV_HTTP_RETRIES": settings.retries if (settings.retries or "").isdecimal() else None,
        "UV_PRERELEASE": "allow" if settings.pre else None,
        "UV_NO_CACHE": "1" if settings.no_cache else None,
        "UV_KEYRING_PROVIDER": "subprocess" if settings.keyring else None,
        "UV_REQUIRE_HASHES": "1" if settings.require_hashes else None,
    }
    if not settings.own_indexes:  # uv's variables would win over the file, where pip lets the file win
        if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & environment.keys():
            found["UV_DEFAULT_INDEX"] = settings.index_url
        if "UV_INDEX" not in environment:
            found["UV_EXTRA_INDEX_URL"] = " ".join(settings.extra_index_urls) or None
    carried = {name: value for name, value in found.items() if value is not None and not environment.get(name)}
    if settings.cert is not None:
        carried["SSL_CERT_DIR" if Path(settings.cert).is_dir() else "SSL_CERT_FILE"] = settings.cert
    if settings.client_cert is not None:
        carried["SSL_CLIENT_CERT"] = settings.client_cert
    if settings.proxy is not None:
        proxy = settings.proxy if "://" in settings.proxy else f"http://{settings.proxy}"
        carried |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"), proxy)
    for name, limits in (("UV_CONSTRAINT", settings.constraints), ("UV_BUILD_CONSTRAINT", settings.build_constraints)):
        remote = [each for each in limits if "://" in each]
        if remote and name not in environment:
            carried[name] = " ".join(remote)
    return carried


def uv_arguments(settings: IndexSettings) -> list[str]:
    """What ``uv pip compile`` and ``uv pip install`` take as options only; holds no password."""
    words = ["--no-index"] if settings.no_index else []
    words += ["--no-deps"] if settings.no_deps else []
    for option, values in (
        ("-c", settings.constraints),
        ("-b", settings.build_constraints),
        ("--no-binary", settings.no_binary),
        ("--only-binary", settings.only_binary),
    ):
        for value in values:
            if "://" not in value:
                words += [option, value]
    return words


def pip_variables(settings: IndexSettings) -> dict[str, str]:
    """The variables with which pip does the same in another virtualenv, whatever else it was told for people."""
    return {**settings.for_pip, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def places(
    settings: IndexSettings, environment: Mapping[str, str], options: Sequence[Options]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The URLs of the indexes, and the folders and pages beside them, that a resolution looks in, in order."""
    own_links = tuple(link for each in options for link in each.find_links)
    links = tuple((environment.get("UV_FIND_LINKS") or ",".join(settings.find_links)).split(","))
    beside = tuple(link for link in (*own_links, *links) if link)
    if settings.no_index or any(each.no_index for each in options):
        return (), beside
    own = [each.index_url for each in options if each.index_url]
    more = [url for each in options for url in each.extra_index_urls]
    main = environment.get("UV_DEFAULT_INDEX") or environment.get("UV_INDEX_URL") or settings.index_url or _default_index()
    configured = (environment.get("UV_INDEX") or environment.get("UV_EXTRA_INDEX_URL") or "").split()
    extra = configured or list(settings.extra_index_urls)
    return (own[-1], *more) if own else (main, *extra, *more), beside


def _default_index() -> str:
    """Where pip looks when nobody tells it anything else: distlib, which virtualenv brings, has its older door."""
    from distlib.index import DEFAULT_INDEX  # 4 MB, and hardly ever needed

    return f"{DEFAULT_INDEX.removesuffix('/pypi')}/simple"


def _bundle_of_pip(environment: Mapping[str, str]) -> str | None:
    """The certificates that pip's own library takes from the environment; uv has another variable for them."""
    if environment.get("SSL_CERT_FILE") or environment.get("SSL_CERT_DIR"):
        return None
    return environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE") or None


def _names(value: str | None) -> tuple[str, ...]:
    return tuple(name for name in re.split(r"[,\s]+", value or "") if name)


def _whole_seconds(value: str | None) -> str | None:
    try:
        return str(max(1, round(float(value)))) if value is not None else None
    except ValueError:
        return None


def _is_there(link: str) -> bool:
    """pip passes over a folder that is missing; uv would stop."""
    parts = urlsplit(link)
    if parts.scheme == "file":
        return Path(unquote(parts.path)).exists()
    return "://" in link or Path(link).expanduser().exists()
