// SPDX-License-Identifier: PostgreSQL
#include "core/plan.hpp"
#include "core/target.hpp"
#include "files/alembic.hpp"
#include "files/export.hpp"
#include "files/format.hpp"
#include "files/registered_line.hpp"
#include "pg/authoring.hpp"
#include "pg/left_settings.hpp"
#include "pg/names.hpp"
#include "pg/printed_sql_reader.hpp"
#include "pg/run.hpp"
#include "pg/server_files.hpp"
#include "pg/sql_reader.hpp"

#include <algorithm>
#include <utility>

using namespace pgmigrate;

namespace
{

const char *action_name(pg::Registration outcome)
{
    switch (outcome) {
    case pg::Registration::added:
        return "added";
    case pg::Registration::replaced:
        return "replaced";
    case pg::Registration::unchanged:
        break;
    }
    return "unchanged";
}

files::ExportedRevision exported(pg::StoredRevision stored)
{
    return {std::move(stored.revision),   std::move(stored.message),       std::move(stored.down_revision),
            std::move(stored.depends_on), std::move(stored.branch_labels), std::move(stored.up),
            std::move(stored.down)};
}

pg::RevisionRequest request_of(const files::SourceRevision &source)
{
    pg::RevisionRequest request;
    if (!source.message && !source.unsaid_stays)
        throw core::Error(core::sqlstate::null_value_not_allowed, "parameter message must not be null");
    request.message = source.message.value_or("");
    request.up = source.up;
    request.down = source.down;
    request.revision = source.id;
    request.parents = source.down_revision.value_or("base");
    request.labels = source.branch_label.value_or("");
    request.depends_on = source.depends_on.value_or("");
    request.up_outside_transaction = !source.up_in_transaction;
    request.down_outside_transaction = !source.down_in_transaction;
    request.keep_broken_down = true;
    request.keep_message = source.unsaid_stays && !source.message;
    request.keep_down = source.unsaid_stays && !source.down;
    request.keep_labels = source.unsaid_stays && !source.branch_label;
    request.keep_dependencies = source.more_dependencies;
    return request;
}

// For errors, whose lines are those of a script.
std::string place_of_file(const files::SourceRevision &source)
{
    std::string place = "file \"" + source.source + "\"";
    if (source.up_line > 1)
        place += ", up script from line " + std::to_string(source.up_line);
    if (source.down_line > 1)
        place += ", down script from line " + std::to_string(source.down_line);
    return place;
}

// `place_of` says where a source comes from, for errors.
template <class PlaceOf>
void register_all(const std::vector<files::SourceRevision> &sources, const PlaceOf &place_of, pg::Authoring &authoring,
                  pg::ResultSet &result, pg::ServerInterrupts &interrupts)
{
    pg::LeftSettings left;
    for (const files::SourceRevision &source : sources) {
        interrupts.check();
        const pg::MemoryScope memory;
        const pg::RegistrationResult registered = [&] {
            try {
                return authoring.register_revision(request_of(source));
            } catch (pg::PgError &error) {
                error.add_context(place_of(source));
                throw;
            } catch (core::Error &error) {
                error.set_detail(error.detail() + (error.detail().empty() ? "" : "\n") + "In " + place_of(source) +
                                 ".");
                throw;
            }
        }();
        if (source.settings_stay && source.up && registered.outcome != pg::Registration::unchanged)
            left.add(source.source, *source.up);
        pg::Values row;
        row.text(registered.revision).text(source.message.value_or("")).text(action_name(registered.outcome));
        result.add(row);
    }
    left.warn();
}

// Of the line of the directory, as it is registered before; which also has to fit to it.
std::vector<std::string> registered_without_file(const std::vector<files::SourceRevision> &sources,
                                                 pg::Catalogue &catalogue, pg::ServerInterrupts &interrupts)
{
    if (!files::is_line(sources))
        return {};
    const core::RevisionGraph graph = catalogue.read_graph(interrupts);
    files::check_line(sources, graph, core::applied_revisions(graph, catalogue.read_all_version_rows()));
    return files::without_file(sources, graph, interrupts);
}

} // namespace

PGM_FUNCTION(migrate_export)
{
    const pg::Arguments arguments(fcinfo);
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::ServerInterrupts interrupts;
    const core::RevisionGraph graph = catalogue.read_graph(interrupts);
    const std::vector<std::string> version = pg::row_names(catalogue.read_version(std::nullopt));
    std::vector<std::string> ids;
    for (const core::Index revision : core::plan_history(graph, version, arguments.text(0).value_or(""), interrupts))
        ids.push_back(graph.id(revision));
    // Oldest first: the order in which one reads them.
    std::reverse(ids.begin(), ids.end());
    std::vector<files::ExportedRevision> revisions;
    const bool with_scripts = true;
    for (pg::StoredRevision &stored : catalogue.read_revisions(ids, with_scripts))
        revisions.push_back(exported(std::move(stored)));
    for (const files::File &file : files::export_revisions(revisions)) {
        pg::Values row;
        row.text(file.path).text(file.content());
        result.add(row);
    }
    return result.finish();
}

PGM_FUNCTION(migrate_load_directory)
{
    const pg::Arguments arguments(fcinfo);
    const std::string path = arguments.required_text(0, "path");
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::ServerInterrupts interrupts;
    pg::ServerSqlReader reader;
    std::vector<files::File> files = pg::read_directory(path, interrupts);
    const std::vector<files::SourceRevision> sources = files::load(std::move(files), arguments.text(1), reader);
    const std::vector<std::string> missing = registered_without_file(sources, catalogue, interrupts);
    pg::Authoring authoring(catalogue, "migrate_load_directory()");
    register_all(sources, place_of_file, authoring, result, interrupts);
    for (const std::string &revision : missing)
        pg::notice("revision \"" + revision + "\" has no migration in the directory", "It stays registered.",
                   "If it was withdrawn or got another version, migrate_remove(revision) removes it, as long as it is "
                   "not applied.");
    return result.finish();
}

PGM_FUNCTION(migrate_import_alembic)
{
    const pg::Arguments arguments(fcinfo);
    const std::string upgrade = arguments.required_text(0, "upgrade_sql");
    pg::ResultSet result(fcinfo);
    pg::Catalogue catalogue(fcinfo);
    pg::ServerInterrupts interrupts;
    pg::ServerPrintedSqlReader reader;
    const files::AlembicImport import = files::import_alembic(upgrade, arguments.text(1), reader, interrupts);
    for (const files::ImportRemark &remark : import.warnings)
        pg::warning(remark.message, remark.detail, remark.hint);
    pg::Authoring authoring(catalogue, "migrate_import_alembic()");
    const auto place_of = [](const files::SourceRevision &source) { return source.source; };
    register_all(import.revisions, place_of, authoring, result, interrupts);
    for (const files::ImportRemark &remark : import.notices)
        pg::notice(remark.message, remark.detail, remark.hint);
    return result.finish();
}
