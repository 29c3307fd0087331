// SPDX-License-Identifier: PostgreSQL
#pragma once

// Loading a model's DDL text where it does no harm: in a database that is made for it, and that is gone afterwards.

#include <span>
#include <string>
#include <string_view>

#include "pg/model_text.hpp"
#include "pg/worker_process.hpp"
#include "pg/worker_session.hpp"

namespace pgmigrate::pg
{

// What is done in the scratch database when the text has been run: a function by its name, since the worker may have
// the library at another address.
struct ScratchTask {
    std::string_view name;
    std::string (*run)(const std::string &payload);
};

// The two workers.
struct ScratchWorkers {
    WorkerEntry keeper{"pg_migrate", "pgm_scratch_keeper_main"};
    WorkerEntry loader{"pg_migrate", "pgm_scratch_loader_main"};
};

// Runs `model` in a scratch database made for it, then there the task, and returns what that has returned, which may be
// of any size and hold any bytes. All of it with the caller's rights: the identity that is in force here and now (so
// not within an OwnerScope) owns the database, in which nobody else can be. His settings hold for the text, and again
// for the task, whatever the text has set. The task runs in a transaction, with a snapshot and without SPI.
//
// Throws 25006 on a standby; 53400 without two free workers; 55006 when one of them waits for a lock of this session;
// the error of a statement or of the task, whole, the former with its place in the text. Obeys interrupts. Whatever
// happens, the database is dropped: by its keeper as soon as this call is over, or else by the next call.
//
// Neither needs nor takes a snapshot or a lock of this session: can be called in any transaction, whose own changes
// nobody in there sees.
std::string in_scratch_database(const ModelText &model, const ScratchTask &task, const std::string &payload,
                                const ScratchWorkers &workers = {});

// For the function that the server calls in the loader: what run_worker() performs, with the tasks that there are.
void load_model(WorkerSession &session, std::span<const ScratchTask> tasks);

// The whole life of the keeper, for the function that the server calls.
[[noreturn]] void run_scratch_keeper(Datum argument);

} // namespace pgmigrate::pg
