// SPDX-License-Identifier: PostgreSQL
#include "files/registered_line.hpp"

#include "core/traversal.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string_view>

namespace pgmigrate::files
{

namespace
{

std::set<std::string_view> ids_of(std::span<const SourceRevision> sources)
{
    std::set<std::string_view> ids;
    for (const SourceRevision &source : sources)
        ids.insert(source.id);
    return ids;
}

bool is_applied(const SourceRevision &source, const core::RevisionGraph &graph, const std::vector<bool> &applied)
{
    const std::optional<core::Index> revision = graph.find(source.id);
    return revision && applied[*revision];
}

core::Error comes_too_late(std::span<const std::string_view> paths, const SourceRevision &next,
                           const SourceRevision &last)
{
    return core::Error(core::sqlstate::revision_applied, "migration \"" + std::string(paths.front()) +
                                                             "\" comes before revision \"" + next.id +
                                                             "\", which is applied")
        .detail("The migrations are one line in the order of their versions, and what is applied has been run without "
                "it. Such are: " +
                list_of(paths) + ".")
        .hint("Give it a version behind \"" + last.id +
              "\", the last one that is applied; also in the table of the tool, where that has run it.");
}

void check_late(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                const std::vector<bool> &applied)
{
    std::vector<std::string_view> late;
    std::vector<std::string_view> waiting;
    const SourceRevision *next = nullptr;
    const SourceRevision *last = nullptr;
    for (const SourceRevision &source : sources) {
        if (!graph.find(source.id))
            waiting.emplace_back(source.source);
        if (!is_applied(source, graph, applied))
            continue;
        last = &source;
        if (next == nullptr && !waiting.empty())
            next = &source;
        late.insert(late.end(), waiting.begin(), waiting.end());
        waiting.clear();
    }
    if (!late.empty())
        throw comes_too_late(late, *next, *last);
}

void check_parents(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                   const std::vector<bool> &applied)
{
    const std::set<std::string_view> ids = ids_of(sources);
    for (const SourceRevision &source : sources) {
        if (!is_applied(source, graph, applied))
            continue;
        for (const std::string &parent : graph.declared_down(*graph.find(source.id)))
            if (!ids.contains(parent))
                throw core::Error(core::sqlstate::revision_applied, "revision \"" + source.id +
                                                                        "\" is applied on top of \"" + parent +
                                                                        "\", which has no migration in the directory")
                    .detail("The migrations are one line in the order of their versions: \"" + source.source +
                            "\" would get another parent.")
                    .hint("Put the migration back; a revision that is applied keeps its parents.");
    }
}

bool is_version(std::string_view id)
{
    return !id.empty() && is_digit(id.front()) &&
           std::all_of(id.begin(), id.end(), [](char c) { return is_digit(c) || c == '.'; });
}

} // namespace

bool is_line(std::span<const SourceRevision> sources)
{
    return !sources.empty() && sources.front().parent_by_order;
}

void check_line(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                const std::vector<bool> &applied)
{
    check_late(sources, graph, applied);
    check_parents(sources, graph, applied);
}

std::vector<std::string> without_file(std::span<const SourceRevision> sources, const core::RevisionGraph &graph,
                                      core::InterruptCheck &interrupts)
{
    std::vector<std::string> missing;
    const std::set<std::string_view> ids = ids_of(sources);
    std::vector<core::Index> known;
    for (const std::string_view id : ids)
        if (const std::optional<core::Index> revision = graph.find(id))
            known.push_back(*revision);
    core::Ticker ticker(interrupts);
    const core::Marks lineage = core::lineage_of(graph, known, false, ticker);
    for (core::Index revision = 0; revision < graph.size(); ++revision)
        if (lineage[revision] && is_version(graph.id(revision)) && !ids.contains(graph.id(revision)))
            missing.push_back(graph.id(revision));
    return missing;
}

} // namespace pgmigrate::files
