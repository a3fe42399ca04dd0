# What each target does stands in the scripts that it calls, under .dev/.
SHELL := /bin/sh
.DEFAULT_GOAL := help

# A form and a prompt are the user's text: they reach the scripts as they were typed, with no $ expanded.
override FORM := $(value FORM)
override PROMPT := $(value PROMPT)
export FORM PROMPT ACCOUNT MAX_COST ROUTE N MCP_EL

target := $(or $(CARGO_TARGET_DIR),$(CURDIR)/target)
export LLM_SWITCH_SIMULATOR := $(target)/release/llm-switch-simulator
export LLM_SWITCH_MCP_SERVER := $(target)/release/examples/server
export LLM_SWITCH_FAULTS := $(target)/faults/release

##@ Try it
.PHONY: run smoke eval probe
run: build ## a gptel chat with a local model (yours, or a small one that is fetched)
	.dev/local-server smollm2 .dev/profile .local/run .dev/session -l .dev/run.el

smoke: build ## the same in batch: make smoke PROMPT="Say hello."
	.dev/local-server smollm2 .dev/profile temporary .dev/session --batch -l .dev/smoke.el

# Your own configuration, since that is what is asked about; nothing else of yours is read.
probe: build ## which of your accounts work: make probe ACCOUNT=openai MAX_COST=0.01, or ROUTE=fast N=20
	@.dev/session --batch -l .dev/probe.el

eval: build ## the value of a form, with the package loaded: make eval FORM='(+ 1 2)'
	@.dev/profile temporary .dev/session --batch -l .dev/eval.el

##@ Test
.PHONY: test test-rust test-lisp test-peers test-checkouts chat-script mcp-conformance budget-race day leak-test fuzz bench provider-table
test: ## all tests that need nothing beyond what `make run` installs; and no test key is left anywhere
	.dev/keys-test
	.dev/provider-table-test
	.dev/keys $(MAKE) test-rust test-lisp

test-rust: toolchain ## the Rust tests
	cargo test --workspace

test-lisp: build simulator faults mcp-server ## the Lisp tests: real module, simulator, MCP server, real llama-server
	.dev/eask
	.dev/local-server --own tiny .dev/profile temporary .dev/eask test ert test/*-test.el

test-peers: build simulator ## servers that others wrote; and the Lisp tests on another Emacs (28.2 beside a newer one, else 30.1)
	.dev/eask
	.dev/mcp-peers
	.dev/keys .dev/local-server --own tiny .dev/peers .dev/profile temporary .dev/eask test ert test/peers/*-test.el
	.dev/keys $(MAKE) test-lisp EMACS='$(CURDIR)/.dev/peer-emacs'

test-checkouts: build simulator ## older gptel, its own suite, gptel-agent, llm, from git clones: make test-checkouts DIR=FOLDER
	.dev/keys .dev/profile temporary .dev/test-checkouts '$(DIR)'

chat-script: build simulator ## one chat with everything in it, in five dialects and two kinds of buffer: all must be the same
	.dev/profile temporary .dev/chat-script

mcp-conformance: build ## MCP's own conformance suite, whose client is Emacs; both revisions of the protocol
	.dev/profile temporary .dev/mcp-conformance

provider-table: build ## what was shown of each provider: every cell from a test that ran just now
	.dev/eask
	.dev/provider-table

budget-race: simulator ## the proof that caps hold: 200 requests at once, 4 processes; one case: make budget-race CASES=3
	cargo build --release --package llm-switch-ledger --package llm-switch-engine --example sampler --example budget_race
	'$(target)/release/examples/budget_race' $(CASES)

day: toolchain ## the proof that whoever can answer is asked: 25 upstreams, one day; again: make day ARGS='--seed 7'
	cargo build --package llm-switch-ledger --package llm-switch-engine --example night --example day
	'$(target)/debug/examples/day' $(ARGS)

leak-test: build simulator ## the proof that in local mode not one packet leaves the machine: a network of our own, watched
	.dev/profile temporary .dev/leak-test

fuzz: toolchain ## the decoders against hostile bytes: make fuzz SECONDS=300 (for each of five)
	.dev/fuzz '$(or $(SECONDS),300)'

bench: build simulator mcp-server ## against gptel's own transport, and mcp.el: make bench MCP_EL=FOLDER; JSON in target/
	.dev/profile temporary .dev/bench

##@ Check
.PHONY: lint lint-rust lint-lisp
lint: lint-rust lint-lisp ## all linters, warnings as errors

lint-rust: toolchain ## rustfmt and clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

lint-lisp: ## byte-compiler, checkdoc, package-lint
	.dev/eask
	.dev/profile temporary .dev/lint-lisp

##@ Build
.PHONY: build simulator faults mcp-server package clean toolchain
build: toolchain ## the native module, into the user's cache
	.dev/session --batch -l llm-switch-module -f llm-switch-module-build-batch

simulator: toolchain ## the LLM services that the tests talk to
	cargo build --release --package llm-switch-simulator

faults: toolchain ## a module that can break things on purpose, for the tests
	cargo build --release --package llm-switch-module --features faults --target-dir '$(target)/faults'

mcp-server: toolchain ## the MCP server that the tests and the benchmark call
	cargo build --release --package llm-switch-mcp --example server

package: ## dist/llm-switch-VERSION.tar, for package-install-file
	.dev/package

clean: ## remove what was built or installed in this folder (not the user's cache)
	rm -rf target dist .local .eask lisp/*.elc

toolchain:
	@.dev/toolchain

##@ Help
.PHONY: help
help: ## this list
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@/ { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nEMACS=PATH names another Emacs; KEEP=1 keeps a temporary profile.\n'
