"""The same settings for pip as in the tests of virtualenvs."""

from ..venv.conftest import _own_pip_settings as _own_pip_settings
