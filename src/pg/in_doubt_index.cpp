// SPDX-License-Identifier: PostgreSQL

// CREATE INDEX, REINDEX and DROP INDEX with CONCURRENTLY.

#include "pg/in_doubt_case.hpp"

#include "pg/classify.hpp"
#include "pg/index_definition.hpp"

#include <cstdint>
#include <optional>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit Query select_indexes_of_table = {
    "SELECT i.indexrelid::int8, i.indisvalid::int4::int8 FROM pg_catalog.pg_index i WHERE i.indrelid = $1 ORDER BY 1",
    1,
    {OIDOID},
    nullptr};

constinit Query select_invalid_indexes = {
    "SELECT i.indexrelid::int8 FROM pg_catalog.pg_index i WHERE NOT i.indisvalid ORDER BY 1", 0, {}, nullptr};

// $1: the table, with its partitions; $2: the schema; 0 for no such limit. A toast table goes with its table.
constinit Query select_leftovers = {
    R"(WITH RECURSIVE tables (oid) AS (
        SELECT $1
        UNION
        SELECT h.inhrelid FROM pg_catalog.pg_inherits h JOIN tables t ON h.inhparent = t.oid)
    SELECT DISTINCT i.indexrelid::int8
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class o ON i.indrelid IN (o.oid, o.reltoastrelid)
    WHERE NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
    AND ($1 = 0 OR o.oid IN (SELECT t.oid FROM tables t))
    AND ($2 = 0 OR o.relnamespace = $2)
    ORDER BY 1)",
    2,
    {OIDOID, OIDOID},
    nullptr};

struct IndexState {
    Oid table;
    bool valid;
};

std::optional<IndexState> index_state(Oid index)
{
    IndexState state{InvalidOid, false};
    call([&] {
        HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
        if (!HeapTupleIsValid(tuple))
            return;
        const auto *row = reinterpret_cast<Form_pg_index>(GETSTRUCT(tuple));
        state = {row->indrelid, row->indisvalid};
        ReleaseSysCache(tuple);
    });
    return OidIsValid(state.table) ? std::optional<IndexState>(state) : std::nullopt;
}

bool is_indexable(Oid table)
{
    const char kind = kind_of(table);
    return kind == RELKIND_RELATION || kind == RELKIND_MATVIEW || kind == RELKIND_TOASTVALUE;
}

bool owns(Oid relation)
{
    return call([&] { return compat::owns_relation(relation, GetUserId()); });
}

// IF EXISTS: it may be gone when the statement comes to run.
std::string drop_statement(Oid index)
{
    return "DROP INDEX CONCURRENTLY IF EXISTS " + qualified_name(index);
}

class CreateIndex final : public Case
{
  public:
    CreateIndex(const IndexStmt *statement, const std::string &sql)
        : statement_(statement), sql_(sql), table_(relation_named(statement->relation))
    {
        // For any other relation the server has an error; on a temporary table it builds like without CONCURRENTLY.
        if (!is_indexable(table_) || call([&] { return get_rel_persistence(table_); }) == RELPERSISTENCE_TEMP)
            table_ = InvalidOid;
    }

    // The table first.
    std::vector<Oid> objects_before() const override
    {
        std::vector<Oid> objects{table_};
        for (const FoundIndex &index : indexes_of(table_))
            objects.push_back(index.oid);
        return objects;
    }

    std::vector<Oid> objects_by_name() const override { return {table_}; }

    Oid relation_to_lock() const override { return OidIsValid(table_) && owns(table_) ? table_ : InvalidOid; }

