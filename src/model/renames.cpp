// SPDX-License-Identifier: PostgreSQL
#include "model/renames.hpp"

#include "model/helper_names.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds relations{Kind::table,    Kind::foreign_table, Kind::view,
                          Kind::sequence, Kind::index,         Kind::materialized_view};
constexpr Kinds types{Kind::enum_type, Kind::base_type, Kind::composite_type, Kind::range_type, Kind::domain};
constexpr Kinds others_in_schemas{Kind::collation,
                                  Kind::conversion,
                                  Kind::operator_family,
                                  Kind::operator_class,
                                  Kind::text_search_parser,
                                  Kind::text_search_template,
                                  Kind::text_search_dictionary,
                                  Kind::text_search_configuration};
constexpr Kinds of_database{Kind::language,      Kind::foreign_data_wrapper, Kind::server,
                            Kind::event_trigger, Kind::publication,          Kind::subscription};

// What shares names with each other inside of a schema. Relations have types of their name.
std::string_view namespace_of(Kind kind)
{
    return relations.contains(kind) || types.contains(kind) ? "relation" : info(kind).name;
}

using Key = std::tuple<std::uint32_t, std::uint32_t, std::int32_t>;
Key key_of(const Object &object)
{
    return {object.address.class_id, object.address.object_id, object.address.sub_id};
}

constexpr std::string_view aside_suffix = "_pgm";

class Renamer
{
  public:
    Renamer(const Snapshot &now, const Snapshot &then) : now_(now), then_(then), free_names_(now, then)
    {
        for (const Object &object : then.objects())
            before_.emplace(key_of(object), &object);
    }

    std::vector<std::string> run() &&
    {
        // From the outside to the inside: each is named by what is around it, which has its old name again.
        rename_all(Kinds{Kind::schema});
        rename_all(of_database);
        Kinds inner = relations;
        inner |= types;
        move_all(inner);
        rename_all(inner);
        rename_all(Kinds{Kind::column});
        rename_labels();
        move_all(routines);
        rename_all(routines);
        move_all(Kinds{Kind::operator_}); // which have no RENAME
        move_all(others_in_schemas);
        rename_all(others_in_schemas);
        return std::move(statements_);
    }

  private:
    const Object *before(const Object &object) const
    {
        const auto found = before_.find(key_of(object));
        return found == before_.end() || found->second->kind != object.kind ? nullptr : found->second;
    }

    // The schema that the object is in by now.
    std::string schema_of(const Object &object) const
    {
        if (const auto moved = schemas_.find(&object); moved != schemas_.end())
            return moved->second;
        const Object *schema = now_.find(Kind::schema, object.schema);
        if (schema == nullptr)
            return object.schema;
        const auto renamed = names_.find(schema);
        return renamed != names_.end() ? renamed->second : object.schema;
    }
    std::string name_of(const Object &object) const
    {
        const auto renamed = names_.find(&object);
        return renamed != names_.end() ? renamed->second : object.name;
    }
    // What is in front of its own name: the schema, or the relation of a column.
    std::string around(const Object &object) const
    {
        if (object.kind == Kind::schema)
            return {};
        const Object *parent = object.kind == Kind::column ? now_.parent_of(object) : nullptr;
        return parent != nullptr ? path_of(*parent) : schema_of(object);
    }
    std::string path_of(const Object &object) const
    {
        const std::string outer = around(object);
        return outer.empty() ? name_of(object) : cat(outer, ".", name_of(object));
    }
    // What stands behind the name: the arguments of a routine or an operator, with the names that their types have by
    // now, the method of an operator class.
    std::string behind(const Object &object) const
    {
        std::size_t at = std::string::npos;
        const bool has_arguments = routines.contains(object.kind) || object.kind == Kind::operator_;
        if (has_arguments)
            at = object.schema.size() + 1 + object.name.size();
        if (object.kind == Kind::operator_family || object.kind == Kind::operator_class)
            at = object.identity.rfind(" USING ");
        if (at >= object.identity.size())
            return {};
        std::string text = object.identity.substr(at);
        if (has_arguments)
            for (const Need &need : object.needs)
                if (const Object &type = now_[need.object]; relations.contains(type.kind) || types.contains(type.kind))
                    replace_type(text, type.identity, path_of(type));
        return text;
    }
    // In a list of arguments.
    static void replace_type(std::string &arguments, std::string_view from, const std::string &to)
    {
        const auto is_one_of = [&](std::size_t index, std::string_view characters) {
            return index < arguments.size() && characters.find(arguments[index]) != std::string_view::npos;
        };
        for (std::size_t at = 0; from != to && (at = arguments.find(from, at)) != std::string::npos;) {
            const bool whole = at > 0 && is_one_of(at - 1, "( ") && is_one_of(at + from.size(), ",)[");
            if (whole)
                arguments.replace(at, from.size(), to);
            at += whole ? to.size() : 1;
        }
    }
    std::string named(const Object &object) const { return cat(path_of(object), behind(object)); }

