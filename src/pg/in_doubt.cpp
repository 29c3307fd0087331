// SPDX-License-Identifier: PostgreSQL
#include "pg/in_doubt_case.hpp"

#include "pg/classify.hpp"
#include "pg/scopes.hpp"
#include "pg/script_tokens.hpp"

#include <algorithm>
#include <cstdint>

extern "C" {
#include "catalog/pg_class.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

// Nothing can be told from the catalogue, or only by who knows what the statement is for.
class Unknown final : public Case
{
  public:
    explicit Unknown(const Node *statement) : statement_(statement) {}

    Advice advise_in_doubt(const std::vector<Oid> &) const override
    {
        const char *command = call([&] { return GetCommandTagName(CreateCommandTag(const_cast<Node *>(statement_))); });
        return stop(std::string("The statement (") + command +
                    ") was begun; the catalogue does not tell whether it has been carried out.");
    }

  private:
    const Node *statement_;
};

// Leaves the same however often it runs.
class Repeatable final : public Case
{
  public:
    Advice advise_in_doubt(const std::vector<Oid> &) const override { return {}; }
};

bool is_repeatable(const Node *statement)
{
    switch (nodeTag(statement)) {
    case T_VacuumStmt: // also ANALYZE
#if PG_VERSION_NUM >= 190000
    case T_RepackStmt: // also CLUSTER
#else
    case T_ClusterStmt:
#endif
    case T_ReindexStmt:
    case T_AlterSystemStmt:
    case T_CheckPointStmt:
    case T_DiscardStmt:
        return true;
    default:
        return false;
    }
}

const Node *parse(const std::string &sql)
{
    const ScannerSettings settings;
    const char *text = sql.c_str();
    const List *trees = call([&] { return raw_parser(text, RAW_PARSE_DEFAULT); });
    if (list_length(trees) != 1)
        throw core::Error(core::sqlstate::internal_error, "not one statement: " + sql);
    return static_cast<const RawStmt *>(linitial(trees))->stmt;
}

std::unique_ptr<Case> case_of(const Node *statement, const std::string &sql)
{
    std::unique_ptr<Case> found = index_case(statement, sql);
    if (!found)
        found = partition_case(statement);
    if (!found)
        found = database_case(statement);
    if (!found && is_repeatable(statement))
        found = std::make_unique<Repeatable>();
    if (!found)
        found = std::make_unique<Unknown>(statement);
    return found;
}

// Frees the parse tree at the end.
class Judgement
{
  public:
    explicit Judgement(const std::string &sql) : case_(case_of(parse(sql), sql)) {}
    const Case *operator->() const { return case_.get(); }

  private:
    MemoryScope memory_;
    std::unique_ptr<Case> case_;
};

} // namespace

Advice adopt(const std::string &notice)
{
    Advice advice;
    advice.action = Action::adopt;
    advice.notice = notice;
    return advice;
}

Advice stop(const std::string &detail)
{
    Advice advice;
    advice.action = Action::stop;
    advice.detail = detail;
    return advice;
}

Oid object_of(const std::vector<Oid> &before)
{
    return before.empty() ? InvalidOid : before.front();
}

std::optional<Advice> stop_if_another(const std::vector<Oid> &before, Oid meant_now)
{
    const Oid meant_then = object_of(before);
    if (meant_then == meant_now || !relation_exists(meant_then))
        return std::nullopt;
    const std::string path(call([] { return GetConfigOption("search_path", false, false); }));
    return stop("The statement was begun on " + qualified_name(meant_then) + "; by the search_path of now (" + path +
                ") it means " + (relation_exists(meant_now) ? qualified_name(meant_now) : "nothing") + ".");
}

Advice stop_at_new_one(const char *kind, Oid meant_now)
{
    return stop("The " + std::string(kind) + " that the statement was begun on is gone; " + qualified_name(meant_now) +
                " is another one.");
}

bool is_among(Oid object, const std::vector<Oid> &objects)
{
    return std::find(objects.begin(), objects.end(), object) != objects.end();
}

bool relation_exists(Oid relation)
{
    return kind_of(relation) != '\0';
}

std::string qualified_name(Oid relation)
{
    const char *name = call([&]() -> const char * {
        const char *bare = get_rel_name(relation);
        const char *schema = bare == nullptr ? nullptr : get_namespace_name(get_rel_namespace(relation));
        return schema == nullptr ? "" : quote_qualified_identifier(schema, bare);
    });
    return name;
}

Oid relation_named(const RangeVar *name)
{
    return call([&] { return find_relation(name); });
}

char kind_of(Oid relation)
{
    return call([&] { return OidIsValid(relation) ? get_rel_relkind(relation) : '\0'; });
}

Rows query_catalogues(Query &query, Values &parameters)
{
    const SettingScope path("search_path", "pg_catalog, pg_temp");
    return run(query, parameters);
}

std::vector<Oid> oids_of(const Rows &rows)
{
    std::vector<Oid> oids;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        oids.push_back(static_cast<Oid>(rows.bigint(row, 1)));
    return oids;
}

std::vector<Oid> objects_before(const std::string &sql)
{
    return Judgement(sql)->objects_before();
}

std::vector<Oid> objects_by_name(const std::string &sql)
{
    return Judgement(sql)->objects_by_name();
}

Oid relation_to_lock(const std::string &sql)
{
    return Judgement(sql)->relation_to_lock();
}

Advice advise_before(const std::string &sql)
{
    return Judgement(sql)->advise_before();
}

Advice advise_in_doubt(const std::string &sql, const std::vector<Oid> &before)
{
    return Judgement(sql)->advise_in_doubt(before);
}

std::vector<std::string> clean_up(const std::string &sql, const std::vector<Oid> &before)
{
    return Judgement(sql)->clean_up(before);
}

std::string left_half_done(const std::string &sql, const std::vector<Oid> &before)
{
    return Judgement(sql)->left_half_done(before);
}

} // namespace pgmigrate::pg