    // Without IF NOT EXISTS the server says what there is to say.
    Advice advise_before() const override
    {
        if (!statement_->if_not_exists || !OidIsValid(table_))
            return {};
        const Oid found = relation_of_that_name(table_);
        if (!relation_exists(found))
            return {};
        return advise_over(found, found_by_name(found), "is invalid: an attempt to build it has failed");
    }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        if (const std::optional<Advice> stopped = stop_if_another(before, table_))
            return *stopped;
        if (!OidIsValid(table_))
            return {};
        if (statement_->idxname == nullptr)
            return advise_unnamed(before);
        const Oid found = relation_of_that_name(table_);
        const std::optional<IndexState> state = found_by_name(found);
        // What had the name before the statement began is none of its work.
        if (!relation_exists(found) || !state || is_among(found, before))
            return advise_before();
        return advise_over(found, state, "is invalid: its build was interrupted");
    }

    std::vector<std::string> clean_up(const std::vector<Oid> &before) const override
    {
        std::vector<std::string> statements;
        for (const Oid index : left_invalid(before))
            statements.push_back(drop_statement(index));
        return statements;
    }

    // An index that the server has named itself is told by its definition from those that others build, and that can be
    // compared only where the statement still means the table.
    std::string left_half_done(const std::vector<Oid> &before) const override
    {
        const Oid table = begun_on(before);
        if (statement_->idxname != nullptr || table == table_ || invalid_since(before).empty())
            return {};
        return "an index that is invalid may be left on " + qualified_name(table);
    }

  private:
    struct FoundIndex {
        Oid oid;
        bool valid;
    };

    static std::vector<FoundIndex> indexes_of(Oid table)
    {
        std::vector<FoundIndex> indexes;
        if (!OidIsValid(table))
            return indexes;
        Values key;
        const Rows rows = query_catalogues(select_indexes_of_table, key.oid(table));
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            indexes.push_back({static_cast<Oid>(rows.bigint(row, 1)), rows.bigint(row, 2) != 0});
        return indexes;
    }

    // An index is in the schema of its table.
    Oid relation_of_that_name(Oid table) const
    {
        return call([&] { return get_relname_relid(statement_->idxname, get_rel_namespace(table)); });
    }

    // Nothing for what is no index of the table.
    std::optional<IndexState> found_by_name(Oid relation) const
    {
        const std::optional<IndexState> state = index_state(relation);
        return state && state->table == table_ ? state : std::nullopt;
    }

    DefinitionMatch matches(const std::vector<Oid> &candidates) const
    {
        return find_same_definition(statement_, sql_, table_, candidates);
    }

    Advice advise_over(Oid found, const std::optional<IndexState> &state, const std::string &what_is_invalid) const
    {
        const std::string name = qualified_name(found);
        if (!state)
            return stop(name + " exists, but is no index of " + qualified_name(table_) + ".");
        if (!state->valid) {
            Advice advice;
            advice.first.push_back(drop_statement(found));
            advice.notice = "index " + name + " " + what_is_invalid + "; it is dropped and built again";
            return advice;
        }
        const DefinitionMatch match = matches({found});
        if (match.same.empty())
            return stop("In the database: " + definition_of(found) + "\nIn the script: " + sql_ +
                        (match.failure.empty() ? "" : "\nThey could not be compared: " + match.failure));
        return adopt("index " + name + " exists already with the same definition, skipping");
    }

    // What the server has named itself is known by its definition.
    Advice advise_unnamed(const std::vector<Oid> &before) const
    {
        std::vector<Oid> candidates;
        for (const FoundIndex &index : indexes_of(table_))
            if (!is_among(index.oid, before))
                candidates.push_back(index.oid);
        const DefinitionMatch match = matches(candidates);
        if (!match.failure.empty())
            return stop("The indexes that " + qualified_name(table_) +
                        " has got meanwhile could not be compared with the statement: " + match.failure);
        Advice advice;
        std::string names;
        for (const Oid index : match.same) {
            const std::string name = qualified_name(index);
            const std::optional<IndexState> state = index_state(index);
            if (state && state->valid)
                return adopt("index " + name + " exists already with the same definition, skipping");
            advice.first.push_back(drop_statement(index));
            names += (names.empty() ? "" : ", ") + name;
        }
        if (!names.empty())
            advice.notice = "index " + names + " is invalid: its build was interrupted; it is dropped and built again";
        return advice;
    }

    Oid begun_on(const std::vector<Oid> &before) const { return before.empty() ? table_ : before.front(); }

    // Of the table that the statement was begun on, whatever its name means now.
    std::vector<Oid> invalid_since(const std::vector<Oid> &before) const
    {
        std::vector<Oid> invalid;
        for (const FoundIndex &index : indexes_of(begun_on(before)))
            if (!index.valid && !is_among(index.oid, before))
                invalid.push_back(index.oid);
        return invalid;
    }

    std::vector<Oid> left_invalid(const std::vector<Oid> &before) const
    {
        const Oid table = begun_on(before);
        std::vector<Oid> invalid = invalid_since(before);
        if (invalid.empty())
            return invalid;
        if (statement_->idxname == nullptr)
            return table == table_ ? matches(invalid).same : std::vector<Oid>{};
        const Oid named = relation_of_that_name(table);
        std::erase_if(invalid, [&](Oid index) { return index != named; });
        return invalid;
    }

    const IndexStmt *statement_;
    const std::string &sql_;
    Oid table_;
};

