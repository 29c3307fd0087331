// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_reader.hpp"

#include "pg/schema_columns.hpp"
#include "pg/schema_constraints.hpp"
#include "pg/schema_decorations.hpp"
#include "pg/schema_dependencies.hpp"
#include "pg/schema_indexes.hpp"
#include "pg/schema_objects.hpp"
#include "pg/schema_queries.hpp"
#include "pg/scopes.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_type.h"
#include "storage/bufmgr.h"
#include "utils/plancache.h"
#include "utils/rel.h"
}

namespace pgmigrate::pg
{

namespace
{

class SchemaReader
{
  public:
    explicit SchemaReader(const SchemaScope &scope) : scope_(scope) {}

    model::Snapshot read() &&
    {
        const Dependencies dependencies(now_.get());
        objects_.reserve(dependencies.size());
        find_column_privileges();
        for (const model::Address &member : dependencies.members_of_extensions())
            objects_.pass_over(member);
        read_objects(schema_queries());
        read_objects(database_queries());
        read_objects(relation_queries());
        read_objects(view_queries());
        read_objects(collation_queries());
        read_objects(type_queries());
        read_columns(objects_, now_.get());
        read_objects(column_queries());
        read_objects(routine_queries());
        read_objects(operator_queries());
        read_objects(text_search_queries());
        read_objects(subscription_queries());
        read_objects(sequence_queries());
        read_constraints(objects_, scope_.schemas, now_.get());
        read_indexes(objects_, scope_.schemas, now_.get());
        read_objects(statistics_queries());
        read_objects(trigger_queries());
        read_objects(policy_queries());
        read_objects(rule_queries());
        read_objects(privilege_queries());
        read_decorations([&](const model::Address &address) { return objects_.find(address); }, with_column_privileges_,
                         now_.get());
        dependencies.set_needs(objects_);
        read_session();
        if (scope_.database_wide)
            snapshot_.unknown = dependencies.unknown_objects();
        snapshot_.reserve(objects_.all().size());
        for (model::Object &object : objects_.all())
            snapshot_.add(std::move(object));
        snapshot_.finish();
        return std::move(snapshot_);
    }

  private:
    Values parameters() const
    {
        Values values;
        values.oid_array(scope_.schemas).oid_array(with_column_privileges_);
        return values;
    }

    // There is no index on what few columns have, and the executor takes several times as long for so large a table.
    void find_column_privileges()
    {
        call([&] {
            Relation attributes = table_open(AttributeRelationId, AccessShareLock);
            SysScanDesc scan = systable_beginscan(attributes, InvalidOid, false, now_.get(), 0, nullptr);
            while (HeapTuple tuple = systable_getnext(scan)) {
                if (heap_attisnull(tuple, Anum_pg_attribute_attacl, RelationGetDescr(attributes)))
                    continue;
                const Oid relation = reinterpret_cast<Form_pg_attribute>(GETSTRUCT(tuple))->attrelid;
                if (with_column_privileges_.empty() || with_column_privileges_.back() != relation)
                    with_column_privileges_.push_back(relation);
            }
            systable_endscan(scan);
            table_close(attributes, AccessShareLock);
        });
    }

    void read_objects(std::span<SchemaQuery> queries)
    {
        for (SchemaQuery &each : queries) {
            if (each.database_wide && !scope_.database_wide)
                continue;
            Values values = parameters();
            objects_.add(each.query, values, now_.get());
        }
    }

    void read_session()
    {
        static constinit Query query{R"(
SELECT quote_ident(current_user), quote_ident(pg_get_userbyid(datdba))
  FROM pg_database
 WHERE datname = current_database())",
                                     0,
                                     {},
                                     nullptr};
        Values none;
        const Rows rows = run(query, none, now_.get());
        snapshot_.session = {rows.text(0, 1), PG_VERSION_NUM, rows.text(0, 2)};
    }

    const SchemaScope &scope_;
    const LatestSnapshot now_;
    std::vector<Oid> with_column_privileges_; // relations, some of them more than once
    model::Snapshot snapshot_;
    SchemaObjects objects_{snapshot_};
};

// A plan is for tables of the size that they had: one made in an empty database joins by going through what is hardly
// there, for each row. Nothing tells the server that it is outdated before the catalogues are analyzed.
void plan_anew_when_grown()
{
    static BlockNumber planned_for = 0;
    const BlockNumber size = call([] {
        Relation attributes = table_open(AttributeRelationId, AccessShareLock);
        const BlockNumber blocks = RelationGetNumberOfBlocks(attributes);
        table_close(attributes, AccessShareLock);
        return blocks;
    });
    if (size <= 2 * planned_for)
        return;
    call([] { ResetPlanCache(); });
    planned_for = size;
}

} // namespace

SchemaScope whole_database()
{
    static constinit Query query{R"(
SELECT n.oid
  FROM pg_namespace n
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
 ORDER BY n.oid)",
                                 0,
                                 {},
                                 nullptr};
    const CatalogueScope catalogue;
    const SpiConnection spi;
    Values none;
    const Rows rows = run(query, none);
    SchemaScope scope;
    for (std::uint64_t row = 0; row < rows.size(); ++row)
        scope.schemas.push_back(rows.oid(row, 1));
    return scope;
}

SchemaScope schemas_named(const std::vector<std::string> &names)
{
    SchemaScope scope;
    scope.database_wide = false;
    for (const std::string &name : names) {
        const char *text = name.c_str();
        const Oid schema = call([&] { return get_namespace_oid(text, true); });
        if (!OidIsValid(schema))
            throw core::Error(core::sqlstate::invalid_schema_name, "schema \"" + name + "\" does not exist");
        scope.schemas.push_back(schema);
    }
    return scope;
}

model::Snapshot read_schema(const SchemaScope &scope)
{
    const CatalogueScope catalogue;
    const SpiConnection spi;
    plan_anew_when_grown();
    return SchemaReader(scope).read();
}

} // namespace pgmigrate::pg
