// SPDX-License-Identifier: PostgreSQL

// What the server calls in a background worker of pg_migrate.

#include "pg/scratch.hpp"
#include "worker/perform.hpp"
#include "worker/scratch_tasks.hpp"

extern "C" {
PGM_EXPORT void pgm_worker_main(Datum argument);
PGM_EXPORT void pgm_scratch_keeper_main(Datum argument);
PGM_EXPORT void pgm_scratch_loader_main(Datum argument);
}

void pgm_worker_main(Datum argument)
{
    pgmigrate::pg::run_worker(argument, pgmigrate::worker::perform);
}

void pgm_scratch_keeper_main(Datum argument)
{
    pgmigrate::pg::run_scratch_keeper(argument);
}

void pgm_scratch_loader_main(Datum argument)
{
    pgmigrate::pg::run_worker(argument, pgmigrate::worker::load_model);
}