class Reindex final : public Case
{
  public:
    explicit Reindex(const ReindexStmt *statement) : statement_(statement)
    {
        switch (statement->kind) {
        case REINDEX_OBJECT_INDEX:
            relation_ = relation_named(statement->relation);
            if (const std::optional<IndexState> state = index_state(relation_))
                table_ = state->table;
            break;
        case REINDEX_OBJECT_TABLE:
            table_ = relation_ = relation_named(statement->relation);
            break;
        case REINDEX_OBJECT_SCHEMA:
            schema_ = call([&] { return get_namespace_oid(statement_->name, true); });
            break;
        case REINDEX_OBJECT_SYSTEM:
        case REINDEX_OBJECT_DATABASE:
            whole_database_ = true;
            break;
        }
    }

    // The table first.
    std::vector<Oid> objects_before() const override
    {
        Values none;
        std::vector<Oid> objects{table_};
        for (const Oid index : oids_of(query_catalogues(select_invalid_indexes, none)))
            objects.push_back(index);
        return objects;
    }

    // One table is locked in advance; where there are several, each has its own transaction and lock.
    Oid relation_to_lock() const override
    {
        if (!is_indexable(table_) || kind_of(relation_) == RELKIND_PARTITIONED_INDEX)
            return InvalidOid;
        return call([&] { return compat::may_reindex(table_, GetUserId()); }) ? table_ : InvalidOid;
    }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        const std::optional<Advice> stopped = stop_if_another(before, table_);
        return stopped ? *stopped : advise_to_run(before);
    }

    std::vector<std::string> clean_up(const std::vector<Oid> &before) const override
    {
        return advise_to_run(before).first;
    }

  private:
    Advice advise_to_run(const std::vector<Oid> &before) const
    {
        Advice advice;
        std::string dropped;
        std::string kept;
        for (const Oid index : leftovers(before)) {
            const bool droppable = may_drop(index);
            if (droppable)
                advice.first.push_back(drop_statement(index));
            std::string &names = droppable ? dropped : kept;
            names += (names.empty() ? "" : ", ") + qualified_name(index);
        }
        if (!dropped.empty())
            advice.notice = "REINDEX was interrupted; what it has left is dropped: " + dropped;
        if (!kept.empty())
            advice.notice += (dropped.empty() ? "REINDEX was interrupted" : "") +
                             std::string("; what it has left and the role may not drop: ") + kept;
        return advice;
    }

    // Of the table that the statement was begun on, whatever its name means now.
    std::vector<Oid> leftovers(const std::vector<Oid> &before) const
    {
        std::vector<Oid> found;
        const bool names_table = statement_->kind == REINDEX_OBJECT_INDEX || statement_->kind == REINDEX_OBJECT_TABLE;
        const Oid table = names_table && !before.empty() ? before.front() : table_;
        if (!whole_database_ && !OidIsValid(schema_) && !OidIsValid(table))
            return found;
        Values scope;
        const Rows rows = query_catalogues(select_leftovers, scope.oid(table).oid(schema_));
        for (const Oid index : oids_of(rows))
            if (!is_among(index, before))
                found.push_back(index);
        return found;
    }

    // The server asks for the right to the schema where an index is dropped by its name; that of the toast tables is
    // closed to all but superusers.
    static bool may_drop(Oid index)
    {
        return owns(index) && call([&] { return compat::may_use_schema(get_rel_namespace(index), GetUserId()); });
    }

    const ReindexStmt *statement_;
    Oid relation_ = InvalidOid;
    Oid table_ = InvalidOid;
    Oid schema_ = InvalidOid;
    bool whole_database_ = false;
};

