// SPDX-License-Identifier: PostgreSQL

// A module for tests alone: calls what has no SQL function of its own.

#include "pg/boundary.hpp"

extern "C" {
_Pragma("GCC visibility push(default)") PG_MODULE_MAGIC;
_Pragma("GCC visibility pop")
}
