// SPDX-License-Identifier: PostgreSQL

// Which columns of the system catalogues the queries name by which a schema is read.

#include "pg/schema_reader.hpp"
#include "pg/values.hpp"

#include <set>
#include <utility>

extern "C" {
#include "access/sysattr.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parse_relation.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
}

using namespace pgmigrate;

namespace
{

std::set<std::pair<Oid, AttrNumber>> *columns_read;

void note_columns(Oid relation, const Bitmapset *columns)
{
    for (int member = -1; (member = bms_next_member(columns, member)) >= 0;)
        columns_read->emplace(relation, member + FirstLowInvalidHeapAttributeNumber);
}

bool note_query(Node *node, void *context);

// 16 gave walkers their real type.
#if PG_VERSION_NUM >= 160000
constexpr auto walker = note_query;
#else
const auto walker = reinterpret_cast<bool (*)()>(reinterpret_cast<void (*)()>(note_query));
#endif

bool note_query(Node *node, void *context)
{
    if (node == nullptr)
        return false;
    if (!IsA(node, Query))
        return expression_tree_walker(node, walker, context);
    auto *query = reinterpret_cast<Query *>(node);
#if PG_VERSION_NUM >= 160000
    for (int i = 0; i < list_length(query->rteperminfos); ++i) {
        const auto *rights = static_cast<const RTEPermissionInfo *>(list_nth(query->rteperminfos, i));
        note_columns(rights->relid, rights->selectedCols);
    }
#else
    for (int i = 0; i < list_length(query->rtable); ++i) {
        const auto *entry = static_cast<const RangeTblEntry *>(list_nth(query->rtable, i));
        if (entry->rtekind == RTE_RELATION)
            note_columns(entry->relid, entry->selectedCols);
    }
#endif
    return query_tree_walker(query, walker, context, 0);
}

// 19 made what the last parameter points to constant.
template <class Jumble>
void note_analyzed(ParseState *, Query *query, Jumble *)
{
    (void)note_query(reinterpret_cast<Node *>(query), nullptr);
}

// The server has nobody else who would ask during this one call.
class Watch
{
  public:
    explicit Watch(std::set<std::pair<Oid, AttrNumber>> &columns) : before_(post_parse_analyze_hook)
    {
        columns_read = &columns;
        post_parse_analyze_hook = note_analyzed;
    }
    Watch(const Watch &) = delete;
    Watch &operator=(const Watch &) = delete;
    ~Watch() { post_parse_analyze_hook = before_; }

  private:
    post_parse_analyze_hook_type before_;
};

} // namespace

PGM_FUNCTION(pgm_test_columns_read)
{
    std::set<std::pair<Oid, AttrNumber>> columns;
    pg::call([] { ResetPlanCache(); }); // so that every query is analyzed once more
    {
        const Watch watch(columns);
        (void)pg::read_schema(pg::whole_database());
    }
    pg::ResultSet result(fcinfo);
    for (const auto &[relation, column] : columns) {
        pg::Values row;
        row.oid(relation).integer(column);
        result.add(row);
    }
    return result.finish();
}
