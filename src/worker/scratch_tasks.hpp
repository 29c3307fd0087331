// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/scratch.hpp"

namespace pgmigrate::worker
{

// Loads a model in a scratch database, and does there what it was started for.
void load_model(pg::WorkerSession &session);

} // namespace pgmigrate::worker
