// SPDX-License-Identifier: PostgreSQL
#include "pg/autogenerate.hpp"

#include "core/target.hpp"
#include "core/target_parse.hpp"
#include "model/column_order.hpp"
#include "model/likely_renames.hpp"
#include "model/text.hpp"
#include "pg/authoring.hpp"
#include "pg/locks.hpp"
#include "pg/planning.hpp"
#include "pg/scopes.hpp"

#include <algorithm>

namespace pgmigrate::pg
{

namespace
{

// Alembic's rule (RevisionContext.run_autogenerate): what is compared has to be the state that the revision is put on,
// with all heads. Returns these.
std::vector<std::string> require_heads(const core::RevisionGraph &graph, Catalogue &catalogue)
{
    const LatestSnapshot now;
    std::vector<std::string> heads;
    for (const core::Index head : graph.real_heads())
        heads.push_back(graph.id(head));
    std::vector<std::string> rows = row_names(catalogue.read_version(std::nullopt, now.get()));
    std::sort(heads.begin(), heads.end());
    std::sort(rows.begin(), rows.end());
    if (rows != heads)
        throw core::Error(core::sqlstate::not_on_heads, "Target database is not up to date.")
            .detail("It is on " + (rows.empty() ? "base" : joined_names(rows)) + "; the heads are " +
                    (heads.empty() ? "none" : joined_names(heads)) + ".")
            .hint("migrate_upgrade('heads') brings it there.");
    return heads;
}

core::RevisionGraph graph_of_now(Catalogue &catalogue, core::InterruptCheck &interrupts)
{
    const LatestSnapshot now;
    return catalogue.read_graph(interrupts, now.get());
}

// What the revision is put on, found before the long comparison. Ids, which a revision with an id of its own can have,
// too.
void resolve_place(const core::RevisionGraph &graph, const std::vector<std::string> &heads,
                   const AutogenerateRequest &request, RevisionRequest &revision, core::InterruptCheck &interrupts)
{
    if (core::trim(request.down_revision) == "head" && heads.size() > 1)
        throw core::Error(core::sqlstate::multiple_heads,
                          "Multiple heads are present; there is no one head to put the revision on")
            .detail("The heads are " + joined_names(heads) + ".")
            .hint("Name one of them in down_revision, or merge them first, by migrate_merge().");
    std::vector<std::string> parents;
    try {
        const bool splice = false;
        for (const core::Index parent : core::resolve_parents(graph, request.down_revision, splice, interrupts))
            parents.push_back(graph.id(parent));
    } catch (core::Error &error) {
        if (error.sqlstate() == core::sqlstate::not_a_head)
            error.set_hint("What is compared is the database with all its heads: name one of them.");
        throw;
    }
    revision.parents = parents.empty() ? "base" : joined_names(parents);
    std::vector<std::string> dependencies;
    for (const std::string &each : core::split_list(request.depends_on.value_or("")))
        dependencies.push_back(core::resolve_dependency(graph, each, interrupts));
    revision.depends_on = joined_names(dependencies);
    revision.labels = request.branch_label.value_or("");
}

// Others can have registered and run revisions since the heads were found, and what was compared is not what they have
// left.
void require_same_heads(Catalogue &catalogue, const std::vector<std::string> &heads, core::InterruptCheck &interrupts)
{
    lock_authors(catalogue.extension(), AuthorLock::add);
    if (require_heads(graph_of_now(catalogue, interrupts), catalogue) != heads)
        throw core::Error(core::sqlstate::serialization_failure,
                          "another migration was run while this one was generated")
            .detail("It was compared with the database at " + (heads.empty() ? "base" : joined_names(heads)) + ".")
            .hint("Generate it again.");
}

model::Statement plain(const std::string &sql)
{
    model::Statement statement;
    statement.sql = sql;
    return statement;
}

// Alembic tells what it has found, an object a line.
void tell(const model::Plan &plan)
{
    constexpr std::size_t most = 50;
    std::size_t told = 0;
    for (const model::Difference &each : plan.differences) {
        if (++told > most)
            break;
        notice(model::cat("Detected ", model::info(each.kind).name, " ", each.identity, ": ", each.change));
    }
    if (plan.differences.size() > most)
        notice("and " + std::to_string(plan.differences.size() - most) + " more differences");
}

// What no statement brings about, so that it would be found again each time: a version of an extension that there is no
// way to, a column that is local besides being inherited.
void tell_what_stays(const model::Plan &plan)
{
    for (const model::Difference &each : plan.differences)
        notice(model::cat("PostgreSQL has no statement for it: ", model::info(each.kind).name, " ", each.identity, ": ",
                          each.change));
}

// In the script as well, whose author may not have seen the notices.
void tell_likely_renames(model::Plan &plan, const Sides &sides)
{
    for (const model::LikelyRename &each : model::likely_renames(sides.database, sides.model)) {
        const std::string text = "if " + each.to + " is what " + each.from + " was: " + "renames => " +
                                 model::literal(each.list) + " keeps its data";
        notice(text);
        plan.notes.push_back(text);
    }
}

// What the model has not, and what is not compared stands on.
void refuse(const std::vector<std::string> &conflicts)
{
    constexpr std::size_t most = 20;
    std::string detail;
    for (std::size_t i = 0; i < std::min(conflicts.size(), most); ++i)
        detail += (i == 0 ? "" : "\n") + conflicts[i];
    if (conflicts.size() > most)
        detail += "\nand " + std::to_string(conflicts.size() - most) + " more";
    throw core::Error(core::sqlstate::dependent_objects,
                      "the model lacks what other objects depend on that it says nothing about")
        .detail(detail)
        .hint("Have the model say what is to become of them, with schemas naming their schemas, too; or drop them "
              "first, by a revision of their own.");
}

} // namespace

std::optional<std::string> autogenerate(Catalogue &catalogue, const AutogenerateRequest &request,
                                        core::InterruptCheck &interrupts)
{
    require_writable("migrate_autogenerate()");
    RevisionRequest revision;
    const core::RevisionGraph graph = graph_of_now(catalogue, interrupts);
    const std::vector<std::string> heads = require_heads(graph, catalogue);
    resolve_place(graph, heads, request, revision, interrupts);
    const Sides sides = read_sides(request.model, interrupts);
    if (!sides.conflicts.empty())
        refuse(sides.conflicts);
    const model::Options options{.online = request.online};
    model::Plan up = model::diff(sides.database, sides.model, options, interrupts);
    if (up.empty() && sides.renames.empty()) {
        tell_what_stays(up);
        notice("No new upgrade operations detected.");
        return std::nullopt;
    }
    // The way down begins where the way up has ended.
    const model::ColumnOrder order(sides.database, sides.model, up.columns_anew);
    const std::optional<model::Snapshot> left =
        order.reorders() || order.rewrites_is() ? std::optional(order.result_of_is()) : std::nullopt;
    model::Plan down = model::diff(left ? *left : sides.model, sides.database,
                                   {.online = request.online, .restores = true}, interrupts);
    tell(up);
    tell_likely_renames(up, sides);
    // What is renamed has its new name in both comparisons: it gets it at the beginning of the way up, and loses it at
    // the end of the way down.
    std::vector<model::Statement> renames;
    for (const model::Renaming &each : sides.renames)
        renames.push_back(plain(each.way_up));
    up.statements.insert(up.statements.begin(), renames.begin(), renames.end());
    for (auto each = sides.renames.rbegin(); each != sides.renames.rend(); ++each)
        down.statements.push_back(plain(each->way_down));
    revision.message = request.message;
    revision.up = model::render(up);
    revision.down = model::render(down);
    revision.revision = request.revision;
    require_same_heads(catalogue, heads, interrupts);
    return Authoring(catalogue, "migrate_autogenerate()").register_revision(revision).revision;
}

std::vector<model::Difference> check_model(const ModelRequest &request, core::InterruptCheck &interrupts)
{
    const Sides sides = read_sides(request, interrupts);
    model::Plan plan = model::diff(sides.database, sides.model, {}, interrupts);
    for (const std::string &each : plan.not_compared)
        notice("not compared: " + each);
    for (const std::string &each : sides.conflicts)
        notice(each + ", which the model lacks");
    if (plan.empty()) {
        tell_what_stays(plan);
        return {};
    }
    return std::move(plan.differences);
}

} // namespace pgmigrate::pg
