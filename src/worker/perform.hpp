// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/worker_session.hpp"

namespace pgmigrate::worker
{

// What a worker does once it is connected. Whatever it throws is reported to the caller.
void perform(pg::WorkerSession &session);

} // namespace pgmigrate::worker
