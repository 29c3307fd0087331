// SPDX-License-Identifier: PostgreSQL
#include "pg/scratch.hpp"

#include "pg/model_text.hpp"
#include "pg/scratch_order.hpp"
#include "pg/waiting.hpp"

extern "C" {
#include "access/xlog.h" // RecoveryInProgress
}

namespace pgmigrate::pg
{

namespace
{

constexpr const char *purpose = "to load the model";
constexpr const char *lost_hint = "The server log may say why. The scratch database is dropped, at the latest by the "
                                  "next call.";

// KEPT   the keeper has made the database, and waits
// LOADED the loader has run text and task, and has ended
// GONE   the keeper has dropped the database, and has ended
//
// Whatever throws on the way tells the loader and then the keeper to end, by the destructors; what ends this process
// tells them by letting go of their segments.
std::string load(const ModelText &model, std::string_view task, const std::string &payload,
                 const ScratchWorkers &workers)
{
    SelfBlockWatch watch;
    WorkerOptions options;
    options.entry = workers.keeper;
    options.lifetime = WorkerProcess::Lifetime::bound;
    options.purpose = purpose;
    options.hint = lost_hint;
    options.cleans_up = true;
    options.on_idle = [&](int pid) { watch.check({pid}); };
    const Identity caller = Identity::current();
    WorkerProcess keeper({}, caller, options);

    std::string result;
    {
        options.entry = workers.loader;
        options.cleans_up = false;
        options.database = keeper.made_database();
        options.on_idle = [&](int pid) { watch.check({keeper.pid(), pid}); };
        WorkerProcess loader(encode({std::string(task), payload, model}), caller, options);
        loader.wait([&] { watch.check({keeper.pid(), loader.pid()}); });
        result = loader.take_result();
    }
    keeper.ask_to_finish();
    keeper.wait([&] { watch.check({keeper.pid()}); });
    return result;
}

} // namespace

std::string in_scratch_database(const ModelText &model, const ScratchTask &task, const std::string &payload,
                                const ScratchWorkers &workers)
{
    if (call([] { return RecoveryInProgress(); }))
        throw core::Error(core::sqlstate::read_only_sql_transaction, "a model cannot be loaded on a standby")
            .hint("It is loaded in a database that is made for it, which only the primary can do.");
    return load(model, task.name, payload, workers);
}

} // namespace pgmigrate::pg
