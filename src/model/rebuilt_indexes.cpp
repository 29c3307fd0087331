// SPDX-License-Identifier: PostgreSQL
#include "model/rebuilt_indexes.hpp"

#include "model/column.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool has_index(const Object &object)
{
    return object.kind == Kind::index || (object.kind == Kind::constraint && object.has("index"));
}

// "a_b" of "… (a, b DESC)"; empty where it is on an expression, or includes other columns.
std::string joined_columns(std::string_view definition)
{
    constexpr std::string_view behind_column = " ,)";
    constexpr std::string_view between = ",()";
    if (definition.find(" INCLUDE (") != std::string_view::npos)
        return {};
    std::string columns;
    std::size_t at = definition.find('(');
    while (at != std::string_view::npos && definition[at] != ')') {
        at += definition[at] == '(' ? 1 : 2;
        std::string_view name = definition.substr(std::min(at, definition.size()));
        name = name.substr(0, name.starts_with('"') ? length_of_name(name) : name.find_first_of(" ,()."));
        at += name.size();
        if (name.empty() || at >= definition.size() || behind_column.find(definition[at]) == std::string_view::npos)
            return {};
        columns += cat(columns.empty() ? "" : "_", unquoted(name));
        at = definition.find_first_of(between, at);
        if (at != std::string_view::npos && definition[at] == '(')
            return {};
    }
    return columns;
}

// Whether it has the name that the server chooses where nothing else has it (ChooseIndexName).
bool has_default_name(const Object &object, std::string_view table)
{
    constexpr std::size_t longest = 63;
    const std::string_view type = object.kind == Kind::constraint ? object.text("type") : std::string_view();
    std::string name = unquoted(table);
    if (type == "p") {
        name += "_pkey";
    } else {
        const std::string columns = joined_columns(object.text("definition"));
        if (columns.empty())
            return false;
        name += cat("_", columns, type == "u" ? "_key" : type == "x" ? "_excl" : "_idx");
    }
    return name.size() <= longest && unquoted(object.name) == name;
}

// Whether it is what the server would make of the one above.
bool says_nothing(const Object &object, const Object &above, const Snapshot &snapshot)
{
    const Object *table = snapshot.parent_of(object);
    return table != nullptr && has_default_name(object, table->name) &&
           object.attributes.same(above.attributes, "options") &&
           object.attributes.same(above.attributes, "tablespace") &&
           std::ranges::none_of(std::initializer_list<std::string_view>{"comment", "index_comment", "clustered",
                                                                        "replica_identity", "statistics", "depends_on",
                                                                        "security_labels"},
                                [&](std::string_view each) { return object.has(each); });
}

bool is_repeated_below(const Object &object, const Snapshot &snapshot)
{
    const std::string_view comment = object.kind == Kind::constraint ? "index_comment" : "comment";
    for (const Need &each : snapshot.dependents_of(snapshot.index_of(object))) {
        const Object &below = snapshot[each.object];
        if (index_above(below, snapshot) == &object &&
            (object.has(comment) || !says_nothing(below, object, snapshot) || !is_repeated_below(below, snapshot)))
            return false;
    }
    return true;
}

// The first of the columns it is on that gets another type: what is to be said once is said with that.
const Object *first_retyped(const Object &index, const Comparison &comparison)
{
    for (const Need &need : index.needs) {
        const Object &column = comparison.was[need.object];
        const Object *after = column.kind == Kind::column ? comparison.is_of(column) : nullptr;
        if (after != nullptr &&
            (type_is_aside(column, comparison) || !column.attributes.same(after->attributes, "type") ||
             !column.attributes.same(after->attributes, "collation")))
            return &column;
    }
    return nullptr;
}

} // namespace

void keep_indexes(const Object &was, const Comparison &comparison, Alteration &alteration)
{
    std::vector<const Object *> columns = columns_below(was, comparison, comparison.was);
    if (const Object *own = comparison.was.find(Kind::column, was.identity))
        columns.push_back(own);
    for (const Object *column : columns)
        for (const Need &dependent : comparison.was.dependents_of(comparison.was.index_of(*column))) {
            const Object &before = comparison.was[dependent.object];
            const Object *after = has_index(before) ? comparison.is_of(before) : nullptr;
            // One that is attached is rebuilt with that above, unless its table is not below any more.
            if (after == nullptr || (before.has("attached_to") && !leaves_with_table(before, comparison)))
                continue;
            if (!is_repeated_below(before, comparison.was) || !is_repeated_below(*after, comparison.is)) {
                alteration.rebuild_also.push_back({before.kind, before.identity});
                continue;
            }
            if (const Object *first = first_retyped(before, comparison); first != nullptr && first != column)
                continue;
            FollowUp follow;
            restore_index_properties(*after, follow.statements);
            if (follow.statements.empty())
                continue;
            follow.needs.push_back({after->kind, after->identity});
            for (const Need &need : after->needs)
                follow.needs.push_back({comparison.is[need.object].kind, comparison.is[need.object].identity});
            for (const Object *each : columns)
                follow.needs.push_back({each->kind, each->identity});
            alteration.later.push_back(std::move(follow));
        }
}

} // namespace pgmigrate::model
