// SPDX-License-Identifier: PostgreSQL
#pragma once

// Runs in background workers, as the sessions see them that ask for them and wait for them.

#include "pg/run.hpp"
#include "pg/run_database.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace pgmigrate::pg
{

// Runs the request in a worker and waits for it, relaying its messages. The caller holds the turn and has no obstacle
// to waiting. An error of the worker is thrown as it is.
void run_in_worker(Catalogue &catalogue, const RunRequest &request,
                   const std::function<void(const StepDone &)> &on_done);

// Has a worker write down a failure, in a transaction of its own; the one that has failed has been rolled back. Empty,
// or why that was not possible.
std::string log_failure(Catalogue &catalogue, const RunRequest &request, const Attempt &attempt);

// Queues a run, which begins when the current transaction commits, and returns its number.
std::int64_t start_run(Catalogue &catalogue, const RunRequest &request);

// Waits until the run has ended; `timeout` in microseconds, none for no limit. Its outcome, or its state when the time
// is up. A run that failed: its error. One that was interrupted: worker_died.
std::string wait_for_run(Catalogue &catalogue, std::int64_t run, std::optional<std::int64_t> timeout);

// Cancels what the run is doing now. False if it has ended.
bool cancel_run(Catalogue &catalogue, std::int64_t run);

} // namespace pgmigrate::pg
