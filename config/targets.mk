# The targets that start from a bare machine. Each installs what it needs (Debian's packages, as root or by sudo) and runs the extension's own Makefile
# targets against the server that pg_config names.

SHELL = /bin/bash
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
BUILD ?= build
export PG_CONFIG

# libkrb5-dev: the server's libpq/libpq.h, which knows where messages go, includes the headers of GSSAPI where the server was built with it.
BUILD_PACKAGES = g++ postgresql postgresql-server-dev-all libboost-dev libkrb5-dev libtomlplusplus-dev
TEST_PACKAGES = cmake ninja-build libgtest-dev libgmock-dev nlohmann-json3-dev libipc-run-perl python3-alembic \
	python3-psycopg2 python3-sqlalchemy binutils
LINT_PACKAGES = clang-format clang-tidy
FUZZ_PACKAGES = clang libclang-rt-dev cmake ninja-build
DRIVER_PACKAGES = libpq-dev python3-psycopg2 python3-psycopg python3-sqlalchemy default-jdk-headless libpostgresql-jdbc-java pgbouncer
BENCH_PACKAGES = cmake ninja-build libbenchmark-dev python3-alembic python3-psycopg2 sqitch apgdiff

# Where releases of Debian are unpacked into, beside this machine's own.
VERSIONS_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pg_migrate

.PHONY: $(OWN_TARGETS)

# What is installed has been built before, so that nothing in the tree belongs to root. sudo keeps nothing of the environment.
INSTALL_AS_ROOT = $(SUDO) $(MAKE) --no-print-directory -s PG_CONFIG='$(PG_CONFIG)'

# $(call need,packages): installs those that are missing.
need = ci/need.sh $(1)

deps:
	@$(call need,$(BUILD_PACKAGES) $(TEST_PACKAGES) $(LINT_PACKAGES))

# The compiler is there only after its package is: hence a make of its own.
build-and-install:
	@$(call need,$(BUILD_PACKAGES))
	@echo "building for $$($(PG_CONFIG) --version): nothing is printed for some minutes, unless something is wrong"
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@echo "installing into $$($(PG_CONFIG) --pkglibdir) and $$($(PG_CONFIG) --sharedir)/extension"
	@$(INSTALL_AS_ROOT) install

demo: build-and-install
	@ci/with_server.sh ci/demo.sh

check: deps
	ci/check_sources.sh
	ci/check_format.sh
	@$(MAKE) --no-print-directory build-and-install
	ci/check_objects.sh
	$(MAKE) --no-print-directory unit
	$(MAKE) --no-print-directory oracle
	$(MAKE) --no-print-directory server-tests
	$(MAKE) --no-print-directory tap-tests
	@echo "check: everything has passed, on $$($(PG_CONFIG) --version)"

# GoogleTest: the layers that need no server.
unit:
	$(call need,$(TEST_PACKAGES) libboost-dev libtomlplusplus-dev g++)
	cmake -S . -B $(BUILD)/unit -G Ninja -DCMAKE_BUILD_TYPE=Debug -DPG_MIGRATE_WERROR=$(if $(WERROR),ON,OFF) -DPG_MIGRATE_BENCH=OFF
	cmake --build $(BUILD)/unit
	ctest --test-dir $(BUILD)/unit --output-on-failure -j2

# Alembic itself as the judge of the graph.
oracle:
	$(call need,$(TEST_PACKAGES) libboost-dev libtomlplusplus-dev g++)
	cmake -S . -B $(BUILD)/unit -G Ninja -DCMAKE_BUILD_TYPE=Debug -DPG_MIGRATE_WERROR=$(if $(WERROR),ON,OFF) -DPG_MIGRATE_BENCH=OFF
	cmake --build $(BUILD)/unit --target core_oracle
	/usr/bin/python3 test/oracle/alembic_oracle.py $(BUILD)/unit/core_oracle

# pg_regress, the isolation specs and the examples of the manual, against a throw-away cluster. Its superuser is called as USER is, and some expected texts
# name him; for who is not root pg_ctlcluster then warns that it cannot look into the cluster, since no role is called as he is.
server-tests:
	$(MAKE) --no-print-directory -s -j$$(nproc) -C test/modules/pgm_test all
	$(INSTALL_AS_ROOT) -C test/modules/pgm_test install
	rm -f regression.diffs output_iso/regression.diffs build/examples/regression.diffs
	USER=postgres ci/with_server.sh ci/server_tests.sh || { ci/show_differences.sh; exit 1; }

# Crashes, standbys, dumps: tests that start servers of their own.
tap-tests:
	ci/tap_tests.sh

