# Two commands: `make demo` shows the main job, `make test` checks everything.
.PHONY: demo test serve check bench fuzz setup

demo: setup
	@scripts/demo

test: setup
	@scripts/registry
	@scripts/podman
	@scripts/readers
	@scripts/clients
	@scripts/check
	@.venv/bin/python -m pytest -n 3 --dist loadfile

serve: setup
	@.venv/bin/cwl-processes serve

check: setup
	@scripts/check

bench: setup
	@.venv/bin/python -m benchmarks

fuzz: setup
	@.venv/bin/python -m conformance.fuzzing

setup:
	@scripts/venv
	@scripts/engine
	@scripts/images
