# Everything a newcomer or a CI machine needs: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SOLC   := .toolchain/solc/solc-v0.8.30

# As it was given: Slither brings a solc into $(BIN) that is none, and would download one.
GIVEN_PATH := $(PATH)
# Brownie and py-solc-x find the compiler here instead of downloading one, and the local chains on PATH.
export SOLCX_BINARY_PATH := $(CURDIR)/.toolchain/solc
export ANOMALYHIVE_CACHE ?= $(CURDIR)/.cache
# What tests skip is written here and printed at the end.
export ANOMALYHIVE_LEFT_OUT := $(CURDIR)/.toolchain/left-out
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/$(BIN):$(PATH)

PYTEST := $(BIN)/python -m pytest
# Brownie's plugin compiles the project at every start: only the contract tests need it.
PURE   := $(PYTEST) -p no:pytest-brownie

.PHONY: help setup demo test test-pure test-unit test-integration test-others test-contracts test-fuzz fuzz mutants chaos kubo check format bench screenshots gas abi lock clean
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed node_modules/.installed $(SOLC) build/.compiled .toolchain/.warm ## Install everything, from the lock files

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 10) else "Python 3.10 or newer is needed, $(PYTHON) is " + sys.version.split()[0] + ": name another with make PYTHON=...")'
	@echo "Installing Python packages into $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

node_modules/.installed: package.json package-lock.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("Node 20 or newer is needed, this is " + process.version); process.exit(1) }'
	@echo "Installing npm packages ..."
# Not `npm ci`: it refuses a lock file without the Anvil binaries of every platform, and a registry need not have them
# all. What is locked is installed as locked, with its integrity checked; --no-save leaves the lock file as it is.
	@npm install --no-save --loglevel=error --no-audit --no-fund
	@touch $@

# A native compiler of the same version is faster and is used where there is one.
$(SOLC): scripts/solc.js
	@mkdir -p $(@D)
	@native=$$(PATH="$(GIVEN_PATH)" command -v solc); \
	if [ -n "$$native" ] && "$$native" --version 2>/dev/null | grep -q 'Version: 0.8.30+'; \
	then ln -sf "$$native" $@; else ln -sf ../../scripts/solc.js $@; fi

build/.compiled: $(shell find contracts -name '*.sol') brownie-config.yaml | $(VENV)/.installed node_modules/.installed $(SOLC)
	@echo "Compiling contracts ..."
	@rm -rf build/contracts  # Brownie keeps what it compiled of a source that is gone
	@brownie compile --all > .toolchain/compile.log 2>&1 || { cat .toolchain/compile.log; exit 1; }
	@touch $@

.toolchain/.warm: $(VENV)/.installed | $(SOLC)
	@echo "Deriving commitment generators (seconds; about two minutes on Python 3.10) ..."
	@$(BIN)/python scripts/warm_cache.py > /dev/null
	@touch $@

# Only tests need it, and they say what they left out where it cannot be had.
.toolchain/.monerod: scripts/monerod.py | $(VENV)/.installed
	@echo "Fetching monerod, for the tests on a live Monero chain ..."
	@$(BIN)/python scripts/monerod.py && touch $@ || true

# Likewise: the tests on real IPFS daemons and the federation of processes.
.toolchain/.kubo: scripts/build_kubo.py scripts/kubo/go.mod scripts/kubo/go.sum | $(VENV)/.installed
	@echo "Building Kubo, for the tests on real IPFS daemons (some minutes once) ..."
	@$(BIN)/python scripts/build_kubo.py && touch $@ || true

# Likewise: what tests the HTTP API from its own description. It wants a newer hypothesis than Brownie allows.
.toolchain/.schemathesis: scripts/schemathesis/requirements.lock | $(VENV)/.installed
	@echo "Installing Schemathesis, for the tests of the HTTP API ..."
	@$(PYTHON) -m venv --clear .toolchain/schemathesis \
	  && .toolchain/schemathesis/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $< \
	  && touch $@ || true

