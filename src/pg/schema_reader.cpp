// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_reader.hpp"

#include "pg/schema_decorations.hpp"
#include "pg/schema_queries.hpp"
#include "pg/scopes.hpp"

#include <memory>
#include <unordered_map>

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
}

namespace pgmigrate::pg
{

namespace
{

// What a column of a query is for.
enum class Column { kind, classid, objid, objsubid, schema_name, object_name, identity, parent, position, attribute };

constexpr std::pair<std::string_view, Column> fixed_columns[] = {
    {"kind", Column::kind},         {"classid", Column::classid},         {"objid", Column::objid},
    {"objsubid", Column::objsubid}, {"schema_name", Column::schema_name}, {"object_name", Column::object_name},
    {"identity", Column::identity}, {"parent", Column::parent},           {"position", Column::position},
};

Column column_named(std::string_view name)
{
    for (const auto &[fixed, column] : fixed_columns)
        if (fixed == name)
            return column;
    return Column::attribute;
}

// A value of a query as text; `list` for arrays.
struct Value {
    std::string text;
    std::vector<std::string> list;
    bool is_list = false;
    bool absent = false;
};

Value value_of(Datum datum, Oid type)
{
    Value value;
    switch (type) {
    case TEXTOID:
        value.text = text_of(datum);
        break;
    case NAMEOID:
        value.text = NameStr(*DatumGetName(datum));
        break;
    case BOOLOID:
        value.absent = !DatumGetBool(datum);
        value.text = "true";
        break;
    case CHAROID:
        value.text = std::string(1, DatumGetChar(datum));
        break;
    case INT2OID:
        value.text = std::to_string(DatumGetInt16(datum));
        break;
    case INT4OID:
        value.text = std::to_string(DatumGetInt32(datum));
        break;
    case INT8OID:
        value.text = std::to_string(DatumGetInt64(datum));
        break;
    case OIDOID:
        value.text = std::to_string(DatumGetObjectId(datum));
        break;
    case TEXTARRAYOID:
        value.list = text_array_of(datum);
        value.is_list = true;
        value.absent = value.list.empty();
        break;
    default:
        throw core::Error(core::sqlstate::internal_error,
                          "a query of the catalogue returns the type " + std::to_string(type));
    }
    return value;
}

// Three columns: classid, objid, objsubid.
model::Address address_in(const Rows &rows, std::uint64_t row, int column)
{
    return {rows.oid(row, column), rows.oid(row, column + 1), rows.integer(row, column + 2)};
}

struct AddressHash {
    std::size_t operator()(const model::Address &address) const
    {
        return (static_cast<std::size_t>(address.object_id) * 0x9E3779B97F4A7C15U) ^
               (static_cast<std::size_t>(address.class_id) << 17U) ^ static_cast<std::uint32_t>(address.sub_id);
    }
};

class SchemaReader
{
  public:
    explicit SchemaReader(const SchemaScope &scope) : scope_(scope) {}

    model::Snapshot read() &&
    {
        read_objects(schema_queries());
        read_objects(database_queries());
        read_objects(relation_queries());
        read_objects(type_queries());
        read_objects(routine_queries());
        read_objects(view_queries());
        read_objects(sequence_queries());
        read_objects(constraint_queries());
        read_objects(index_queries());
        read_objects(statistics_queries());
        read_objects(trigger_queries());
        read_objects(policy_queries());
        read_objects(rule_queries());
        for (std::uint32_t i = 0; i < objects_.size(); ++i)
            known_.emplace(objects_[i].address, i);
        read_decorations(
            [&](const model::Address &address) {
                const auto found = known_.find(address);
                return found == known_.end() ? nullptr : &objects_[found->second];
            },
            now_.get());
        read_aliases();
        read_needs();
        read_session();
        read_unknown();
        for (model::Object &object : objects_)
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
            read_rows(run(each.query, values, now_.get()));
        }
    }

    void read_rows(const Rows &rows)
    {
        const TupleDesc description = rows.description();
        const auto width = static_cast<std::size_t>(description->natts);
        std::vector<Column> columns;
        std::vector<std::string_view> names;
        for (int i = 0; i < description->natts; ++i) {
            const char *name = NameStr(TupleDescAttr(description, i)->attname);
            columns.push_back(column_named(name));
            names.push_back(columns.back() == Column::attribute ? snapshot_.keep_name(name) : std::string_view());
        }
        std::vector<Datum> datums(width);
        const std::unique_ptr<bool[]> nulls(new bool[width]);
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            heap_deform_tuple(rows.tuple(row), description, datums.data(), nulls.get());
            model::Object &object = objects_.emplace_back();
            for (std::size_t i = 0; i < width; ++i)
                if (!nulls[i])
                    set(object, columns[i], names[i],
                        value_of(datums[i], TupleDescAttr(description, static_cast<int>(i))->atttypid), datums[i]);
        }
    }

    static void set(model::Object &object, Column column, std::string_view name, Value value, Datum datum)
    {
        switch (column) {
        case Column::kind:
            object.kind = model::kind_named(value.text).value();
            break;
        case Column::classid:
            object.address.class_id = DatumGetObjectId(datum);
            break;
        case Column::objid:
            object.address.object_id = DatumGetObjectId(datum);
            break;
        case Column::objsubid:
            object.address.sub_id = DatumGetInt32(datum);
            break;
        case Column::schema_name:
            object.schema = std::move(value.text);
            break;
        case Column::object_name:
            object.name = std::move(value.text);
            break;
        case Column::identity:
            object.identity = std::move(value.text);
            break;
        case Column::parent:
            object.parent = std::move(value.text);
            break;
        case Column::position:
            object.position = DatumGetInt32(datum);
            break;
        case Column::attribute:
            if (value.absent)
                break;
            if (value.is_list)
                object.attributes.set_list(name, std::move(value.list));
            else
                object.attributes.set(name, std::move(value.text));
        }
    }

