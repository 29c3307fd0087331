// SPDX-License-Identifier: PostgreSQL
#pragma once

// The only file that includes postgres.h. Included last, after the standard library: the server's headers define
// function-like macros that break what comes after them.

#include <cstdio>
#include <cstdlib>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wregister" // PostgreSQL 15: storage/s_lock.h declares register variables

extern "C" {
#include "postgres.h"

#include "access/tupmacs.h" // PostgreSQL 19: has functions with Min()
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
}

#pragma GCC diagnostic pop

#undef snprintf
#undef vsnprintf
#undef sprintf
#undef vsprintf
#undef fprintf
#undef vfprintf
#undef printf
#undef vprintf
#undef strerror
#undef strerror_r
#undef Min
#undef Max
#undef Abs
#undef _
#undef gettext
#undef dgettext
#undef ngettext
#undef dngettext
