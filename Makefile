# Two kinds of targets: those that must work on a machine with nothing but git and make (demo, check, and the suites behind them), which install what
# they need and call this Makefile again; and those of PGXS, which build, install and test the extension against one server.
#
#   make demo    installs what is needed, builds, starts a throw-away cluster and shows the main job
#   make check   runs every test of the fast suites
#
# CONTRIBUTING.md names the others.

PG_CONFIG ?= pg_config
OWN_TARGETS = demo check deps build-and-install unit oracle server-tests tap-tests lint lint-model format fuzz bench check-assert check-valgrind check-crashes check-history check-dumps check-databases check-pairs check-roundtrip check-tools check-drivers check-versions check-upgrade check-fresh deb check-deb dist check-dist check-docker

ifneq ($(filter $(OWN_TARGETS),$(MAKECMDGOALS)),)
include config/targets.mk
else
include config/extension.mk
endif