check-crashes:
	PG_MIGRATE_TEST_ALL_CRASHES=1 ci/tap_tests.sh test/t/030_crash_resume.pl

check-history:
	PG_MIGRATE_TEST_ALL_STEPS=1 ci/tap_tests.sh test/t/041_derived_history.pl

check-dumps:
	PG_MIGRATE_TEST_ALL_DUMPS=1 ci/tap_tests.sh test/t/043_own_dump.pl

# Projects made by other migration tools, which npm has at the versions of test/tools, are taken over.
check-tools: build-and-install
	$(call need,$(TEST_PACKAGES))
	ci/npm_tools.sh test/tools $(BUILD)/tools
	PG_MIGRATE_TEST_TOOLS=$(CURDIR)/$(BUILD)/tools ci/tap_tests.sh test/t/054_other_tools.pl

# Slow: a thousand databases, and PAIRS, a regular expression, for some of them.
check-pairs: build-and-install
	ci/with_server.sh ci/pairs.sh '$(PAIRS)'

# Random schemas, there and back: PAIRS of them, from SEED on.
SEED ?= 1
check-roundtrip: build-and-install
	ci/with_server.sh ci/roundtrip.sh $(SEED) $(or $(PAIRS),500)

# The schema engine takes longer than all others together.
lint:
	$(call need,$(LINT_PACKAGES) $(TEST_PACKAGES) $(BUILD_PACKAGES))
	ci/lint.sh $(BUILD)/lint core files executor

lint-model:
	$(call need,$(LINT_PACKAGES) $(TEST_PACKAGES) $(BUILD_PACKAGES))
	ci/lint.sh $(BUILD)/lint model

format:
	clang-format -i $$(git ls-files 'src/*.[ch]pp' 'test/*.[ch]pp')

# Ten minutes for each fuzzer, with the address and undefined-behaviour sanitizers.
FUZZ_SECONDS ?= 600
fuzz:
	$(call need,$(FUZZ_PACKAGES) libboost-dev libtomlplusplus-dev)
	ci/fuzz.sh $(BUILD)/fuzz $(FUZZ_SECONDS)

# BENCHES are those to run; BENCH_ARGS are options for those with a server: --quick for a look at whether they run.
BENCHES ?= graph server schema peers schema_peers
bench: build-and-install
	$(call need,$(BENCH_PACKAGES))
	ci/npm_tools.sh test/bench/tools $(BUILD)/bench-tools
	cmake -S . -B $(BUILD)/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON
	cmake --build $(BUILD)/bench --target graph_bench
	ci/bench.sh $(BUILD)/bench $(BUILD)/bench-tools '$(BENCHES)' $(BENCH_ARGS)

# The same suites against a server built with assertions, and once under valgrind; both built from Debian's source package.
check-assert:
	ci/assert_server.sh $(BUILD)/assert check

# The databases that the server's own tests leave, its contrib modules' among them: each made from nothing, and taken back.
check-databases:
	ci/assert_server.sh $(BUILD)/assert databases

check-valgrind:
	ci/assert_server.sh $(BUILD)/assert valgrind

# The drivers and the pooler that people use, each with what it does unasked. Node may be there without Debian's npm.
check-drivers: build-and-install
	$(call need,$(DRIVER_PACKAGES))
	command -v npm >/dev/null || $(call need,npm)
	ci/with_server.sh ci/drivers.sh $(DRIVERS)

# The suites on the servers that Debian has, each in the release that has it; VERSIONS names some of them.
check-versions:
	ci/versions.sh $(VERSIONS_DIR) $(VERSIONS)

# pg_upgrade through them, with the extension of each.
check-upgrade:
	ci/upgrade.sh $(VERSIONS_DIR)

# What strangers get: Debian packages, the archive for PGXN, an image; each built, installed and tried where it has never been.
deb:
	ci/deb.sh $(BUILD)/deb

check-deb: deb
	ci/check_deb.sh $(BUILD)/deb $(VERSIONS_DIR)

dist:
	ci/dist.sh $(BUILD)/dist

check-dist:
	rm -rf $(BUILD)/dist
	ci/dist.sh $(BUILD)/dist
	ci/check_dist.sh $(BUILD)/dist/*.zip $(VERSIONS_DIR)

check-docker:
	ci/check_docker.sh $(VERSIONS_DIR)

# And what a stranger does first, each on a bare machine.
FRESH ?= demo:root check:root demo:user check:user
check-fresh:
	ci/fresh.sh $(VERSIONS_DIR) $(FRESH)