class DropIndex final : public Case
{
  public:
    explicit DropIndex(const DropStmt *statement)
        : name_(name_of(statement)), index_(name_ != nullptr ? relation_named(name_) : InvalidOid),
          is_qualified_(name_ != nullptr && name_->schemaname != nullptr)
    {
    }

    // The index and its schema. The index once more if it was invalid before: then that does not tell that it is half
    // dropped.
    std::vector<Oid> objects_before() const override
    {
        if (!OidIsValid(index_))
            return {};
        std::vector<Oid> objects{index_, schema_of(index_)};
        const std::optional<IndexState> state = index_state(index_);
        if (state && !state->valid)
            objects.push_back(index_);
        return objects;
    }

    std::vector<Oid> objects_by_name() const override { return {index_}; }

    Oid relation_to_lock() const override
    {
        const std::optional<IndexState> state = index_state(index_);
        return state && is_indexable(state->table) && owns(index_) ? state->table : InvalidOid;
    }

    Advice advise_in_doubt(const std::vector<Oid> &before) const override
    {
        if (before.empty()) // there was nothing to drop, and the server says so again
            return OidIsValid(index_) ? stop("When the statement was begun, there was no index of that name; now " +
                                             qualified_name(index_) + " is there.")
                                      : Advice{};
        if (relation_exists(before.front()))
            return stop_if_another(before, index_).value_or(Advice{});
        // Another index of that name, further back in the search_path, is not meant.
        const bool made_again =
            OidIsValid(index_) && (is_qualified_ || before.size() < 2 || before[1] == schema_of(index_));
        return made_again ? stop_at_new_one("index", index_) : adopt("the index is dropped already");
    }

    std::string left_half_done(const std::vector<Oid> &before) const override
    {
        const std::optional<IndexState> state = index_state(object_of(before));
        if (!state || state->valid || before.size() > 2)
            return {};
        return "index " + qualified_name(before.front()) + " is half dropped: it is invalid";
    }

  private:
    static Oid schema_of(Oid index)
    {
        return call([&] { return get_rel_namespace(index); });
    }

    static const RangeVar *name_of(const DropStmt *statement)
    {
        if (list_length(statement->objects) != 1)
            return nullptr; // the server refuses it
        const List *name = static_cast<List *>(linitial(statement->objects));
        return call([&] { return makeRangeVarFromNameList(const_cast<List *>(name)); });
    }

    const RangeVar *name_;
    Oid index_;
    bool is_qualified_;
};

} // namespace

std::unique_ptr<Case> index_case(const Node *statement, const std::string &sql)
{
    if (IsA(statement, IndexStmt)) {
        const auto *create = reinterpret_cast<const IndexStmt *>(statement);
        if (create->concurrent)
            return std::make_unique<CreateIndex>(create, sql);
    }
    if (IsA(statement, ReindexStmt)) {
        const auto *reindex = reinterpret_cast<const ReindexStmt *>(statement);
        if (call([&] { return boolean_option(reindex->params, "concurrently", false); }))
            return std::make_unique<Reindex>(reindex);
    }
    if (IsA(statement, DropStmt)) {
        const auto *drop = reinterpret_cast<const DropStmt *>(statement);
        if (drop->removeType == OBJECT_INDEX && drop->concurrent)
            return std::make_unique<DropIndex>(drop);
    }
    return nullptr;
}

} // namespace pgmigrate::pg
