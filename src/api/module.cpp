// SPDX-License-Identifier: PostgreSQL
#include "pg/boundary.hpp"
#include "pg/index_filter.hpp"
#include "pg/settings.hpp"

extern "C" {
_Pragma("GCC visibility push(default)") PG_MODULE_MAGIC;
void _PG_init(void);
_Pragma("GCC visibility pop")
}

void _PG_init(void)
{
    pgmigrate::pg::enter([] {
        pgmigrate::pg::define_settings();
        pgmigrate::pg::install_index_filter();
        return true;
    });
}
