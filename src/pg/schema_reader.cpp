// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_reader.hpp"

#include "pg/schema_decorations.hpp"
#include "pg/schema_dependencies.hpp"
#include "pg/schema_index_definitions.hpp"
#include "pg/schema_objects.hpp"
#include "pg/schema_queries.hpp"
#include "pg/scopes.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
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
        for (const model::Address &member : dependencies.members_of_extensions())
            objects_.pass_over(member);
        read_objects(schema_queries());
        read_objects(database_queries());
        read_objects(relation_queries());
        read_objects(view_queries());
        read_objects(type_queries());
        read_objects(column_queries());
        read_objects(routine_queries());
        read_objects(sequence_queries());
        read_objects(constraint_queries());
        read_objects(index_queries());
        read_objects(statistics_queries());
        read_objects(trigger_queries());
        read_objects(policy_queries());
        read_objects(rule_queries());
        read_objects(privilege_queries());
        read_index_definitions(objects_, now_.get());
        read_decorations([&](const model::Address &address) { return objects_.find(address); }, now_.get());
        dependencies.set_needs(objects_);
        read_session();
        read_unknown();
        for (model::Object &object : objects_.all())
            snapshot_.add(std::move(object));
        snapshot_.finish();
        return std::move(snapshot_);
    }

  private:
    Values parameters() const
    {
        Values values;
        values.oid_array(scope_.schemas);
        return values;
    }

    void read_objects(std::span<SchemaQuery> queries)
    {
        for (SchemaQuery &each : queries) {
            if (each.database_wide && !scope_.database_wide)
                continue;
            Values values = parameters();
            objects_.add(run(each.query, values, now_.get()));
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

    // Those of kinds that nothing here reads.
    void read_unknown()
    {
        static constinit Query in_schemas{R"(
SELECT i.type || ' ' || i.identity
  FROM (SELECT 'pg_collation'::regclass AS classid, oid FROM pg_collation WHERE collnamespace = ANY ($1)
        UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator WHERE oprnamespace = ANY ($1)
        UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass WHERE opcnamespace = ANY ($1)
        UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily WHERE opfnamespace = ANY ($1)
        UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config WHERE cfgnamespace = ANY ($1)
        UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict WHERE dictnamespace = ANY ($1)
        UNION ALL SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser WHERE prsnamespace = ANY ($1)
        UNION ALL SELECT 'pg_ts_template'::regclass, oid FROM pg_ts_template WHERE tmplnamespace = ANY ($1)) u,
       pg_identify_object(u.classid, u.oid, 0) i
 WHERE NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = u.classid AND e.objid = u.oid AND e.deptype = 'e')
 ORDER BY 1)",
                                          1,
                                          {OIDARRAYOID},
                                          nullptr};
        static constinit Query in_database{R"(
SELECT 'subscription ' || quote_ident(s.subname)
  FROM pg_subscription s
  JOIN pg_database d ON d.oid = s.subdbid
 WHERE d.datname = current_database()
 ORDER BY 1)",
                                           0,
                                           {},
                                           nullptr};
        Values schemas = parameters();
        take_unknown(run(in_schemas, schemas, now_.get()));
        Values none;
        if (scope_.database_wide)
            take_unknown(run(in_database, none, now_.get()));
    }

    void take_unknown(const Rows &rows)
    {
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            snapshot_.unknown.push_back(rows.text(row, 1));
    }

    const SchemaScope &scope_;
    const LatestSnapshot now_;
    model::Snapshot snapshot_;
    SchemaObjects objects_{snapshot_};
};

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

SchemaScope existing_schemas(const std::vector<std::string> &names)
{
    SchemaScope scope;
    scope.database_wide = false;
    for (const std::string &name : names) {
        const char *text = name.c_str();
        const Oid schema = call([&] { return get_namespace_oid(text, true); });
        if (OidIsValid(schema))
            scope.schemas.push_back(schema);
    }
    return scope;
}

SchemaScope schemas_named(const std::vector<std::string> &names)
{
    for (const std::string &name : names)
        if (existing_schemas({name}).schemas.empty())
            throw core::Error(core::sqlstate::invalid_schema_name, "schema \"" + name + "\" does not exist");
    return existing_schemas(names);
}

model::Snapshot read_schema(const SchemaScope &scope)
{
    const CatalogueScope catalogue;
    const SpiConnection spi;
    return SchemaReader(scope).read();
}

} // namespace pgmigrate::pg
