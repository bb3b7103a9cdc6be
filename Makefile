# Two commands: `make demo` shows the main job, `make test` checks everything.
.PHONY: demo test serve check bench fuzz setup

demo: setup
	@scripts/demo

test: setup
	@scripts/registry
	@scripts/image
	@scripts/podman
	@scripts/readers
	@scripts/clients
	@scripts/issuer
	@scripts/check
	@.venv/bin/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

serve: setup
	@.venv/bin/cwl-processes serve

check: setup
	@scripts/check

bench: setup
	@.venv/bin/python -m benchmarks

fuzz: setup
	@.venv/bin/python -c 'import atheris' 2>/dev/null || \
		.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]' || true
	@.venv/bin/python -m conformance.guided --seconds 600
	@.venv/bin/python -m conformance.fuzzing
	@.venv/bin/python -m conformance.fuzzing --stateful
	@.venv/bin/python -m conformance.fuzzing --accounts

setup:
	@scripts/venv
	@scripts/engine
	@scripts/images
