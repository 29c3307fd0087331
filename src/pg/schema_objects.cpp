// SPDX-License-Identifier: PostgreSQL
#include "pg/schema_objects.hpp"

#include "model/text.hpp"
#include "pg/names.hpp"

#include <algorithm>
#include <array>

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h" // format_type_extended
}

namespace pgmigrate::pg
{

namespace
{

// The columns of queries that make the object; all others are attributes.
enum class Column : std::uint8_t {
    kind,
    classid,
    objid,
    objsubid,
    schema_name,
    object_name,
    plain_name,
    identity,
    parent,
    relation,
    position,
    type_oid,
    type_modifier,
    type_collation,
    attribute
};

constexpr auto fixed_columns = static_cast<std::size_t>(Column::attribute);

constexpr std::array<std::string_view, fixed_columns> fixed_names = {
    "kind",     "classid", "objid",    "objsubid", "schema_name", "object_name",   "plain_name",
    "identity", "parent",  "relation", "position", "type_oid",    "type_modifier", "type_collation"};

constexpr std::array<Oid, fixed_columns> fixed_types = {TEXTOID, OIDOID,  OIDOID, INT4OID, TEXTOID, TEXTOID, NAMEOID,
                                                        TEXTOID, TEXTOID, OIDOID, INT4OID, OIDOID,  INT4OID, OIDOID};

// As text or list; neither for an empty list, which counts as absent.
void set_attribute(model::Attributes &attributes, std::string_view name, Datum datum, Oid type)
{
    switch (type) {
    case TEXTOID:
        attributes.set(name, text_of(datum));
        break;
    case NAMEOID:
        attributes.set(name, NameStr(*DatumGetName(datum)));
        break;
    case BOOLOID:
        attributes.set(name, "true");
        break;
    case CHAROID:
        attributes.set(name, std::string(1, DatumGetChar(datum)));
        break;
    case INT2OID:
        attributes.set(name, std::to_string(DatumGetInt16(datum)));
        break;
    case INT4OID:
        attributes.set(name, std::to_string(DatumGetInt32(datum)));
        break;
    case INT8OID:
        attributes.set(name, std::to_string(DatumGetInt64(datum)));
        break;
    case OIDOID:
        attributes.set(name, std::to_string(DatumGetObjectId(datum)));
        break;
    case TEXTARRAYOID:
        if (std::vector<std::string> list = text_array_of(datum); !list.empty())
            attributes.set_list(name, std::move(list));
        break;
    default:
        throw core::Error(core::sqlstate::internal_error,
                          "a query of the catalogue returns the type " + std::to_string(type));
    }
}

bool names_its_relation_first(model::Kind kind)
{
    return kind == model::Kind::column || kind == model::Kind::default_value;
}

} // namespace

struct SchemaObjects::Layout {
    struct Attribute {
        std::size_t column;
        std::string_view name;
        Oid type;
    };

    Layout(TupleDesc description, model::Snapshot &snapshot)
    {
        fixed.fill(-1);
        for (int i = 0; i < description->natts; ++i) {
            const FormData_pg_attribute *attribute = TupleDescAttr(description, i);
            const char *name = NameStr(attribute->attname);
            const auto *found = std::find(fixed_names.begin(), fixed_names.end(), std::string_view(name));
            if (found != fixed_names.end()) {
                const auto column = static_cast<std::size_t>(found - fixed_names.begin());
                if (attribute->atttypid != fixed_types[column])
                    throw core::Error(core::sqlstate::internal_error,
                                      model::cat("a query of the catalogue returns the type ",
                                                 std::to_string(attribute->atttypid), " as ", *found));
                fixed[column] = i;
            } else if (name[0] != '_')
                attributes.push_back({static_cast<std::size_t>(i), snapshot.keep_name(name), attribute->atttypid});
        }
        // So that each goes to the end of the attributes of an object, which are in this order.
        std::sort(attributes.begin(), attributes.end(),
                  [](const Attribute &a, const Attribute &b) { return a.name < b.name; });
    }

    std::array<int, fixed_columns> fixed;
    std::vector<Attribute> attributes;
};

struct SchemaObjects::Columns {
    bool has(Column column) const
    {
        const int at = layout.fixed[static_cast<std::size_t>(column)];
        return at >= 0 && !row.nulls()[at];
    }
    bool has(const Layout::Attribute &attribute) const
    {
        return !row.nulls()[attribute.column] &&
               (attribute.type != BOOLOID || DatumGetBool(row.values()[attribute.column]));
    }
    Datum operator[](Column column) const { return row.values()[layout.fixed[static_cast<std::size_t>(column)]]; }
    std::string text(Column column) const { return has(column) ? text_of((*this)[column]) : std::string(); }

