// SPDX-License-Identifier: PostgreSQL

// What can be done in a scratch database, by name.

#include "worker/scratch_tasks.hpp"

#include "pg/model_sides.hpp"

namespace pgmigrate::worker
{

namespace
{

constexpr pg::ScratchTask tasks[] = {
    {"read_loaded_model", pg::read_loaded_model},
};

} // namespace

void load_model(pg::WorkerSession &session)
{
    pg::load_model(session, tasks);
}

} // namespace pgmigrate::worker
