# Each of these works as the very first command on a fresh clone.
.PHONY: demo test lint bench clean
DEMO ?= demo
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin

demo: .venv/ready nginx
	@.venv/bin/console demo $(DEMO)

test: .venv/ready nginx ssh shells
	@.venv/bin/python -m pytest $(ARGS)

lint: .venv/ready
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

bench: .venv/ready nginx ssh
	@.venv/bin/python -m tests.bench $(ARGS)

# docs/reliability.md: faults in the middle of a rebuild, tried, and what came of each.
.PHONY: reliability
reliability: .venv/ready nginx
	@WRITE_RELIABILITY=1 .venv/bin/python -m pytest tests/faults $(ARGS)

# dist/: the wheel, the sdist, and the installer that needs no network.
.PHONY: dist
dist: .venv/ready
	@.ci/dist

.PHONY: nginx ssh shells
nginx:
	@.ci/nginx

ssh:
	@.ci/ssh

shells:
	@.ci/shells

.venv/ready: pyproject.toml constraints.txt .ci/bootstrap
	@.ci/bootstrap

# The exact versions that the tests run with; the only file with upper pins.
.PHONY: constraints
constraints: .venv/ready
	@.venv/bin/uv pip compile --quiet --universal --python-version 3.10 --fork-strategy fewest --upgrade --group dev --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --output-file constraints.txt

# The lower bounds of pyproject.toml, tried: the console with the oldest versions that they allow.
.PHONY: lowest
lowest: .venv/ready nginx ssh
	@.venv/bin/uv venv --quiet --clear --python .venv/bin/python .venv-lowest
	@.venv/bin/uv pip compile --quiet --resolution lowest-direct --python .venv-lowest/bin/python --no-header --no-annotate pyproject.toml --output-file .venv-lowest/bounds.txt
	@.venv/bin/uv pip install --quiet --python .venv-lowest/bin/python --constraint .venv-lowest/bounds.txt --editable . --group dev
	@.venv-lowest/bin/python -m pytest tests/cli tests/e2e $(ARGS)

# Collect the texts into the catalogues, and compile these; tests fail when either has been forgotten.
.PHONY: texts
texts: .venv/ready
	@.venv/bin/python -m tests.catalogues

clean:
	rm -rf .venv .venv-lowest dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
