// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/worker_session.hpp"

namespace pgmigrate::worker
{

// Does what the worker was started for: its payload is an executor::WorkerRequest.
void perform(pg::WorkerSession &session);

} // namespace pgmigrate::worker