    void move_all(Kinds kinds)
    {
        for (const Object &object : now_.objects()) {
            const Object *was = kinds.contains(object.kind) ? before(object) : nullptr;
            if (was == nullptr || schema_of(object) == was->schema || object.kind == Kind::index ||
                now_.parent_of(object) != nullptr || owner_of(object) != nullptr)
                continue;
            // Where another one has the name, which is to leave or be renamed later, this one arrives with a name that
            // rename_all() changes.
            if (is_taken(object, was->schema))
                rename(object, free_name(object, {schema_of(object), was->schema}));
            make_schema(was->schema);
            statements_.push_back(
                cat("ALTER ", info(object.kind).keyword, " ", named(object), " SET SCHEMA ", was->schema));
            schemas_[&object] = was->schema;
        }
        for (const Object &object : now_.objects())
            if (const Object *owner = kinds.contains(object.kind) ? owner_of(object) : nullptr)
                if (const auto moved = schemas_.find(owner); moved != schemas_.end())
                    schemas_[&object] = moved->second;
    }

    // One that has been dropped meanwhile, without what it is besides.
    void make_schema(const std::string &name)
    {
        if (then_.find(Kind::schema, name) == nullptr || made_.contains(name) ||
            std::ranges::any_of(now_.objects(),
                                [&](const Object &each) { return each.kind == Kind::schema && name_of(each) == name; }))
            return;
        statements_.push_back(cat("CREATE SCHEMA ", name));
        made_.insert(name);
    }

    // The table that an index, or a sequence, goes with: "cannot move an owned sequence into another schema".
    const Object *owner_of(const Object &object) const
    {
        if (object.kind == Kind::index)
            return now_.parent_of(object);
        if (object.kind != Kind::sequence || !object.has("owned_by"))
            return nullptr;
        const Object *column = now_.find(Kind::column, object.text("owned_by"));
        return column == nullptr ? nullptr : now_.parent_of(*column);
    }

    std::string free_name(const Object &object, std::initializer_list<std::string_view> places)
    {
        return free_names_.within(places, object.identity, name_of(object), aside_suffix);
    }

    static std::string free_label(const std::string &label, std::span<const std::string> labels,
                                  std::span<const std::string> old_labels)
    {
        std::string quoted = "\"";
        for (const char each : label)
            quoted.append(each == '"' ? 2 : 1, each);
        quoted += '"';
        for (int number = 0;; ++number) {
            std::string free = unquoted(with_suffix(
                quoted, number == 0 ? std::string(aside_suffix) : cat(aside_suffix, "_", std::to_string(number))));
            if (std::ranges::find(labels, free) == labels.end() &&
                std::ranges::find(old_labels, free) == old_labels.end())
                return free;
        }
    }

    // Whether something in that schema has the name of the object.
    bool is_taken(const Object &object, std::string_view schema) const
    {
        const std::string wanted = slot_in(object, schema, name_of(object));
        return std::any_of(now_.objects().begin(), now_.objects().end(), [&](const Object &other) {
            return &other != &object && namespace_of(other.kind) == namespace_of(object.kind) &&
                   slot(other, name_of(other)) == wanted;
        });
    }

