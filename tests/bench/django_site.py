"""A container with a Django site of ten requirements, all of them wheels, and the guide's way to rebuild it."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from console.container import Container
from console.shell_commands import supervisorctl
from tests import containers

REQUIREMENTS = (
    "django",
    "gunicorn",
    "whitenoise",
    "requests",
    "pillow",
    "psycopg2-binary",
    "djangorestframework",
    "python-dateutil",
    "beautifulsoup4",
    "redis",
)
APP = """
import django
import requests
import rest_framework
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from PIL import Image

settings.configure(
    ALLOWED_HOSTS=["*"],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"],
    MIDDLEWARE=["whitenoise.middleware.WhiteNoiseMiddleware", "django.middleware.common.CommonMiddleware"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of a benchmark",
    STATIC_URL="/static/",
)
urlpatterns = [path("", lambda request: HttpResponse(django.__version__)), path("health", lambda r: HttpResponse("ok"))]
application = get_wsgi_application()
"""


@contextmanager
def django_site(supervisord: Sequence[str] | None = None, root: Path | None = None) -> Iterator[Container]:
    """A container whose app is the site, made as the guide says, with warm caches of pip and uv in its own /srv.

    For the time of the block this process has the environment of the container's user. ``supervisord`` is the command
    that starts it; ``root`` is where it is made, a new folder by default.
    """
    container = containers.make(supervisord=supervisord, root=root)
    before = dict(os.environ)
    try:
        os.environ["HOME"] = str(container.srv)
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # supervisorctl
        for name in ("XDG_CACHE_HOME", "UV_CACHE_DIR", "PIP_CACHE_DIR"):
            os.environ.pop(name, None)
        (container.app / "app.py").write_text(APP)
        container.requirements.write_text("".join(f"{name}\n" for name in REQUIREMENTS))
        run_guide(container)
        yield container
    finally:
        os.environ.clear()
        os.environ.update(before)
        containers.remove(container.root)


def run_guide(container: Container) -> None:
    """The guide's commands, one after the other."""
    subprocess.run(["bash", "-ec", guide_script(container)], check=True, capture_output=True)


def guide_script(container: Container) -> str:
    """The guide's commands as a script."""
    python = container.python
    assert python is not None
    return "\n".join(
        [
            supervisorctl(container, "stop", "app"),
            shlex.join(["rm", "-rf", str(container.venv)]),
            shlex.join([str(python.with_name("virtualenv")), str(container.venv)]),
            shlex.join(["source", str(container.venv / "bin" / "activate")]),
            shlex.join(["pip", "install", "-r", str(container.requirements)]),
            supervisorctl(container, "start", "app"),
        ]
    )
