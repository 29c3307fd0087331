// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_constraints.hpp"

#include "model/text.hpp"
#include "pg/schema_parts.hpp"

#include <algorithm>

extern "C" {
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
}

// 18 has constraints that are not enforced, and says so instead of NOT VALID. Its NOT NULL constraints are what makes
// attnotnull true, which the columns have. Its keys can be over ranges of time.
#if PG_VERSION_NUM >= 180000
#define PGM_NOT_ENFORCED "NOT k.conenforced"
#define PGM_TEMPORAL "k.conperiod"
#define PGM_COMPOSED "k.contype IN ('p', 'u', 'f') AND NOT k.conperiod"
#else
#define PGM_NOT_ENFORCED "false"
#define PGM_TEMPORAL "false"
#define PGM_COMPOSED "k.contype IN ('p', 'u', 'f')"
#endif

// What pg_get_constraintdef() appends, in its order: these can be altered.
#define PGM_CONSTRAINT_SUFFIX                                                                                          \
    "CASE WHEN k.condeferrable THEN ' DEFERRABLE' ELSE '' END\n"                                                       \
    "       || CASE WHEN k.condeferred THEN ' INITIALLY DEFERRED' ELSE '' END\n"                                       \
    "       || CASE WHEN " PGM_NOT_ENFORCED " THEN ' NOT ENFORCED'\n"                                                  \
    "               WHEN NOT k.convalidated THEN ' NOT VALID' ELSE '' END"

// An empty suffix is cut off, too: left(…, -0) would be nothing.
#define PGM_CONSTRAINT_DEFINITION "left(pg_get_constraintdef(k.oid) || '.', -1 - length(" PGM_CONSTRAINT_SUFFIX "))"

namespace pgmigrate::pg
{

namespace
{

// A foreign key that refers to a partitioned table has a row for each partition that it refers to: conparentid is a
// constraint of the same table. Rows of partitions that refer belong to another table, and are inherited. A constraint
// is in the schema of its table.
constinit Query of_tables{R"(
SELECT k.conrelid AS _relation, k.conkey AS _key, k.confrelid AS _referenced, k.confkey AS _referenced_key,
       k.confmatchtype AS _match, k.confupdtype AS _on_update, k.confdeltype AS _on_delete, k.confdelsetcols AS _set_columns,
       i.indkey AS _index_key, i.indnullsnotdistinct AS _nulls_not_distinct,
       'constraint' AS kind, 'pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       k.conrelid AS relation, k.conname AS plain_name,
       k.contype AS type,
       CASE WHEN NOT ()" PGM_COMPOSED R"()
            THEN )" PGM_WITHOUT_OPTIONS(PGM_CONSTRAINT_DEFINITION) R"( END AS definition,
       k.condeferrable AS deferrable, k.condeferred AS deferred, )" PGM_TEMPORAL R"( AS temporal,
       )" PGM_NOT_ENFORCED R"( AS not_enforced, NOT k.convalidated AND NOT )" PGM_NOT_ENFORCED R"( AS not_valid,
       CASE WHEN k.coninhcount > 0 AND k.contype IN ('c', 'f')
            THEN (SELECT array_agg(quote_ident(p.conname) || ' ON ' || quote_ident(pn.nspname) || '.' || quote_ident(pt.relname)
                                   ORDER BY pn.nspname, pt.relname)
                    FROM pg_inherits h
                    JOIN pg_constraint p ON p.conrelid = h.inhparent AND p.contype = k.contype
                         AND CASE WHEN k.contype = 'c' THEN p.conname = k.conname AND NOT p.connoinherit
                                  ELSE p.oid = k.conparentid END
                    JOIN pg_class pt ON pt.oid = h.inhparent
                    JOIN pg_namespace pn ON pn.oid = pt.relnamespace
                   WHERE h.inhrelid = k.conrelid) END AS inherited_from,
       k.contype = 'c' AND k.coninhcount > 0 AND k.conislocal AS local,
       i.indexrelid IS NOT NULL AS index, c.relkind = 'I' AND NOT i.indisvalid AS incomplete,
       )" PGM_INDEX_PROPERTIES R"(
  FROM pg_constraint k
  LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_class c ON c.oid = i.indexrelid
 WHERE k.connamespace = ANY ($1) AND k.conrelid <> 0 AND k.contype IN ('c', 'f', 'p', 'u', 'x')
   AND CASE WHEN k.conparentid <> 0
            THEN (SELECT above.conrelid FROM pg_constraint above WHERE above.oid = k.conparentid)
                 IS DISTINCT FROM k.conrelid
            ELSE true END)",
                          1,
                          {OIDARRAYOID},
                          nullptr};

constinit Query of_domains{R"(
SELECT 'constraint' AS kind, 'pg_constraint'::regclass::oid AS classid, k.oid AS objid, 0 AS objsubid,
       k.schema_name, quote_ident(k.conname) AS object_name, k.domain_identity AS parent,
       quote_ident(k.conname) || ' ON DOMAIN ' || k.domain_identity AS identity,
       k.contype AS type, true AS of_domain,
       )" PGM_CONSTRAINT_DEFINITION R"( AS definition,
       )" PGM_NOT_ENFORCED R"( AS not_enforced, NOT k.convalidated AND NOT )" PGM_NOT_ENFORCED R"( AS not_valid
  FROM (SELECT k.*, quote_ident(n.nspname) AS schema_name,
               quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS domain_identity
          FROM pg_constraint k
          JOIN pg_type t ON t.oid = k.contypid
          JOIN pg_namespace n ON n.oid = t.typnamespace
          LEFT JOIN pg_depend d ON d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e'
         WHERE t.typnamespace = ANY ($1) AND k.contype = 'c' AND d.objid IS NULL) k)",
                           1,
                           {OIDARRAYOID},
                           nullptr};

