// SPDX-License-Identifier: PostgreSQL
#include "model/sides.hpp"

#include "model/grants.hpp"
#include "model/operator.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <array>

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

// What few ORMs say of tables and of their parts.
constexpr std::string_view rarely_said[] = {
    "clustered",       "comment",    "compression", "depends_on",       "force_row_security",
    "index_comment",   "options",    "unlogged",    "replica_identity", "row_security",
    "security_labels", "statistics", "storage",     "tablespace"};

// What is of a type, or of an access method, and need not be possible for another.
bool is_bound(std::string_view name, const Object &mine, const Object &theirs)
{
    constexpr std::string_view bound[] = {"compression", "options", "statistics", "storage"};
    return std::ranges::find(bound, name) != std::end(bound) &&
           (!mine.attributes.same(theirs.attributes, "type") || !mine.attributes.same(theirs.attributes, "definition"));
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
    Snapshot result = Snapshot::like(model);
    for (const Object &object : model.objects()) {
        Object copy = object;
        change(copy, database.find(object.kind, object.identity));
        result.adopt(std::move(copy));
    }
    return result;
}

// Adds what the database has, if the model lacks it.
void keep_if_lacking(Snapshot &model, const Snapshot &database, Kind kind, std::string_view identity)
{
    const Object *theirs = database.find(kind, identity);
    if (theirs == nullptr || model.find(kind, identity) != nullptr)
        return;
    Object copy = *theirs;
    copy.needs.clear();
    model.adopt(std::move(copy));
    model.finish();
}

} // namespace

Completion::Completion(const Snapshot &model, const Snapshot &database, const Scope &scope)
    : model_(model), database_(database)
{
    Kinds present;
    for (const Object &object : model.objects())
        if (scope.contains(object)) {
            present |= Kinds(object.kind);
            with_grants_ |= object.kind != Kind::schema && has_grants(object, model);
        }
    keep_what_is_rarely_said(scope);
    std::array<std::size_t, kind_count> counts{};
    for (const Object &object : database.objects())
        if (beyond_tables.contains(object.kind) && !present.contains(object.kind) && scope.contains(object))
            ++counts[static_cast<std::size_t>(object.kind)];
    for (int i = 0; i < kind_count; ++i)
        if (counts[i] > 0) {
            const auto kind = static_cast<Kind>(i);
            taken_ |= Kinds(kind);
            notes_.push_back(cat(info(kind).name, ": the model has none, and the ", std::to_string(counts[i]),
                                 " of the database stay as they are"));
        }
}

void Completion::keep_what_is_rarely_said(const Scope &scope)
{
    for (const std::string_view name : rarely_said) {
        const auto is_said = [&](const Object &object) {
            return !beyond_tables.contains(object.kind) && object.kind != Kind::schema && object.has(name) &&
                   scope.contains(object);
        };
        if (std::ranges::any_of(model_.objects(), is_said))
            continue;
        const auto count = std::ranges::count_if(database_.objects(), [&](const Object &theirs) {
            return is_said(theirs) && model_.find(theirs.kind, theirs.identity) != nullptr;
        });
        if (count == 0)
            continue;
        unsaid_.push_back(name);
        std::string words(name);
        std::ranges::replace(words, '_', ' ');
        notes_.push_back(
            cat(words, ": the model has none, and the ", std::to_string(count), " of the database stay as they are"));
    }
}

void Completion::change(Object &mine) const
{
    const Object *theirs = database_.find(mine.kind, mine.identity);
    keep_owner(mine, theirs, model_, database_);
    if (theirs == nullptr)
        return;
    if (!with_grants_ || mine.kind == Kind::schema)
        copy_attribute(mine, *theirs, "acl");
    if (mine.kind == Kind::schema)
        copy_attribute(mine, *theirs, "comment");
    if (mine.kind == Kind::schema || beyond_tables.contains(mine.kind))
        return;
    for (const std::string_view name : unsaid_)
        if (!is_bound(name, mine, *theirs))
            copy_attribute(mine, *theirs, name);
}

