// SPDX-License-Identifier: PostgreSQL
#include "model/sides.hpp"

#include "model/grants.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

// What no ORM writes, or few.
constexpr Kinds beyond_tables{Kind::function,
                              Kind::procedure,
                              Kind::aggregate,
                              Kind::view,
                              Kind::rule,
                              Kind::trigger,
                              Kind::policy,
                              Kind::materialized_view,
                              Kind::domain,
                              Kind::range_type,
                              Kind::statistics,
                              Kind::composite_type,
                              Kind::operator_,
                              Kind::operator_class,
                              Kind::operator_family,
                              Kind::operator_family_member,
                              Kind::collation,
                              Kind::base_type,
                              Kind::conversion,
                              Kind::text_search_configuration,
                              Kind::text_search_dictionary,
                              Kind::text_search_parser,
                              Kind::text_search_template};

Kinds kinds_in(const Snapshot &snapshot)
{
    Kinds kinds;
    for (const Object &object : snapshot.objects())
        kinds |= Kinds(object.kind);
    return kinds;
}

// Puts an object that was read into another snapshot into this one, which may outlive the other: so it keeps the names
// of the attributes.
void take_over(Snapshot &result, Object object)
{
    Attributes own;
    for (const Attribute &each : object.attributes) {
        const std::string_view name = result.keep_name(each.name);
        own.set(name, each.text);
        if (!each.list.empty())
            own.set_list(name, each.list);
    }
    object.attributes = std::move(own);
    result.add(std::move(object));
}

// An object of one side as one of the other; needs follow when all are there.
Object moved(const Object &object)
{
    Object copy = object;
    copy.needs.clear();
    return copy;
}

// Whether it is a part of something that is taken over or there already.
bool belongs(const Object &object, const Snapshot &database, const Snapshot &model, Kinds taken)
{
    const Object *parent = database.parent_of(object);
    if (taken.contains(object.kind) && (object.parent.empty() || model.find_relation(object.parent) != nullptr))
        return true;
    return parent != nullptr && taken.contains(parent->kind);
}

void copy_attribute(Object &to, const Object &from, std::string_view name)
{
    if (!from.has(name)) {
        to.attributes.erase(name);
        return;
    }
    to.attributes.set(name, std::string(from.text(name)));
    to.attributes.set_list(name, {from.list(name).begin(), from.list(name).end()});
}

// Where the owner of the database's object stays, or that of the table of the model's column, he has what the model's
// owner has granted.
void keep_owner(Object &mine, const Object *theirs, const Snapshot &model, const Snapshot &database)
{
    const Object *parent = mine.kind == Kind::column ? model.parent_of(mine) : nullptr;
    const Object *holder = parent == nullptr ? theirs : database.find(parent->kind, parent->identity);
    if (holder == nullptr)
        return;
    hand_over(mine, parent == nullptr ? mine.text("owner") : parent->text("owner"), holder->text("owner"),
              model.session.server_version);
    if (theirs != nullptr)
        copy_attribute(mine, *theirs, "owner");
}

// `change` for each object of the model, with that of the database or nullptr.
template <class Change>
Snapshot changed(const Snapshot &model, const Snapshot &database, Change change)
{
    Snapshot result;
    result.share_names(model);
    result.session = model.session;
    result.unknown = model.unknown;
    for (const Object &object : model.objects()) {
        Object copy = object;
        change(copy, database.find(object.kind, object.identity));
        take_over(result, std::move(copy));
    }
    return result;
}

} // namespace

void complete_from_database(Snapshot &model, const Snapshot &database)
{
    const Kinds present = kinds_in(model);
    Kinds taken;
    std::vector<std::string> notes;
    for (int i = 0; i < kind_count; ++i) {
        const auto kind = static_cast<Kind>(i);
        if (!beyond_tables.contains(kind) || present.contains(kind))
            continue;
        const auto count = std::count_if(database.objects().begin(), database.objects().end(),
                                         [&](const Object &object) { return object.kind == kind; });
        if (count == 0)
            continue;
        taken |= Kinds(kind);
        notes.push_back(cat(info(kind).name, ": the model has none, and the ", std::to_string(count),
                            " of the database stay as they are"));
    }
    const bool with_grants = std::any_of(model.objects().begin(), model.objects().end(), [&](const Object &object) {
        return object.kind != Kind::schema && has_grants(object, model);
    });
    Snapshot result = changed(model, database, [&](Object &mine, const Object *theirs) {
        keep_owner(mine, theirs, model, database);
        if (theirs == nullptr)
            return;
        if (!with_grants || mine.kind == Kind::schema)
            copy_attribute(mine, *theirs, "acl");
        if (mine.kind == Kind::schema)
            copy_attribute(mine, *theirs, "comment");
    });
    result.share_names(database);
    std::vector<const Object *> added;
    for (const Object &object : database.objects())
        if (model.find(object.kind, object.identity) == nullptr && belongs(object, database, model, taken))
            added.push_back(&object);
    for (const Object *object : added)
        take_over(result, moved(*object));
    result.unknown.insert(result.unknown.end(), notes.begin(), notes.end());
    // Needs go by index: those of the model are kept by the order of adding, the others are found by name.
    result.finish();
    for (const Object *object : added) {
        std::vector<Need> needs;
        for (const Need &need : object->needs)
            if (const Object *found = result.find(database[need.object].kind, database[need.object].identity))
                needs.push_back({result.index_of(*found), need.type});
        result.set_needs(result.index_of(*result.find(object->kind, object->identity)), std::move(needs));
    }
    result.finish();
    model = std::move(result);
}

void keep_owners(Snapshot &model, const Snapshot &database)
{
    bool differ = false;
    Snapshot result = changed(model, database, [&](Object &mine, const Object *theirs) {
        differ |= theirs != nullptr && !mine.attributes.same(theirs->attributes, "owner");
        keep_owner(mine, theirs, model, database);
    });
    if (!differ)
        return;
    result.unknown.emplace_back("owners: the model names none, and those of the database stay");
    result.finish();
    model = std::move(result);
}

void keep_schema(Snapshot &model, const Snapshot &database, std::string_view name)
{
    const Object *schema = database.find(Kind::schema, name);
    if (schema == nullptr || model.find(Kind::schema, name) != nullptr)
        return;
    take_over(model, moved(*schema));
    model.finish();
}

} // namespace pgmigrate::model
