# Everything that a newcomer or the continuous integration runs. `make` alone lists it.

PREFIX ?= /usr/local
CARGO_TARGET_DIR ?= target
export CARGO_TARGET_DIR

BPC := $(abspath $(CARGO_TARGET_DIR))/release/bpc
# The tests run this program.
export BPC_BIN := $(BPC)

# The whole workspace is selected everywhere, so that features are resolved once and nothing is
# compiled twice. There are no examples: `--examples` makes cargo take the tests' dependencies into
# account as `cargo test` does, at no cost.
BUILD := cargo build --release --locked --workspace --bin bpc --examples

.PHONY: help install-dependencies build demo doc test validate bench bench-peers install clean

help:
	@echo 'make demo            installs what is missing, builds, runs a network, draws out/coba_lif.svg and .png'
	@echo 'make doc             documents the standard library in out/doc/index.html and index.md'
	@echo 'make test            installs what is missing, and runs the whole test suite'
	@echo 'make build           installs what is missing, and builds $(CARGO_TARGET_DIR)/release/bpc'
	@echo 'make validate        the tests with long runs against reference data as well'
	@echo 'make bench           times compilation, steps, event delivery and connectivity'
	@echo 'make bench-peers     runs other simulators on the same networks, and prints one table'
	@echo 'make install         puts bpc into PREFIX/bin (PREFIX=$(PREFIX))'
	@echo 'make clean           removes everything that was built'

install-dependencies:
	@tools/install-dependencies

build: install-dependencies
	$(BUILD)

demo: build
	@mkdir -p out
	$(BPC) run examples/coba_lif.bp --plot out/coba_lif.svg --plot out/coba_lif.png
	@echo
	@echo 'the picture: out/coba_lif.svg and out/coba_lif.png'

doc: build
	$(BPC) doc std -o out/doc

# Doc tests are left out: there are none, and each would link all of MLIR.
test: build
	cargo fmt --all --check
	cargo clippy --release --locked --workspace --all-targets -- -D warnings
	cargo test --release --locked --workspace --tests --no-fail-fast

validate: build
	BPC_VALIDATE=1 cargo test --release --locked --workspace --tests --no-fail-fast

bench: build
	cargo bench --locked --workspace --bench '*'

# BENCH_FLAGS such as `--peers brian2` or `--repeats 9`.
bench-peers: build
	benches/peers/setup.sh || echo 'not every other simulator could be installed: those are left out'
	benches/peers/run --bpc $(BPC) $(BENCH_FLAGS)

install: build
	install -D -m 755 -s --strip-program=/usr/lib/llvm-22/bin/llvm-strip $(BPC) $(DESTDIR)$(PREFIX)/bin/bpc

clean:
	cargo clean
	rm -rf out
