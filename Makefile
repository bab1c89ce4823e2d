# The project's verbs. All set-up is in them: a fresh Debian and `make demo` or `make test`.
.PHONY: setup demo season tampering swaps soak unattended test check boot vm arm64 deb bench voice-check golden accuracy faults clean manual
BIN := .venv/bin

setup:
	@scripts/setup

demo: setup
	@$(BIN)/python -m sim demo

# A whole season at a made-up office, recounted from its files. SIZE=full: 94 schools and 10 000 people.
season: setup
	@scripts/setup-tests
	@$(BIN)/python -m sim season $(if $(filter full,$(SIZE)),--full)

# A thousand tamperings with an exported season: how many `center verify-season` finds.
tampering: setup
	@scripts/setup-tests
	@$(BIN)/python -m sim tampering

# Three hundred swapped faces planted in the office's records: how many reach a school.
swaps: setup
	@scripts/setup-tests
	@$(BIN)/python -m sim swaps

# A booth on threads that is never switched off: SIZE visits (2000), whatever breaks. REPORT=1: figures into docs/soak.md.
soak: setup
	@scripts/setup-tests
	@$(BIN)/python -m sim soak $(if $(SIZE),--visits $(SIZE)) $(if $(REPORT),--report docs/soak.md)

# A season of three booths that nobody looks after: SIZE working days (all), troubles at stated rates. REPORT=1: as above.
unattended: setup
	@scripts/setup-tests
	@$(BIN)/python -m sim unattended $(if $(SIZE),--days $(SIZE)) $(if $(REPORT),--report docs/soak.md)

# FACES: a folder of labelled portraits; without it the tests that need one say NOT RUN. One process more than there are
# processors: one of them always waits for a disk, a frame or another program.
test: setup
	@scripts/setup-tests
	scripts/in-memory scripts/suite -q -n $$(($$(nproc) + 1)) --dist loadgroup --durations 10 $(if $(FACES),--faces="$(FACES)")

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# The Debian packages, into build/deb, and what Debian's checker says of them. ARCH: amd64 or arm64.
ARCH ?= amd64
deb: setup
	@scripts/deb $(ARCH)
	@scripts/setup-boot
	@if command -v lintian >/dev/null; then lintian --allow-root --fail-on error --tag-display-limit 0 build/deb/*_$(ARCH).deb; \
		else echo "lintian: NOT RUN, it is not installed" >&2; fi

# The units under Debian's own systemd, installed from the packages. REPORT=1 writes what was seen into docs/boot.md.
# LONG=1: instead, that each of the checks fails where a unit is as it was (half an hour; out/boot/old.md lists them).
boot: setup
	@scripts/setup-boot
	@DEB_OUT=out/boot/deb DEB_COMPRESSION=none scripts/deb
	$(if $(LONG),BOOT_EXTRA="dbus libpam-systemd" BOOT_PATIENCE_S=$${BOOT_PATIENCE_S:-60}) BOOT_REPORT=$(if $(LONG),,$(REPORT)) \
		$(BIN)/pytest -q -n 0 -m $(if $(LONG),boot_long,boot) tests/boot

# The booth's package on a whole machine in QEMU: kernel, panel, touch, serial ports, watchdogs, power cuts. SIZE: how many
# cuts (200). REPORT=1 writes what was seen into docs/vm.md.
vm: setup
	@scripts/setup-boot
	@scripts/setup-vm
	@DEB_OUT=out/vm/deb DEB_COMPRESSION=none scripts/deb
	VM_REPORT=$(REPORT) VM_CUTS=$(SIZE) $(BIN)/pytest -q -n 0 -m vm tests/vm

# The packages for a Raspberry Pi, in a Debian for arm64: install, set up, look, play a session, install again, remove.
arm64: setup
	@scripts/deb arm64
	$(BIN)/pytest -q -n 0 --durations 0 --durations-min 1 -m arm64 tests/arm64

# What takes long: every page for everybody, the whole fault sweeps and mutations, every stranger of FACES, and the
# property tests with examples that no run had before; LibreOffice opens what schools get, where it is installed.
faults: setup
	@scripts/setup-tests
	FAULTS=long $(BIN)/pytest -q -n0 tests/center/web/test_everybody_reaches_every_page.py tests/center/web/test_pages_fuzzed.py
	FAULTS=long $(BIN)/pytest -q -n0 --timeout 7200 tests/center/delivery/test_whatever_order.py tests/center/platform/test_office_programs_open_it.py
	FAULTS=long $(BIN)/pytest -q --timeout 7200 tests/faults tests/mutation tests/center/export tests/update
	FAULTS=long $(BIN)/pytest -q --timeout 7200 tests/season/test_swaps.py tests/sim/test_left_out.py $(if $(FACES),--faces="$(FACES)")
	FAULTS=long $(BIN)/pytest -q -n0 tests/scenario -k "sits-down-after-help or voice-alone-in-english"
	FAULTS=long $(BIN)/pytest -q -n auto --dist loadgroup -m hypothesis --ignore tests/faults --ignore tests/mutation --ignore tests/update

bench: setup
	@scripts/setup-tests
	@$(BIN)/python -m bench

# How often the checks are wrong. FACES: a folder of labelled portraits (neutral/, labels.csv, smiling/); without it drawn
# people only. PER_CHECK: faulty pictures a check; 300 take both cores half an hour, 24 some minutes. PEOPLE=1: only
# photographed people in the booth, strangers, and how they are cut out.
PER_CHECK ?= 300
PROFILE ?= national-2017
accuracy: setup
	@$(BIN)/python -m bench.accuracy $(if $(FACES),--faces "$(FACES)") --profile $(PROFILE) --per-check $(PER_CHECK) \
		$(if $(PEOPLE),--people)

# How well a recogniser understands the recordings; writes the report into docs/voice.md.
voice-check:
	@scripts/voice check

golden: setup
	@scripts/setup-tests
	$(BIN)/pytest -q tests/golden --update-golden
	$(BIN)/python -m sim.pictures docs/pictures

# A school's year and the office's season in the browser write the pictures of docs/manual.zh-CN.md.
manual: setup
	@CHINESE_BROWSER=1 scripts/setup-tests
	LANGUAGE=zh_CN MANUAL_PICTURES=docs/pictures/manual $(BIN)/pytest -q -n0 tests/center/manual/test_school_year.py tests/center/manual/test_office_season.py

clean:
	rm -rf .venv .cache out build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis bench/.venv