// Whether it is a part of something that is taken over or there already.
bool Completion::takes(const Object &theirs) const
{
    if (model_.find(theirs.kind, theirs.identity) != nullptr)
        return false;
    if (taken_.contains(theirs.kind) && (theirs.parent.empty() || model_.find_relation(theirs.parent) != nullptr))
        return true;
    const Object *parent = database_.parent_of(theirs);
    return parent != nullptr && taken_.contains(parent->kind);
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

void keep_rights(Snapshot &model, const Snapshot &database)
{
    constexpr Kinds of_rights{Kind::default_privileges, Kind::privileges};
    bool differ = false;
    Snapshot result = changed(model, database, [&](Object &mine, const Object *theirs) {
        if (theirs == nullptr) {
            give_rights_when_made(mine, database);
            return;
        }
        differ |= !mine.attributes.same(theirs->attributes, "acl");
        copy_attribute(mine, *theirs, "acl");
    });
    for (const Object &theirs : database.objects()) {
        const bool stays = of_rights.contains(theirs.kind) && model.find(theirs.kind, theirs.identity) == nullptr &&
                           (theirs.schema.empty() || model.find(Kind::schema, theirs.schema) != nullptr);
        if (!stays)
            continue;
        Object copy = theirs;
        copy.needs.clear();
        result.adopt(std::move(copy));
        differ = true;
    }
    if (differ)
        result.unknown.emplace_back("rights: the model names none, and those of the database stay");
    result.finish();
    model = std::move(result);
}

void keep_versions(Snapshot &model, const Snapshot &database, const std::vector<std::string> &names)
{
    std::vector<std::string> notes;
    Snapshot result = changed(model, database, [&](Object &mine, const Object *theirs) {
        if (mine.kind != Kind::extension || theirs == nullptr || mine.attributes.same(theirs->attributes, "version") ||
            std::ranges::find(names, mine.identity) != names.end())
            return;
        copy_attribute(mine, *theirs, "version");
        copy_attribute(mine, *theirs, "updates_to");
        notes.push_back(
            cat("extension ", mine.identity, ": the model names no version, and ", mine.text("version"), " stays"));
    });
    if (notes.empty())
        return;
    result.unknown.insert(result.unknown.end(), notes.begin(), notes.end());
    result.finish();
    model = std::move(result);
}

void keep_privileges_on_sql(Snapshot &model, const Snapshot &database)
{
    keep_if_lacking(model, database, Kind::privileges, "ON LANGUAGE sql");
}

void name_schema(Snapshot &model, std::string_view as, std::string_view name)
{
    const std::string from = cat(as, ".");
    const std::string to = cat(name, ".");
    bool any = false;
    const auto replace = [&](std::string &text) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
            text.replace(at, from.size(), to);
            any = true;
        }
    };
    Snapshot result = changed(model, model, [&](Object &mine, const Object *) {
        Attributes renamed;
        for (Attribute each : mine.attributes) {
            replace(each.text);
            for (std::string &item : each.list)
                replace(item);
            renamed.append(std::move(each));
        }
        mine.attributes = std::move(renamed);
        replace(mine.identity);
    });
    if (!any)
        return;
    result.finish();
    model = std::move(result);
}

void keep_schema(Snapshot &model, const Snapshot &database, std::string_view name)
{
    keep_if_lacking(model, database, Kind::schema, name);
}

void keep_unnamed_shells(Snapshot &model, const Snapshot &database)
{
    for (const Object *shell : unnamed_shells(database)) {
        const bool stays = std::ranges::all_of(shell->needs, [&](const Need &need) {
            const Object &needed = database[need.object];
            return model.find(needed.kind, needed.identity) != nullptr;
        });
        if (stays)
            keep_if_lacking(model, database, shell->kind, shell->identity);
    }
}

} // namespace pgmigrate::model
