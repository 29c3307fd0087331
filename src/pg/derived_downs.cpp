// SPDX-License-Identifier: PostgreSQL
#include "pg/derived_downs.hpp"

#include "pg/schema_reader.hpp"
#include "pg/script.hpp"
#include "pg/settings.hpp"
#include "pg/way_back.hpp"

namespace pgmigrate::pg
{

namespace
{

void warn(const executor::Step &step, const std::string &why)
{
    warning("no down script could be derived for revision \"" + step.revision + "\"", why,
            "Write it by migrate_edit(revision, down => ...).");
}

} // namespace

void DerivedDowns::begin(const executor::Step &step)
{
    if (revision_ == step.revision)
        return;
    revision_ = step.revision;
    before_.reset();
    // What an earlier run has done of the revision is in the schema already.
    if (step.lacks_down && step.done == 0 && !step.in_doubt && !of_tenant_ && derives_down())
        before_ = read_schema(whole_database());
}

void DerivedDowns::end(Catalogue &catalogue, const executor::Step &step)
{
    if (!before_ || revision_ != step.revision)
        return;
    const model::Snapshot before = std::move(*before_);
    before_.reset();
    try {
        Subtransaction attempt;
        ServerInterrupts interrupts;
        const std::string script = derive_way_back(catalogue, step, before, std::nullopt, interrupts);
        parse_script(script, {step.revision, "down"});
        catalogue.set_derived_down(step.revision, script);
        attempt.commit();
    } catch (const PgError &error) {
        if (error.sqlstate() == core::sqlstate::query_canceled || error.sqlstate() == "57P01")
            throw;
        warn(step, error.what());
    } catch (const core::Error &error) {
        warn(step, error.message() + (error.detail().empty() ? "" : ": " + error.detail()));
    }
}

} // namespace pgmigrate::pg
