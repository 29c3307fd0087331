// SPDX-License-Identifier: PostgreSQL
#include "api/common.hpp"

#include "pg/scopes.hpp"

#include <algorithm>

namespace pgmigrate::api
{

namespace
{

constexpr std::size_t revisions_per_read = 1000;

std::vector<std::string> copied(std::span<const std::string> list)
{
    return {list.begin(), list.end()};
}

} // namespace

RevisionRows::RevisionRows(pg::Catalogue &catalogue, const core::RevisionGraph &graph,
                           const std::vector<std::string> &version)
    : catalogue_(catalogue), graph_(graph), applied_(core::applied_revisions(graph, version)), current_(graph.size())
{
    for (const std::string &row : version)
        if (const auto index = graph.find(row))
            current_[*index] = true;
}

void RevisionRows::add_all(pg::ResultSet &result, const std::vector<core::Index> &revisions, bool with_scripts)
{
    pg::ServerInterrupts interrupts;
    for (std::size_t first = 0; first < revisions.size(); first += revisions_per_read) {
        interrupts.check();
        const pg::MemoryScope memory;
        const std::size_t last = std::min(revisions.size(), first + revisions_per_read);
        std::vector<std::string> ids;
        for (std::size_t i = first; i < last; ++i)
            ids.push_back(graph_.id(revisions[i]));
        const std::vector<pg::StoredRevision> stored = catalogue_.read_revisions(ids, with_scripts);
        // A revision can have been removed since the graph was read.
        for (std::size_t i = first, j = 0; i < last && j < stored.size(); ++i)
            if (graph_.id(revisions[i]) == stored[j].revision)
                add(result, revisions[i], stored[j++], with_scripts);
    }
}

void RevisionRows::add(pg::ResultSet &result, core::Index revision, const pg::StoredRevision &stored, bool with_scripts)
{
    pg::Values row;
    row.text(stored.revision);
    row.text_array(copied(graph_.declared_down(revision)));
    row.text_array(copied(graph_.declared_dependencies(revision)));
    row.text_array(graph_.labels(revision)).text(stored.message);
    row.boolean(graph_.is_head(revision)).boolean(graph_.is_branch_point(revision));
    row.boolean(graph_.is_merge_point(revision)).boolean(current_[revision]).boolean(applied_[revision]);
    row.timestamptz(stored.created_at).text(stored.created_by);
    if (with_scripts)
        row.text(stored.up).text(stored.down).text(stored.checksum);
    result.add(row);
}

} // namespace pgmigrate::api
