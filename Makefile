# `make` alone prints this list. Everything below sets up what it needs in .venv first.
PYTHON ?= python3
# What is invented goes into a folder of its own, never beside what is real and into the same ledger.
ARCHIVE ?= $(if $(filter-out fixtures/%,$(URL)),archive,demo)
BIN = .venv/bin
READY = .venv/.ready
DEMO = fixtures/bluesky/nine-boxes
# The rooms without a network, a clock, a disk or a terminal: every branch of theirs is tested.
PURE = archiver/urls.py,archiver/layout.py,archiver/options.py,archiver/model.py,archiver/errors.py,archiver/config.py,archiver/json_names.py,archiver/routes.py,archiver/threads/*,archiver/redaction/scrub.py,archiver/ledger.py,archiver/window.py,archiver/evidence/chain.py,archiver/evidence/finding.py,$\
archiver/wayback.py,archiver/calls.py,archiver/testing/left_out.py,archiver/text/*,archiver/http/message.py,archiver/http/pace.py,archiver/http/doors.py,archiver/http/outcome.py,$\
archiver/http/outgoing.py,archiver/http/redact.py,archiver/http/addresses.py,archiver/http/spending.py,$\
archiver/platforms/*,archiver/exporters/terminal.py,archiver/exporters/markdown.py,archiver/exporters/file_names.py,$\
archiver/exporters/markdown_post.py,archiver/exporters/media.py,archiver/exporters/wording.py,archiver/exporters/verdict.py,archiver/exporters/remarks.py,archiver/exporters/style.py,archiver/exporters/view.py,archiver/exporters/said.py,archiver/exporters/markdown_words.py,$\
archiver/exporters/markdown_header.py,archiver/exporters/links.py,archiver/exporters/sources.py,archiver/exporters/listing.py,$\
archiver/exporters/index.py,archiver/exporters/feed.py,archiver/exporters/article.py,archiver/exporters/numbering_aside.py,$\
archiver/exporters/exact_json.py,archiver/exporters/table.py,archiver/exporters/redaction_notes.py,archiver/exporters/names_hidden.py,archiver/exporters/pseudonyms.py,$\
archiver/exporters/timeline.py,archiver/exporters/page/*,archiver/importers/folder.py,archiver/store/rows.py,archiver/store/columns.py,$\
archiver/store/restore.py,archiver/store/exchanges.py,$\
archiver/evidence/stamps.py,archiver/evidence/der.py,$\
archiver/evidence/words.py,archiver/kinds.py,archiver/media/hls.py,archiver/media/plan.py,archiver/media/captured.py,archiver/warc/write.py,archiver/warc/wacz.py,archiver/warc/own_pages.py,archiver/warc/answers.py,archiver/warc/records.py,$\
archiver/warc/book.py,archiver/warc/collection.py

.DEFAULT_GOAL := help
.PHONY: help run test check lint types fmt golden platform platform-check record docs servers test-servers test-browser bench build clean

help:  ## print this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml archiver/__init__.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "needs Python 3.11 or newer with venv (Debian: apt install python3-venv)"; exit 1; }
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "needs Python 3.11 or newer; try: make PYTHON=python3.12"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

run: $(READY)  ## archive a thread: make run URL='https://…' [ARCHIVE=DIR]; without URL an invented one, into demo/
	@if [ -z "$(URL)" ]; then $(BIN)/archiver --archive "$(ARCHIVE)" import $(DEMO); \
	elif [ -e "$(URL)" ]; then $(BIN)/archiver --archive "$(ARCHIVE)" import "$(URL)"; \
	else $(BIN)/archiver --archive "$(ARCHIVE)" save "$(URL)"; fi

test: $(READY)  ## the tests that need no network; every branch of the pure rooms is taken
	$(BIN)/pytest -q -n auto --cov --cov-report=
	$(BIN)/coverage report --include='$(PURE)' --fail-under=100

check: lint types test  ## all that is asked of a change: lint, types, tests

lint: $(READY)  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)  ## mypy --strict
	$(BIN)/mypy --strict archiver

fmt: $(READY)  ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: $(READY)  ## write the golden files of the fixtures anew; read the diff before you commit it
	$(BIN)/python -m tests.cases golden

platform: $(READY)  ## begin a platform: make platform NAME=hackernews
	$(BIN)/python -m tests.scaffold "$(NAME)"

platform-check: $(READY)  ## all that is asked of one platform, in seconds: make platform-check NAME=hackernews
	$(BIN)/python -m tests.platform_check "$(NAME)"

record: $(READY)  ## record a fixture: make record URL=https://… [CASE=bluesky/long-thread] [CONFIG=FILE]
	$(BIN)/python -m tests.cases record "$(URL)" "$(CASE)" "$(CONFIG)"

docs: $(READY)  ## write the generated parts of the documentation anew
	$(BIN)/python -m tests.documents write
	$(BIN)/python -m tests.example

test-servers: $(READY)  ## against real servers on loopback (a Bluesky network, snac2, pywb); says what it skips
	$(BIN)/python -m tests.servers.install
	$(BIN)/pytest -q -m servers tests/servers -rs

test-browser: $(READY)  ## the pages in a real Chromium: accessible, valid, silent, whole on paper; says what it skips
	$(BIN)/python -m tests.browser.install
	$(BIN)/pytest -q -m browser tests/browser -rs

bench: $(READY)  ## timings as ratios against a yardstick in the same run
	$(BIN)/python -m tests.bench_store
	$(BIN)/python -m tests.bench_evidence
	$(BIN)/python -m tests.bench_pages

build: $(READY)  ## a wheel and a source archive in dist/
	$(BIN)/python -m pip install --quiet build
	$(BIN)/python -m build

clean:  ## take away what these targets have made, archives left alone
	rm -rf .venv .servers .browser dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