    // What pg_depend names but is a part of an object here: the type of a table, the constructors of a range, the rule
    // of a view, the index of a constraint, what belongs to an extension.
    void read_aliases()
    {
        static constinit Query query{R"(
SELECT d.classid, d.objid, d.objsubid, d.refclassid, d.refobjid, 0
  FROM pg_depend d
 WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
UNION ALL
SELECT 'pg_type'::regclass, t.oid, 0, 'pg_class'::regclass, t.typrelid, 0
  FROM pg_type t
 WHERE t.typrelid <> 0
UNION ALL
SELECT 'pg_type'::regclass, t.oid, 0, 'pg_type'::regclass, t.typelem, 0
  FROM pg_type t
 WHERE t.typcategory = 'A' AND t.typelem <> 0 AND EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
UNION ALL
SELECT 'pg_type'::regclass, r.rngmultitypid, 0, 'pg_type'::regclass, r.rngtypid, 0
  FROM pg_range r
UNION ALL
SELECT d.classid, d.objid, 0, d.refclassid, d.refobjid, 0
  FROM pg_depend d
 WHERE d.classid IN ('pg_proc'::regclass, 'pg_cast'::regclass) AND d.refclassid = 'pg_type'::regclass
   AND d.deptype = 'i'
UNION ALL
SELECT 'pg_rewrite'::regclass, r.oid, 0, 'pg_class'::regclass, r.ev_class, 0
  FROM pg_rewrite r
 WHERE r.rulename = '_RETURN'
UNION ALL
SELECT 'pg_publication_rel'::regclass, r.oid, 0, 'pg_publication'::regclass, r.prpubid, 0
  FROM pg_publication_rel r
UNION ALL
SELECT 'pg_publication_namespace'::regclass, s.oid, 0, 'pg_publication'::regclass, s.pnpubid, 0
  FROM pg_publication_namespace s
UNION ALL
SELECT 'pg_attrdef'::regclass, d.oid, 0, 'pg_class'::regclass, d.adrelid, d.adnum::int4
  FROM pg_attrdef d
UNION ALL
SELECT 'pg_class'::regclass, c.conindid, 0, 'pg_constraint'::regclass, c.oid, 0
  FROM pg_constraint c
 WHERE c.conindid <> 0 AND c.contype IN ('p', 'u', 'x'))",
                                     0,
                                     {},
                                     nullptr};
        Values none;
        const Rows rows = run(query, none, now_.get());
        for (std::uint64_t row = 0; row < rows.size(); ++row)
            aliases_.emplace(address_in(rows, row, 1), address_in(rows, row, 4));
    }

    std::optional<std::uint32_t> object_at(model::Address address) const
    {
        // An array of the row type of a table takes two steps.
        for (int steps = 0; steps < 4; ++steps) {
            if (const auto found = known_.find(address); found != known_.end())
                return found->second;
            if (const auto alias = aliases_.find(address); alias != aliases_.end())
                address = alias->second;
            else if (address.sub_id != 0)
                address.sub_id = 0;
            else
                break;
        }
        return std::nullopt;
    }

    void read_needs()
    {
        static constinit Query query{R"(
SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid,
       -- A publication stays when something it publishes is dropped.
       CASE WHEN classid IN ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass) THEN 'n'
            ELSE deptype END
  FROM pg_depend
 WHERE deptype <> 'e' AND objid >= 16384)",
                                     0,
                                     {},
                                     nullptr};
        Values none;
        const Rows rows = run(query, none, now_.get());
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            const std::optional<std::uint32_t> object = object_at(address_in(rows, row, 1));
            const std::optional<std::uint32_t> need = object_at(address_in(rows, row, 4));
            if (object && need && *object != *need)
                objects_[*object].needs.push_back({*need, rows.character(row, 7)});
        }
        for (model::Object &object : objects_) {
            if (object.kind != model::Kind::column)
                continue;
            const auto relation = known_.find({object.address.class_id, object.address.object_id, 0});
            if (relation != known_.end())
                object.needs.push_back({relation->second, 'i'});
        }
        read_inheritance();
    }

    // pg_depend has tables that inherit, and not their columns.
    void read_inheritance()
    {
        static constinit Query query{R"(
SELECT 'pg_class'::regclass, c.attrelid, c.attnum::int4, 'pg_class'::regclass, p.attrelid, p.attnum::int4
  FROM pg_inherits i
  JOIN pg_attribute c ON c.attrelid = i.inhrelid
  JOIN pg_attribute p ON p.attrelid = i.inhparent AND p.attname = c.attname
  JOIN pg_class t ON t.oid = i.inhparent AND t.relkind IN ('r', 'p', 'f')
 WHERE c.attinhcount > 0 AND c.attnum > 0 AND p.attnum > 0)",
                                     0,
                                     {},
                                     nullptr};
        Values none;
        const Rows rows = run(query, none, now_.get());
        for (std::uint64_t row = 0; row < rows.size(); ++row) {
            const auto object = known_.find(address_in(rows, row, 1));
            const auto above = known_.find(address_in(rows, row, 4));
            if (object != known_.end() && above != known_.end())
                objects_[object->second].needs.push_back({above->second, model::inherited_need});
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
    std::vector<model::Object> objects_;
    std::unordered_map<model::Address, std::uint32_t, AddressHash> known_;
    std::unordered_map<model::Address, model::Address, AddressHash> aliases_;
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
