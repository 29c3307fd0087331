// SPDX-License-Identifier: PostgreSQL

// What the server calls in a background worker of pg_migrate.

#include "worker/perform.hpp"

extern "C" {
PGM_EXPORT void pgm_worker_main(Datum argument);
}

void pgm_worker_main(Datum argument)
{
    pgmigrate::pg::run_worker(argument, pgmigrate::worker::perform);
}
