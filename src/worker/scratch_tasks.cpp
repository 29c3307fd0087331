// SPDX-License-Identifier: PostgreSQL

// What can be done in a scratch database, by name.

#include "worker/scratch_tasks.hpp"

#include <span>

namespace pgmigrate::worker
{

namespace
{

constexpr std::span<const pg::ScratchTask> tasks{};

} // namespace

void load_model(pg::WorkerSession &session)
{
    pg::load_model(session, tasks);
}

} // namespace pgmigrate::worker