// ALTER TABLE ... DISABLE TRIGGER ALL switches them off with all others.
constinit Query with_disabled_triggers{R"(
SELECT 'constraint' AS kind, 'pg_constraint'::regclass::oid AS classid, t.tgconstraint AS objid, 0 AS objsubid,
       true AS disabled
  FROM pg_trigger t
 WHERE t.tgisinternal AND t.tgconstraint <> 0 AND t.tgenabled <> 'O'
 GROUP BY t.tgconstraint)",
                                       0,
                                       {},
                                       nullptr};

constinit Query one{"SELECT " PGM_CONSTRAINT_DEFINITION " FROM pg_constraint k WHERE k.oid = $1", 1, {OIDOID}, nullptr};

std::string_view action(char code)
{
    switch (code) {
    case FKCONSTR_ACTION_RESTRICT:
        return "RESTRICT";
    case FKCONSTR_ACTION_CASCADE:
        return "CASCADE";
    case FKCONSTR_ACTION_SETNULL:
        return "SET NULL";
    case FKCONSTR_ACTION_SETDEFAULT:
        return "SET DEFAULT";
    default:
        return "";
    }
}

// As pg_get_constraintdef_worker() writes them.
class ConstraintDefinitions
{
  public:
    ConstraintDefinitions(SchemaObjects &objects, Snapshot snapshot) : objects_(objects), snapshot_(snapshot) {}

    void set(model::Object &constraint, const Row &row)
    {
        const model::Object *table = objects_.find({RelationRelationId, row[1].oid(), 0});
        if (table->has("partition_key"))
            constraint.attributes.set("partitioned", "true");
        if (constraint.has("definition"))
            return;
        if (std::optional<std::string> composed = row[3].oid() != InvalidOid ? foreign_key(row) : key(row))
            constraint.attributes.set("definition", *std::move(composed));
        else
            left_.push_back(row[13].oid());
    }

    // The definitions of those that refer to what has not been read.
    void set_others()
    {
        for (const Oid constraint : left_)
            objects_.find({ConstraintRelationId, constraint, 0})->attributes.set("definition", from_server(constraint));
    }

  private:
    std::optional<std::string> key(const Row &row)
    {
        const Oid table = row[1].oid();
        const std::vector<std::int16_t> numbers = row[2].int2_array();
        const std::span<const std::int16_t> all = row[9].int2vector();
        const auto names = columns(table, numbers);
        const auto included = columns(table, all.subspan(std::min(all.size(), numbers.size())));
        if (!names || !included)
            return std::nullopt;
        return model::cat(row[17].character() == CONSTRAINT_PRIMARY ? "PRIMARY KEY " : "UNIQUE ",
                          row[10].boolean() ? "NULLS NOT DISTINCT " : "", "(", *names, ")",
                          included->empty() ? "" : model::cat(" INCLUDE (", *included, ")"));
    }

    std::optional<std::string> foreign_key(const Row &row)
    {
        const Oid table = row[1].oid();
        const Oid referenced = row[3].oid();
        const model::Object *other = objects_.find({RelationRelationId, referenced, 0});
        const auto names = columns(table, row[2].int2_array());
        const auto referenced_names = columns(referenced, row[4].int2_array());
        const auto set = columns(table, row[8].int2_array());
        if (other == nullptr || !names || !referenced_names || !set)
            return std::nullopt;
        std::string text =
            model::cat("FOREIGN KEY (", *names, ") REFERENCES ", other->identity, "(", *referenced_names, ")");
        if (row[5].character() == FKCONSTR_MATCH_FULL)
            text += " MATCH FULL";
        if (const std::string_view on_update = action(row[6].character()); !on_update.empty())
            text += model::cat(" ON UPDATE ", on_update);
        if (const std::string_view on_delete = action(row[7].character()); !on_delete.empty())
            text += model::cat(" ON DELETE ", on_delete);
        if (!set->empty())
            text += model::cat(" (", *set, ")");
        return text;
    }

    // nullopt for those of a table that has not been read.
    std::optional<std::string> columns(Oid table, std::span<const std::int16_t> numbers)
    {
        std::string list;
        for (const std::int16_t number : numbers) {
            const model::Object *column = objects_.find({RelationRelationId, table, number});
            if (column == nullptr)
                return std::nullopt;
            list += model::cat(list.empty() ? "" : ", ", column->name);
        }
        return list;
    }

    std::string from_server(Oid constraint) const
    {
        Values values;
        values.oid(constraint);
        const Rows rows = run(one, values, snapshot_);
        if (rows.size() != 1)
            throw core::Error(core::sqlstate::internal_error, "a constraint has gone while it was read");
        return rows.text(0, 1);
    }

    SchemaObjects &objects_;
    Snapshot snapshot_;
    std::vector<Oid> left_;
};

} // namespace

void read_constraints(SchemaObjects &objects, const std::vector<Oid> &schemas, Snapshot snapshot)
{
    Values values;
    values.oid_array(schemas);
    ConstraintDefinitions definitions(objects, snapshot);
    objects.add(of_tables, values, snapshot,
                [&](model::Object &constraint, const Row &row) { definitions.set(constraint, row); });
    definitions.set_others();
    objects.add(of_domains, values, snapshot);
    Values none;
    objects.add(with_disabled_triggers, none, snapshot);
}

} // namespace pgmigrate::pg
