// SPDX-License-Identifier: PostgreSQL
#include "pg/drift.hpp"

#include "model/scope.hpp"
#include "pg/fingerprint.hpp"
#include "pg/locks.hpp"
#include "pg/names.hpp"
#include "pg/schema_reader.hpp"
#include "pg/settings.hpp"
#include "pg/way_back.hpp"

#include <vector>

namespace pgmigrate::pg
{

namespace
{

// Less than the shortest deadlock_timeout that makes sense: what waits for this session is not to fail for it.
constexpr const char *lock_timeout = "200ms";

void warn_of_none(const std::exception &error)
{
    warning(std::string("no snapshot of the schema is kept: ") + error.what(), {},
            "migrate_drift() has nothing to compare with until the next run.");
}

// From the statements that bring an object back to what has been done to it.
std::string what_happened(const std::string &change)
{
    if (change == "added")
        return "removed";
    if (change == "removed")
        return "added";
    return change;
}

// What is in a schema that has a version line of its own is none of the database's: the runs of that line change it.
void leave_to_their_lines(std::vector<model::Difference> &differences, const model::Scope &lines,
                          const model::Snapshot &then, const model::Snapshot &now)
{
    std::erase_if(differences, [&](const model::Difference &each) {
        const model::Object *object = then.find(each.kind, each.identity);
        if (object == nullptr)
            object = now.find(each.kind, each.identity);
        return object != nullptr && object->kind != model::Kind::schema && lines.contains(*object);
    });
}

} // namespace

void keep_snapshot(Catalogue &catalogue, const std::optional<std::string> &schema, std::int64_t run)
{
    const MemoryScope memory;
    // One that was kept before would be out of date.
    catalogue.forget_snapshot(schema);
    if (!keeps_snapshot() || (schema && !find_schema(*schema)))
        return;
    // What has been run does not fail because others change the schema meanwhile, or hold locks on it.
    try {
        Subtransaction attempt;
        {
            const SettingScope timeout("lock_timeout", lock_timeout);
            // First, for what others change while the schema is read would be taken for seen otherwise.
            const std::int64_t fingerprint = schema_fingerprint();
            catalogue.write_snapshot(schema, run, {fingerprint, model::encode(read_schema(scope_of(schema)))});
        }
        // A timeout that has come with the last lock is raised here, and not in what follows.
        ServerInterrupts().check();
        attempt.commit();
    } catch (const PgError &error) {
        if (error.sqlstate().starts_with("57")) // operator intervention
            throw;
        warn_of_none(error);
    } catch (const core::Error &error) {
        warn_of_none(error);
    }
}

std::vector<model::Difference> find_drift(Catalogue &catalogue, const std::optional<std::string> &schema,
                                          core::InterruptCheck &interrupts)
{
    const std::optional<KeptSnapshot> kept = catalogue.read_snapshot(schema);
    if (!kept && schema)
        schema_oid(*schema);
    if (!kept)
        throw core::Error(core::sqlstate::no_snapshot, "there is no snapshot of the schema to compare with")
            .detail("One is taken at the end of each run, unless pg_migrate.keep_snapshot is off.")
            .hint("The next migrate_upgrade(), migrate_downgrade() or migrate_stamp() that changes the version takes "
                  "one.");
    if (kept->fingerprint == schema_fingerprint())
        return {};
    const model::Snapshot then = model::decode(kept->content);
    const model::Snapshot now = read_schema(scope_of(schema));
    model::Plan plan = model::diff(now, then, {}, interrupts);
    for (const std::string &each : plan.not_compared)
        notice("not compared: " + each);
    if (!schema) {
        model::Scope lines;
        for (const std::string &line : catalogue.schemas_of_lines())
            lines.schemas.push_back(quoted_identifier(line));
        leave_to_their_lines(plan.differences, lines, then, now);
    }
    for (model::Difference &each : plan.differences)
        each.change = what_happened(each.change);
    return std::move(plan.differences);
}

} // namespace pgmigrate::pg
