// SPDX-License-Identifier: PostgreSQL
#include "pg/authoring.hpp"

#include "core/plan.hpp"
#include "core/target.hpp"
#include "pg/locks.hpp"
#include "pg/script.hpp"

#include <algorithm>
#include <array>

namespace pgmigrate::pg
{

namespace
{

// Twelve hexadecimal digits, as Alembic makes them.
std::string new_revision_id()
{
    std::array<unsigned char, 6> bytes{};
    const bool random = call([&] { return pg_strong_random(bytes.data(), bytes.size()); });
    if (!random)
        throw core::Error(core::sqlstate::internal_error, "could not generate random values");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string id;
    for (const unsigned char byte : bytes) {
        id += digits[byte >> 4];
        id += digits[byte & 15];
    }
    return id;
}

// `mark_calls`: CALL and DO are to run outside a transaction block.
std::optional<std::string> normalized(const std::optional<std::string> &text, const ScriptName &name,
                                      bool mark_calls = false)
{
    if (!text)
        return std::nullopt;
    NormalizedScript script = normalize_script(*text, name);
    if (script.unwrapped)
        notice("BEGIN and COMMIT around " + full_name(name) + " are left out: the run decides on the transaction");
    if (mark_calls)
        return with_marked_calls(script.text, name);
    parse_script(script.text, name);
    return std::move(script.text);
}

// A history that is taken over from another tool may hold a down script that never worked, and the rest of it is none
// the worse for that: the script is kept as it is, and a downgrade that needs it fails before anything runs.
std::optional<std::string> normalized_or_broken(const std::optional<std::string> &text, const ScriptName &name,
                                                bool mark_calls)
{
    try {
        Subtransaction attempt;
        std::optional<std::string> script = normalized(text, name, mark_calls);
        attempt.commit();
        return script;
    } catch (const PgError &error) {
        if (error.sqlstate() != "42601" || error.data()->detail == nullptr)
            throw;
        warning(full_name(name) + " cannot run: " + error.what(), error.data()->detail,
                "The revision is registered with it. migrate_edit(revision, down => ...) mends it.");
        return text;
    }
}

std::string joined(const std::vector<std::string> &list)
{
    std::string text;
    for (const std::string &element : list)
        text += (text.empty() ? "" : ",") + element;
    return text;
}

std::vector<std::string> labels_of(const std::string &text)
{
    std::vector<std::string> labels = core::split_list(text);
    for (const std::string &label : labels)
        core::check_identifier("branch label", label);
    std::sort(labels.begin(), labels.end());
    labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
    return labels;
}

std::vector<std::string> without_duplicates(const std::vector<std::string> &list)
{
    std::vector<std::string> unique;
    for (const std::string &element : list)
        if (std::find(unique.begin(), unique.end(), element) == unique.end())
            unique.push_back(element);
    return unique;
}

// Of parents and dependencies where the id is given.
std::vector<std::string> exact_names(const std::string &text)
{
    std::vector<std::string> list = core::split_list(text);
    for (const std::string &each : list)
        try {
            core::check_identifier("revision identifier", each);
        } catch (core::Error &error) {
            if (each.find('@') != std::string::npos)
                error.set_hint("Where the id is given, parents and dependencies are ids and labels as they are "
                               "written; without, anything that names a revision.");
            throw;
        }
    return without_duplicates(list);
}

std::vector<std::string> names(const core::RevisionGraph &graph, const std::vector<core::Index> &revisions)
{
    std::vector<std::string> ids;
    for (const core::Index revision : revisions)
        ids.push_back(graph.id(revision));
    return ids;
}

bool is_symbolic(const std::string &parents)
{
    return parents == "head" || parents == "heads";
}

bool is_same(const StoredRevision &stored, const StoredRevision &wanted)
{
    return stored.checksum == wanted.checksum && stored.message == wanted.message;
}

bool same_statements(const std::optional<std::string> &left, const std::optional<std::string> &right)
{
    return checksum({{left, true}}) == checksum({{right, true}});
}

// Building the graph finds it as well, but cannot tell which of the two is the new one.
void refuse_labels_of(const StoredRevision &known, const StoredRevision &wanted)
{
    for (const std::string &label : wanted.branch_labels)
        if (label == known.revision ||
            std::find(known.branch_labels.begin(), known.branch_labels.end(), label) != known.branch_labels.end())
            throw core::Error(core::sqlstate::invalid_graph, "Branch name '" + label + "' in revision " +
                                                                 wanted.revision + " already used by revision " +
                                                                 known.revision);
}

bool is_same_node(const StoredRevision &stored, const StoredRevision &wanted)
{
    return stored.down_revision == wanted.down_revision && stored.depends_on == wanted.depends_on &&
           labels_of(joined(stored.branch_labels)) == labels_of(joined(wanted.branch_labels));
}

std::string different_parts(const StoredRevision &stored, const StoredRevision &wanted)
{
    std::string parts;
    const auto compare = [&parts](bool same, const char *name) {
        if (!same)
            parts += (parts.empty() ? "" : ", ") + std::string(name);
    };
    compare(stored.down_revision == wanted.down_revision, "parents");
    compare(stored.depends_on == wanted.depends_on, "dependencies");
    compare(labels_of(joined(stored.branch_labels)) == labels_of(joined(wanted.branch_labels)), "labels");
    compare(same_statements(stored.up, wanted.up), "up script");
    compare(same_statements(stored.down, wanted.down), "down script");
    return parts;
}

// Nobody can have used a way back that was not there.
bool only_adds_way_back(const StoredRevision &stored, StoredRevision wanted)
{
    if (stored.down)
        return false;
    wanted.down.reset();
    return revision_checksum(wanted) == stored.checksum;
}

core::Error applied_error(const StoredRevision &stored, const StoredRevision &wanted)
{
    return core::Error(core::sqlstate::revision_applied,
                       "revision \"" + stored.revision + "\" is applied and has another content")
        .detail("The applied revision has the checksum " + stored.checksum + ", the new content " + wanted.checksum +
                ". Different: " + different_parts(stored, wanted) + ".")
        .hint("Write the change as a new revision, or downgrade first. The down script alone can be changed by "
              "migrate_edit.");
}

} // namespace

std::string revision_checksum(const StoredRevision &revision)
{
    std::vector<std::string> labels = revision.branch_labels;
    std::sort(labels.begin(), labels.end());
    return checksum({{joined(revision.down_revision), false},
                     {joined(revision.depends_on), false},
                     {joined(labels), false},
                     {revision.up, true},
                     {revision.down, true}});
}

RegistrationResult Authoring::register_revision(const RevisionRequest &request)
{
    return request.revision ? register_named(request) : register_new(request);
}

// Everything but the parents.
StoredRevision Authoring::wanted_revision(const RevisionRequest &request, const std::string &id)
{
    StoredRevision wanted;
    wanted.revision = id;
    wanted.message = request.message;
    wanted.branch_labels = labels_of(request.labels);
    // A new id is nothing that an error could name: nobody has seen it.
    const std::string name = request.revision.value_or("");
    wanted.up = normalized(request.up, {name, "up"}, request.up_outside_transaction);
    wanted.down = request.keep_broken_down
                      ? normalized_or_broken(request.down, {name, "down"}, request.down_outside_transaction)
                      : normalized(request.down, {name, "down"}, request.down_outside_transaction);
    return wanted;
}

// With an explicit id names are taken as they are, known or not, so that the result does not depend on the order in
// which files arrive.
std::vector<std::string> Authoring::literal_parents(const RevisionRequest &request,
                                                    const std::optional<StoredRevision> &stored)
{
    if (request.parents == "base")
        return {};
    if (is_symbolic(request.parents)) {
        if (stored)
            return stored->down_revision; // the head of then; by now it may be the revision itself
        const core::RevisionGraph graph = graph_of_now();
        return names(graph, core::resolve_parents(graph, request.parents, true, interrupts_));
    }
    return exact_names(request.parents);
}

RegistrationResult Authoring::register_named(const RevisionRequest &request)
{
    const std::string &id = *request.revision;
    core::check_identifier("revision identifier", id);
    StoredRevision wanted = wanted_revision(request, id);
    exact_names(request.depends_on);

    // A first look without a lock: a deployment registers the same files again and again.
    std::optional<StoredRevision> stored = catalogue_.find_revision(id);
    if (!stored) {
        require_writable(function_);
        lock_authors(catalogue_.extension(), AuthorLock::add);
        stored = catalogue_.find_revision(id);
        const LatestSnapshot now;
        if (!stored && catalogue_.find_revision(id, now.get()))
            throw core::Error(core::sqlstate::serialization_failure,
                              "could not serialize access due to a concurrent registration")
                .detail("This transaction does not see the revision \"" + id + "\", but it is registered by now.")
                .hint("Retry the transaction.");
    }
    complete(wanted, request, stored);
    if (!stored) {
        insert(wanted);
        return {id, Registration::added};
    }
    if (is_same(*stored, wanted))
        return {id, Registration::unchanged};
    // Looked at again once nobody else can change it, or run it.
    require_writable(function_);
    lock_authors(catalogue_.extension(), AuthorLock::replace);
    const LatestSnapshot now;
    stored = catalogue_.find_revision(id, now.get());
    complete(wanted, request, stored);
    if (!stored) {
        insert(wanted);
        return {id, Registration::added};
    }
    return {id, replace(*stored, wanted)};
}

// What may come from the revision that is stored, and with it the checksum.
void Authoring::complete(StoredRevision &wanted, const RevisionRequest &request,
                         const std::optional<StoredRevision> &stored)
{
    wanted.down_revision = literal_parents(request, stored);
    wanted.depends_on = stored && request.keep_dependencies ? stored->depends_on : std::vector<std::string>();
    for (const std::string &dependency : exact_names(request.depends_on))
        wanted.depends_on.push_back(dependency);
    wanted.depends_on = without_duplicates(wanted.depends_on);
    if (stored && request.keep_message)
        wanted.message = stored->message;
    if (stored && request.keep_labels)
        wanted.branch_labels = stored->branch_labels;
    if (stored && request.keep_down)
        wanted.down = stored->down;
    wanted.checksum = revision_checksum(wanted);
}

RegistrationResult Authoring::register_new(const RevisionRequest &request)
{
    require_writable(function_);
    lock_authors(catalogue_.extension(), AuthorLock::add);
    const core::RevisionGraph graph = graph_of_now();
    std::string id = new_revision_id();
    while (graph.find(id))
        id = new_revision_id();
    StoredRevision wanted = wanted_revision(request, id);
    wanted.down_revision = names(graph, core::resolve_parents(graph, request.parents, request.splice, interrupts_));
    for (const std::string &dependency : core::split_list(request.depends_on))
        wanted.depends_on.push_back(core::resolve_dependency(graph, dependency, interrupts_));
    wanted.depends_on = without_duplicates(wanted.depends_on);
    wanted.checksum = revision_checksum(wanted);
    insert(wanted);
    return {id, Registration::added};
}

// What is there now, whatever the isolation level: the lock has been waited for.
core::RevisionGraph Authoring::graph_of_now()
{
    const LatestSnapshot now;
    return catalogue_.read_graph(interrupts_, now.get());
}

void Authoring::insert(StoredRevision &wanted)
{
    check_graph_with(wanted);
    catalogue_.insert_revision(wanted);
    tell_abbreviations(wanted);
}

// With an explicit id, what is not registered may come later; what is the beginning of an id that is there will hardly.
void Authoring::tell_abbreviations(const StoredRevision &wanted)
{
    std::vector<std::string> needed = wanted.down_revision;
    needed.insert(needed.end(), wanted.depends_on.begin(), wanted.depends_on.end());
    for (const auto &[name, id] : catalogue_.find_beginnings(needed))
        notice("revision \"" + wanted.revision + "\" names \"" + name + "\", which is not registered",
               "Where the id is given, parents and dependencies are not abbreviated.",
               "If revision \"" + id + "\" is meant, write it in full.");
}

// The caller holds the lock.
Registration Authoring::replace(const StoredRevision &stored, const StoredRevision &wanted)
{
    if (is_same(stored, wanted))
        return Registration::unchanged;
    if (stored.checksum != wanted.checksum) {
        if (!only_adds_way_back(stored, wanted) && is_applied(stored.revision))
            throw applied_error(stored, wanted);
        if (!is_same_node(stored, wanted))
            check_graph_with(wanted);
    }
    catalogue_.update_revision(wanted);
    notice("revision \"" + stored.revision + "\" is replaced");
    return Registration::replaced;
}

// Labels used twice, self-loops and cycles, as building the graph with the new content finds them.
void Authoring::check_graph_with(const StoredRevision &wanted)
{
    const LatestSnapshot now;
    if (catalogue_.stands_alone(wanted, now.get()))
        return;
    std::vector<core::RevisionInput> revisions;
    for (const StoredRevision &known : catalogue_.read_all_revisions(now.get())) {
        if (known.revision == wanted.revision)
            continue;
        refuse_labels_of(known, wanted);
        revisions.push_back({known.revision, known.down_revision, known.depends_on, known.branch_labels});
    }
    core::RevisionInput input{wanted.revision, wanted.down_revision, wanted.depends_on, wanted.branch_labels};
    const auto place = std::lower_bound(revisions.begin(), revisions.end(), input,
                                        [](const auto &left, const auto &right) { return left.id < right.id; });
    revisions.insert(place, std::move(input));
    core::RevisionGraph::build(std::move(revisions), interrupts_);
}

bool Authoring::is_applied(const std::string &id)
{
    // As of now, whatever the isolation level: the lock has been waited for.
    const LatestSnapshot snapshot;
    const core::RevisionGraph graph = catalogue_.read_graph(interrupts_, snapshot.get());
    const std::vector<std::string> rows = catalogue_.read_all_version_rows(snapshot.get());
    const auto index = graph.find(id);
    return index && core::applied_revisions(graph, rows)[*index];
}

StoredRevision Authoring::find_one(const std::string &target)
{
    const core::RevisionGraph graph = catalogue_.read_graph(interrupts_);
    const std::vector<core::Index> found = core::resolve_revisions(graph, target, nullptr, interrupts_);
    if (found.size() != 1)
        throw core::Error(core::sqlstate::invalid_target, "'" + target + "' does not name one revision");
    std::optional<StoredRevision> stored = catalogue_.find_revision(graph.id(found.front()));
    if (!stored)
        throw core::Error(core::sqlstate::revision_not_found, "Can't locate revision identified by '" + target + "'");
    return std::move(*stored);
}

std::string Authoring::edit(const std::string &target, const std::optional<std::string> &up,
                            const std::optional<std::string> &down, const std::optional<std::string> &message)
{
    require_writable(function_);
    lock_authors(catalogue_.extension(), AuthorLock::replace);
    const StoredRevision stored = find_one(target);
    StoredRevision wanted = stored;
    if (up)
        wanted.up = normalized(up, {stored.revision, "up"});
    if (down)
        wanted.down = normalized(down, {stored.revision, "down"});
    if (message)
        wanted.message = *message;
    wanted.checksum = revision_checksum(wanted);
    if (up && !same_statements(stored.up, wanted.up) && is_applied(stored.revision))
        throw applied_error(stored, wanted);
    catalogue_.update_revision(wanted);
    return stored.revision;
}

void Authoring::set_derived_down(const StoredRevision &stored, const std::string &script)
{
    if (stored.down) {
        edit(stored.revision, std::nullopt, script, std::nullopt);
        notice("the down script of revision \"" + stored.revision + "\" is replaced");
        return;
    }
    require_writable(function_);
    lock_authors(catalogue_.extension(), AuthorLock::replace);
    parse_script(script, {stored.revision, "down"});
    catalogue_.set_derived_down(stored.revision, script);
}

std::string Authoring::remove(const std::string &target)
{
    require_writable(function_);
    lock_authors(catalogue_.extension(), AuthorLock::replace);
    const std::string id = find_one(target).revision;
    const core::RevisionGraph graph = graph_of_now();
    const std::optional<core::Index> index = graph.find(id);
    if (index && !graph.all_next(*index).empty()) {
        std::string children;
        for (const core::Index child : graph.all_next(*index))
            children += (children.empty() ? "" : ", ") + graph.id(child);
        throw core::Error(core::sqlstate::revision_referenced, "revision \"" + id + "\" is referred to by others")
            .detail("Its children and dependents are " + children + ".")
            .hint("Remove those first.");
    }
    if (is_applied(id))
        throw core::Error(core::sqlstate::revision_applied, "revision \"" + id + "\" is applied")
            .hint("Downgrade first, or move the version by migrate_stamp.");
    if (const LatestSnapshot now; catalogue_.is_begun(id, now.get()))
        throw core::Error(core::sqlstate::unfinished_revision,
                          "revision \"" + id + "\" has been begun and is not complete")
            .detail("migrate.journal has the version line and how far it has come.")
            .hint("Finish it first; or migrate_resolve(revision, 'discard') forgets that it was begun.");
    catalogue_.delete_revision(id);
    return id;
}

} // namespace pgmigrate::pg
