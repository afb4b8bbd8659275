# What developers do. `just` alone runs all tests, which include lint, types and contracts.

venv := ".venv/bin"

# all tests, as CI runs them
test *args:
    {{venv}}/pytest {{args}}

# all tests on all cores
fast *args:
    {{venv}}/pytest -n auto {{args}}

# one law, by a word of its name
law word:
    {{venv}}/pytest tests/laws -k {{word}}

# against the real client (nodejs and npm needed)
client *args:
    {{venv}}/pytest tests/client {{args}}

# make .venv from the lock file, exactly
setup:
    uv sync --locked --extra dev

# what ruff has to say
lint:
    {{venv}}/ruff check
    {{venv}}/ruff format --check

# let ruff mend and format
fmt:
    {{venv}}/ruff check --fix
    {{venv}}/ruff format

# mypy, strict
types:
    {{venv}}/mypy

# the house rules: who may import whom
contracts:
    {{venv}}/lint-imports --no-logo

# photograph the dashboard for its page (needs Chromium)
screens:
    {{venv}}/python tools/screens.py

# fill the command outputs in the README and draw the pictures
docs:
    {{venv}}/python tools/outputs.py README.md
    {{venv}}/python tools/pictures.py
    {{venv}}/python tools/cli_docs.py

# the longest modules and functions: a number to look at, not a limit
sizes:
    {{venv}}/python tools/sizes.py src

# what the tests reach
coverage:
    {{venv}}/coverage run -m pytest
    {{venv}}/coverage combine
    {{venv}}/coverage report

# the oldest dependencies we say we work with
lowest:
    uv venv --quiet --clear .venv/lowest
    uv pip install --quiet --python .venv/lowest --resolution lowest-direct -e '.[dev]'
    .venv/lowest/bin/pytest tests --ignore tests/house --ignore tests/client

# take newer dependencies; the lock may name no index but pypi.org
lock:
    uv lock --upgrade --default-index https://pypi.org/simple
