# Each of these works as the very first command on a fresh clone.
.PHONY: demo test lint bench clean
DEMO ?= demo
export PATH := $(CURDIR)/.venv/bin:$(PATH):/usr/sbin

demo: .venv/ready nginx
	@.venv/bin/console demo $(DEMO)

test: .venv/ready nginx
	@.venv/bin/python -m pytest $(ARGS)

lint: .venv/ready
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo

bench: .venv/ready nginx
	@.venv/bin/python -m tests.bench $(ARGS)

.PHONY: nginx
nginx:
	@.ci/nginx

.venv/ready: pyproject.toml constraints.txt .ci/bootstrap
	@.ci/bootstrap

# The exact versions that the tests run with; the only file with upper pins.
.PHONY: constraints
constraints: .venv/ready
	@.venv/bin/uv pip compile --quiet --universal --upgrade --group dev --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml --output-file constraints.txt

# Collect the texts into the catalogues, and compile these; tests fail when either has been forgotten.
.PHONY: texts
texts: .venv/ready
	@.venv/bin/pybabel -q extract --keywords=_ --keywords=N_ --keywords=ngettext:1,2 --add-comments=Translators: --sort-by-file --no-wrap --omit-header --output=console/locale/console.pot console
	@for file in console/locale/*/LC_MESSAGES/console.po; do .venv/bin/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --omit-header --input-file=console/locale/console.pot --output-file=$$file --locale=$$(basename $$(dirname $$(dirname $$file))); done
	@.venv/bin/pybabel -q compile --domain=console --directory=console/locale

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
