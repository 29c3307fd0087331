# The extension, built and tested by PGXS.

EXTENSION = pg_migrate
EXTVERSION = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" pg_migrate.control)
MODULE_big = pg_migrate
OBJS = $(patsubst %.cpp,%.o,$(sort $(wildcard src/*/*.cpp)))
INSTALL_SQL = $(sort $(wildcard install/*.sql))
DATA_built = pg_migrate--$(EXTVERSION).sql
DATA = $(wildcard install/upgrade/*.sql)

# What only newer servers have: name_from_18.sql.
TOO_NEW = $(if $(filter 15 16,$(MAJORVERSION)),%_from_17) $(if $(filter 15 16 17,$(MAJORVERSION)),%_from_18) \
	$(if $(filter 15 16 17 18,$(MAJORVERSION)),%_from_19)
# What calls the module of test/modules/pgm_test runs where that is installed. PGXS says only below where that would be.
TEST_MODULE := $(wildcard $(shell $(PG_CONFIG) --sharedir)/extension/pgm_test.control)
WITHOUT_MODULE = $(if $(TEST_MODULE),,$(patsubst sql/%.sql,%,$(shell grep -l pgm_test sql/*.sql)))
REGRESS = $(filter-out $(TOO_NEW) $(WITHOUT_MODULE),$(patsubst sql/%.sql,%,$(sort $(wildcard sql/*.sql))))
# The expected results hold characters of several bytes and the order of the C collation, whatever the cluster was made with.
REGRESS_OPTS = --encoding=UTF8 --no-locale
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
# 16 looks for what is expected in the current directory first, where a file of pg_regress may have the same name.
ISOLATION_OPTS = --inputdir=test/isolation --outputdir=test/isolation $(if $(filter-out 15,$(MAJORVERSION)),--expecteddir=test/isolation)
EXTRA_CLEAN = $(OBJS:.o=.d) test/isolation/results test/isolation/output_iso

# Clang's bitcode for JIT would double the build and is of no use to code that no query inlines.
override with_llvm = no

WERROR ?= 0
PG_CPPFLAGS = -Isrc -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CXXFLAGS = -std=c++20 -fPIC -fvisibility=hidden -Wno-register -MMD -MP $(shell cat config/warnings.txt)
ifneq ($(WERROR),0)
PG_CXXFLAGS += -Werror
endif
# The build ID is what src/pg/build_id.cpp reads.
SHLIB_LINK += -lstdc++ -Wl,--version-script=config/exports.map -Wl,--build-id=sha1

PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

-include $(wildcard $(OBJS:.o=.d))

$(shlib): config/exports.map

installcheck: say-what-is-left-out
.PHONY: say-what-is-left-out
say-what-is-left-out:
ifeq ($(TEST_MODULE),)
	@echo "left out, since they need the module of test/modules/pgm_test, which is not installed: $(WITHOUT_MODULE)"
endif

pg_migrate--$(EXTVERSION).sql: $(INSTALL_SQL) pg_migrate.control
	cat $(INSTALL_SQL) > $@