kubo: $(VENV)/.installed ## Build Kubo, the IPFS daemon, where Go is; an `ipfs` on PATH is used as it is
	@$(BIN)/python scripts/build_kubo.py

demo: setup ## Run a federation on real Ethereum transactions, from deployment to audit
	@$(BIN)/python scripts/demo.py

# Two runs side by side: what waits for chains and daemons leaves a core to what computes. Each tells when it is over.
test: setup .toolchain/.monerod .toolchain/.kubo .toolchain/.schemathesis ## Run every test
	@rm -f $(ANOMALYHIVE_LEFT_OUT)
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-integration test-others
	@$(BIN)/python scripts/left_out.py

test-others:
	@$(MAKE) --no-print-directory test-unit
	@$(MAKE) --no-print-directory test-contracts
	@$(MAKE) --no-print-directory test-fuzz

test-pure: test-unit test-integration

test-unit: setup .toolchain/.monerod .toolchain/.kubo
	$(PURE) tests --ignore=tests/contracts --ignore=tests/gas --ignore=tests/integration

test-integration: setup .toolchain/.kubo .toolchain/.schemathesis
	$(PURE) tests/integration

test-contracts: setup
	$(PYTEST) tests/contracts tests/gas

# The same calls every time, and enough for a function that stands idle to show.
test-fuzz: setup
	$(BIN)/python scripts/fuzz.py --calls 120000 --seed 1

CALLS ?= 1000000
fuzz: setup ## Fuzz the contracts at native speed: CALLS=1000000, SEED= any
	$(BIN)/python scripts/fuzz.py --calls $(CALLS) $(if $(SEED),--seed $(SEED))

mutants: setup ## Break each property of the contracts on purpose and see the fuzzer catch it
	$(BIN)/python scripts/mutants.py

ROUNDS ?= 20
chaos: setup .toolchain/.kubo ## Run nodes as processes while faults come at random: ROUNDS=20, SEED= any
	$(BIN)/python scripts/chaos.py --rounds $(ROUNDS) $(if $(SEED),--seed $(SEED))

check: setup ## Lint and type-check, the contracts with solhint and Slither
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	solhint --config .solhint.js --max-warnings 0 --disc --noPoster 'contracts/**/*.sol'
	$(BIN)/python scripts/check_contracts.py

format: setup ## Format the Python code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

CHUNKS ?= data/ethereum-transactions
bench: setup ## Print the quality and speed tables; CHUNKS= names a folder of raw transactions
	$(BIN)/python scripts/bench_quality.py
	$(BIN)/python scripts/bench_content.py
	$(BIN)/python scripts/bench_rows.py $(CHUNKS)
	$(BIN)/python scripts/bench_raw.py $(CHUNKS)
	$(BIN)/python scripts/bench_metrics.py $(CHUNKS)
	$(BIN)/python scripts/bench_contribute.py
	$(BIN)/python scripts/bench_ingest.py
	$(BIN)/python scripts/bench_monitor.py --arrivals 100 --memory-blocks 5000
	$(BIN)/python scripts/bench_audit.py --rounds 10 --nodes 100

screenshots: setup ## Take the pictures of the dashboard in docs/images, of hives at work
	PYTHONPATH=offchain:scripts $(BIN)/python scripts/screenshots.py

gas: setup ## Print gas by function beside the committed snapshot
	$(BIN)/python scripts/gas.py

abi: setup ## Write the contracts' ABI and bytecode into the Python package
	$(BIN)/python scripts/export_abi.py

lock: setup ## Resolve requirements.lock again from pyproject.toml, for every supported Python
	$(PYTHON) -m venv .toolchain/uv && .toolchain/uv/bin/pip install --quiet uv==0.13.9
	.toolchain/uv/bin/uv pip compile --universal --python-version 3.10 --extra dev --generate-hashes \
	  --no-header --no-annotate pyproject.toml -o requirements.lock

clean: ## Remove what the other targets made, but for runs/
	rm -rf $(VENV) node_modules .toolchain .cache build .mypy_cache .pytest_cache .ruff_cache .hypothesis
