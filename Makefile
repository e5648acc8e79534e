# The two commands are `make run` and `make test`; neither needs the other first.

.PHONY: run test check check-launch deb check-deb build install assets system format hooks engine-bench bench bench-growth bench-cluster bench-recovery bench-idle bench-telemetry bench-peers soak soak-cluster fuzz experiment experiment-small experiment-page clean

PREFIX ?= /usr/local
# What a run needs: benchmarks and the simulation are built where they are used.
commands = for command in ead-controller ead-learner ead-worker ead-ctl; do \
	swift build -c release --product $$command || exit; done

# Trains SmolLM2-135M with EAD on this machine: controller, learner and two workers on loopback.
run: system assets
	@$(commands)
	.build/release/ead-ctl up cluster/quickstart.yaml

# All tests, debug build.
test: system assets
	scripts/test.sh

# What CI checks besides tests: format, layers, generated code, shell scripts.
check: system
	scripts/check.sh

# What `ead-ctl launch` makes, in systemd's and Kubernetes' checkers, in Slurm, over ssh; skips what is not installed.
check-launch: build assets
	scripts/check-launch.sh release $(ARGS)

build: system
	@$(commands)

# Commands, shell completions and man pages under PREFIX (and DESTDIR before it).
install: build
	scripts/install.sh $(PREFIX)

# A Debian package and a tarball whose commands need no Swift toolchain, in .build/packages.
deb: system
	scripts/package.sh

# The package in a chroot of bare Debian: installed, used, removed.
check-deb: deb assets
	scripts/check-package.sh .build/packages/ead_*.deb

# Debian packages and the Swift toolchain; installs what is missing.
system:
	@scripts/install-system.sh

# Model and data, once, into the cache directory.
assets:
	@scripts/fetch-assets.sh

# From here on git runs scripts/check.sh before each commit.
hooks:
	git config core.hooksPath scripts/hooks

format:
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

engine-bench: system
	swift build -c release --product engine-bench

bench: engine-bench assets
	.build/release/engine-bench $(ARGS)

# How cost grows with context, batch and tokens; redraws docs/growth.svg.
bench-growth: engine-bench
	.build/release/engine-bench --growth .build/growth.json
	python3 Benchmarks/growth.py .build/growth.json docs/growth.svg

# Whole GRPO steps through controller, learner and worker processes.
bench-cluster: build assets
	python3 Benchmarks/cluster/run.py .build/release/ead-ctl

# How soon a role is of use again that was killed, and what 200 idle workers cost the controller.
bench-recovery: build assets
	python3 Benchmarks/cluster/recovery.py .build/release/ead-ctl $(ARGS)

bench-idle: build assets
	python3 Benchmarks/cluster/idle-workers.py .build/release/ead-ctl $(ARGS)

# Whole clusters in virtual time, drawn from seeds, in a release build: make soak SECONDS=3600.
soak: system
	swift build -c release --product cluster-soak
	.build/release/cluster-soak --seconds $(or $(SECONDS),60) $(ARGS)

# Random trouble for real processes; the weights must be those of a calm run: make soak-cluster SECONDS=600.
soak-cluster: build assets
	python3 scripts/soak-cluster.py .build/release/ead-ctl --seconds $(or $(SECONDS),300) $(ARGS)

# What it costs to show a run: rollouts, TensorBoard's files and a scrape each second against none.
bench-telemetry: build assets
	python3 Benchmarks/cluster/telemetry.py .build/release/ead-ctl $(ARGS)

# llama.cpp, vLLM, transformers and TRL side by side with this engine: make bench-peers ARGS="--only llama --quick".
bench-peers: build engine-bench assets
	python3 Benchmarks/peers/run.py $(ARGS)

# Random bytes for everything that reads bytes from outside: make fuzz SECONDS=600 ARGS="envelope gguf".
fuzz: system
	scripts/fuzz.sh $(or $(SECONDS),60) $(ARGS)

# The runs behind docs/results, resumable: make experiment ARGS="--minutes 60"; see cluster/experiments/README.md.
experiment: build
	python3 scripts/experiment $(ARGS)

# The sign of its main result, in 20 minutes of two cores.
experiment-small: build
	python3 scripts/experiment --small $(ARGS)

# Tables, verdicts and figures of docs/results from the result files in docs/results/runs.
experiment-page:
	python3 scripts/experiment/page.py

# What a build made; runs/ is never touched.
clean:
	rm -rf .build
