// SPDX-License-Identifier: PostgreSQL

// A fault point, in a session in which pg_migrate itself is not loaded and has defined no settings.

#include "pg/fault_point.hpp"

#include "pg/boundary.hpp"
#include "pg/settings.hpp"

using namespace pgmigrate;

PGM_FUNCTION(pgm_test_define_settings)
{
    pg::define_settings();
    return static_cast<Datum>(0);
}

PGM_FUNCTION(pgm_test_fault_point)
{
    pg::fault_point("here");
    return static_cast<Datum>(0);
}
