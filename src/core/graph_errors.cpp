// SPDX-License-Identifier: PostgreSQL
#include "core/graph_errors.hpp"

#include <utility>

namespace pgmigrate::core
{

Error cannot_locate(std::string_view argument, std::string detail, std::string hint)
{
    if (hint.empty())
        hint = "migrate_history() lists the revisions that are known.";
    return Error(sqlstate::revision_not_found, "Can't locate revision identified by '" + std::string(argument) + "'")
        .detail(std::move(detail))
        .hint(std::move(hint));
}

Error empty_target()
{
    return cannot_locate("", "The target is empty.", "Name a revision, a branch label, head, heads or base.");
}

Error unknown_row(const std::string &row)
{
    return cannot_locate(row, "A version row names this revision, but it is not registered.",
                         "Register the revision, or overwrite the version rows with migrate_stamp(..., purge => true).")
        .unknown_row(row);
}

namespace
{

Error not_present(const std::string &id, std::string_view missing)
{
    return Error(sqlstate::missing_revision,
                 "Revision " + std::string(missing) + " referenced from " + id + " is not present");
}

} // namespace

Error missing_parent(const RevisionGraph &graph, Index revision, std::string_view missing)
{
    const std::string &id = graph.id(revision);
    return not_present(id, missing)
        .detail("This needs revision " + id + ", which cannot be used without " + std::string(missing) + ".")
        .hint("Register revision " + std::string(missing) + ", or correct revision " + id + ".");
}

Error applied_unknown(const RevisionGraph &graph, Index applied, Index step)
{
    const std::string &id = graph.id(applied);
    const std::string &missing = graph.missing(applied).front();
    return not_present(id, missing)
        .detail("Revision " + id + " is applied. Without revision " + missing + " it cannot be known whether " +
                graph.id(step) + ", which would run, is applied below it.")
        .hint("Register revision " + missing + " with its parents, or correct revision " + id + ".");
}

Error relative_too_far(std::string_view relative, std::string_view count)
{
    return Error(sqlstate::invalid_target, "Relative revision " + std::string(relative) + " didn't produce " +
                                               std::string(count) + " migrations");
}

Error overlapping(const RevisionGraph &graph, Index revision, std::span<const Index> others)
{
    return Error(sqlstate::invalid_target, "Requested revision " + graph.id(revision) +
                                               " overlaps with other requested revisions " + join_ids(graph, others))
        .detail("Revision " + graph.id(revision) + " includes the others: it descends from them or depends on them.");
}

Error ambiguous_walk(const RevisionGraph &graph, std::span<const Index> choices)
{
    return Error(sqlstate::ambiguous_target, "Ambiguous walk")
        .detail("There is more than one way to go: " + join_ids(graph, choices) + ".")
        .hint("Name a revision, or a branch as in 'label@+1' or 'revision@+1'.");
}

std::string join(std::span<const std::string> texts, std::string_view separator)
{
    std::string joined;
    for (const std::string &text : texts) {
        if (!joined.empty())
            joined += separator;
        joined += text;
    }
    return joined;
}

std::string join_ids(const RevisionGraph &graph, std::span<const Index> revisions, std::string_view separator)
{
    std::vector<std::string> ids;
    ids.reserve(revisions.size());
    for (const Index revision : revisions)
        ids.push_back(graph.id(revision));
    return join(ids, separator);
}

std::vector<Index> revisions_of_rows(const RevisionGraph &graph, const std::vector<std::string> &rows)
{
    std::vector<Index> revisions;
    revisions.reserve(rows.size());
    for (const std::string &row : rows) {
        const std::optional<Index> revision = graph.find(row);
        if (!revision)
            throw unknown_row(row);
        revisions.push_back(*revision);
    }
    return revisions;
}

} // namespace pgmigrate::core