    const Layout &layout;
    const Row &row;
};

void SchemaObjects::reserve(std::size_t objects)
{
    objects_.reserve(objects);
    known_.reserve(objects);
}

std::optional<std::uint32_t> SchemaObjects::index_of(const model::Address &address) const
{
    const std::uint32_t *found = known_.find(address);
    return found == nullptr ? std::nullopt : std::optional(*found);
}

model::Object *SchemaObjects::find(const model::Address &address)
{
    const std::uint32_t *found = known_.find(address);
    return found == nullptr ? nullptr : &objects_[*found];
}

SchemaObjects::ColumnType SchemaObjects::column_type(Oid relation, std::int32_t number) const
{
    const std::optional<std::uint32_t> column = index_of({RelationRelationId, relation, number});
    return column && *column < column_types_.size() ? column_types_[*column] : ColumnType();
}

void SchemaObjects::add(Query &query, Values &parameters, Snapshot snapshot, const Then &then)
{
    std::optional<Layout> layout;
    stream(query, parameters, snapshot, [&](const Row &row) {
        if (!layout)
            layout.emplace(row.description(), snapshot_);
        model::Object *object = add(*layout, row);
        if (object != nullptr && then)
            then(*object, row);
    });
}

// nullptr if it is passed over.
model::Object *SchemaObjects::add(const Layout &layout, const Row &row)
{
    const Columns columns = {layout, row};
    const model::Address address = {DatumGetObjectId(columns[Column::classid]),
                                    DatumGetObjectId(columns[Column::objid]), DatumGetInt32(columns[Column::objsubid])};
    if (passed_over_.contains({address.class_id, address.object_id, 0}))
        return nullptr;
    if (model::Object *known = find(address)) {
        set_attributes(*known, columns);
        return known;
    }
    if (!columns.has(Column::identity) && !columns.has(Column::relation))
        return nullptr;
    model::Object &object = objects_.emplace_back();
    object.address = address;
    if (!fill(object, columns)) {
        objects_.pop_back();
        return nullptr;
    }
    known_.emplace(address, static_cast<std::uint32_t>(objects_.size() - 1));
    return &object;
}

void SchemaObjects::set_attributes(model::Object &object, const Columns &columns)
{
    const std::vector<Layout::Attribute> &attributes = columns.layout.attributes;
    if (object.attributes.size() == 0) {
        constexpr std::ptrdiff_t set_later = 4; // type or definition, owner, privileges, comment
        const auto given = std::count_if(attributes.begin(), attributes.end(),
                                         [&](const Layout::Attribute &each) { return columns.has(each); });
        object.attributes.reserve(static_cast<std::size_t>(given + set_later));
    }
    for (const Layout::Attribute &each : attributes)
        if (columns.has(each))
            set_attribute(object.attributes, each.name, columns.row.values()[each.column], each.type);
}

// False if what it is a part of has not been read.
bool SchemaObjects::fill(model::Object &object, const Columns &row)
{
    // Mostly that of the row before, whose object is the last but this one.
    const model::Kind likely = objects_.size() > 1 ? objects_[objects_.size() - 2].kind : model::Kind::schema;
    object.kind = model::kind_named(row.text(Column::kind), likely).value();
    if (row.has(Column::position))
        object.position = DatumGetInt32(row[Column::position]);
    object.name = row.has(Column::plain_name) ? quoted_identifier(NameStr(*DatumGetName(row[Column::plain_name])))
                                              : row.text(Column::object_name);
    if (object.kind == model::Kind::default_value && row.has(Column::relation)) {
        const model::Object *column =
            find({RelationRelationId, DatumGetObjectId(row[Column::relation]), object.position});
        if (column == nullptr || column->has("generated"))
            return false;
        object.name = column->name;
    }
    object.schema = row.text(Column::schema_name);
    object.parent = row.text(Column::parent);
    object.identity = row.text(Column::identity);
    if (row.has(Column::relation) && !put_below(object, DatumGetObjectId(row[Column::relation])))
        return false;
    set_attributes(object, row);
    if (row.has(Column::type_oid)) {
        const ColumnType type = {DatumGetObjectId(row[Column::type_oid]),
                                 DatumGetObjectId(row[Column::type_collation])};
        object.attributes.set("type", type_name(type.type, DatumGetInt32(row[Column::type_modifier])));
        column_types_.resize(objects_.size());
        column_types_.back() = type;
    }
    return true;
}

bool SchemaObjects::put_below(model::Object &object, Oid relation)
{
    // The rows of a relation mostly come one after the other.
    if (relation != last_relation_.first) {
        const std::optional<std::uint32_t> index = index_of({RelationRelationId, relation, 0});
        if (!index)
            return false;
        last_relation_ = {relation, *index};
    }
    const model::Object *above = &objects_[last_relation_.second];
    object.schema = above->schema;
    object.parent = above->identity;
    if (object.kind == model::Kind::index) {
        object.identity = model::cat(above->schema, ".", object.name);
        object.attributes.set("table", above->identity);
    } else {
        object.identity = names_its_relation_first(object.kind) ? model::cat(above->identity, ".", object.name)
                                                                : model::cat(object.name, " ON ", above->identity);
    }
    return true;
}

const std::string &SchemaObjects::type_name(Oid type, std::int32_t modifier)
{
    const auto [found, added] = type_names_.try_emplace({type, modifier});
    if (added)
        found->second = call([&] {
            return format_type_extended(type, modifier, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_ALLOW_INVALID);
        });
    return found->second;
}

} // namespace pgmigrate::pg