    void rename_all(Kinds kinds)
    {
        std::map<std::string, const Object *> taken;
        for (const Object &object : now_.objects())
            if (kinds.contains(object.kind))
                taken.emplace(slot(object, name_of(object)), &object);
        for (const Object &object : now_.objects()) {
            const Object *was = kinds.contains(object.kind) ? before(object) : nullptr;
            if (was == nullptr || name_of(object) == was->name || is_inherited(object))
                continue;
            const auto occupied = taken.find(slot(object, was->name));
            if (occupied != taken.end()) {
                const Object &other = *occupied->second;
                const std::string aside = free_name(other, {around(other)});
                taken.erase(occupied);
                taken.emplace(slot(other, aside), &other);
                rename(other, aside);
            }
            taken.erase(slot(object, name_of(object)));
            rename(object, was->name);
            taken.emplace(slot(object, was->name), &object);
        }
    }

    std::string slot(const Object &object, std::string_view name) const
    {
        return slot_in(object, around(object), name);
    }
    std::string slot_in(const Object &object, std::string_view around, std::string_view name) const
    {
        return cat(namespace_of(object.kind), " ", around, ".", name, behind(object));
    }

    void rename(const Object &object, const std::string &name)
    {
        if (object.kind == Kind::column) {
            const Object *parent = now_.parent_of(object);
            if (parent == nullptr)
                return;
            const bool attribute = parent->kind == Kind::composite_type;
            statements_.push_back(cat("ALTER ", info(parent->kind).keyword, " ", path_of(*parent),
                                      attribute ? " RENAME ATTRIBUTE " : " RENAME COLUMN ", name_of(object), " TO ",
                                      name));
        } else {
            statements_.push_back(cat("ALTER ", info(object.kind).keyword, " ", named(object), " RENAME TO ", name));
        }
        name_with_heirs(object, name);
    }

    // ALTER TABLE renames the columns of all tables below.
    static bool is_inherited(const Object &object)
    {
        return std::any_of(object.needs.begin(), object.needs.end(),
                           [](const Need &need) { return need.type == inherited_need; });
    }
    void name_with_heirs(const Object &object, const std::string &name)
    {
        names_[&object] = name;
        for (const Need &heir : now_.dependents_of(now_.index_of(object)))
            if (heir.type == inherited_need && name_of(now_[heir.object]) != name)
                name_with_heirs(now_[heir.object], name);
    }

    // The values of enums, which are known by the addresses of their own.
    void rename_labels()
    {
        for (const Object &object : now_.objects()) {
            const Object *was = object.kind == Kind::enum_type ? before(object) : nullptr;
            if (was == nullptr)
                continue;
            std::map<std::string, std::string> old; // by address
            for (std::size_t i = 0; i < std::min(was->list("labels").size(), was->list("label_ids").size()); ++i)
                old.emplace(was->list("label_ids")[i], was->list("labels")[i]);
            std::vector<std::string> labels(object.list("labels").begin(), object.list("labels").end());
            const auto rename_label = [&](std::string &label, const std::string &to) {
                statements_.push_back(
                    cat("ALTER TYPE ", path_of(object), " RENAME VALUE ", literal(label), " TO ", literal(to)));
                label = to;
            };
            for (std::size_t i = 0; i < std::min(labels.size(), object.list("label_ids").size()); ++i) {
                const auto found = old.find(object.list("label_ids")[i]);
                if (found == old.end() || found->second == labels[i])
                    continue;
                if (const auto other = std::find(labels.begin(), labels.end(), found->second); other != labels.end())
                    rename_label(*other, free_label(*other, labels, was->list("labels")));
                rename_label(labels[i], found->second);
            }
        }
    }

    const Snapshot &now_;
    const Snapshot &then_;
    HelperNames free_names_;
    std::map<Key, const Object *> before_;
    std::set<std::string> made_;                    // schemas
    std::map<const Object *, std::string> names_;   // that have been given
    std::map<const Object *, std::string> schemas_; // that have been moved
    std::vector<std::string> statements_;
};

} // namespace

std::vector<std::string> rename_back(const Snapshot &now, const Snapshot &then)
{
    return Renamer(now, then).run();
}

} // namespace pgmigrate::model
