// SPDX-License-Identifier: PostgreSQL
#include "model/type_aside.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <vector>

namespace pgmigrate::model
{

std::string name_aside(const Object &type, const Comparison &comparison)
{
    return cat(type.schema, ".", comparison.helpers->next_to(type, "_replaced"));
}

void rename_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    statements.add(cat("ALTER ", info(was.kind).keyword, " ", was.identity, " RENAME TO ",
                       comparison.helpers->next_to(was, "_replaced")));
}

std::vector<const Object *> functions_of(const Object &type, const Snapshot &snapshot)
{
    std::vector<const Object *> functions;
    for (const Need &need : type.needs) {
        const Object &function = snapshot[need.object];
        if (function.kind == Kind::function &&
            std::any_of(function.needs.begin(), function.needs.end(),
                        [&](const Need &back) { return &snapshot[back.object] == &type; }))
            functions.push_back(&function);
    }
    return functions;
}

// While the type has its name, by which they are called.
void rename_functions_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    for (const Object *function : functions_of(was, comparison.was))
        statements.add(cat("ALTER FUNCTION ", function->identity, " RENAME TO ",
                           comparison.helpers->next_to(*function, "_replaced")));
}

void drop_renamed(const Object &was, const Comparison &comparison, Statements &statements)
{
    statements.add(cat("DROP ", info(was.kind).keyword, " ", name_aside(was, comparison)));
}

std::vector<const Object *> stored_in(const Object &type, const Snapshot &snapshot)
{
    std::vector<const Object *> columns;
    std::vector<bool> seen(snapshot.size(), false);
    std::vector<std::uint32_t> todo{snapshot.index_of(type)};
    const auto go_on_with = [&](std::uint32_t index) {
        if (!seen[index]) {
            seen[index] = true;
            todo.push_back(index);
        }
    };
    while (!todo.empty()) {
        const std::uint32_t at = todo.back();
        todo.pop_back();
        for (const Need &dependent : snapshot.dependents_of(at)) {
            const Object &object = snapshot[dependent.object];
            if (object.kind == Kind::domain || object.kind == Kind::range_type)
                go_on_with(dependent.object);
            if (object.kind != Kind::column || object.parent == snapshot[at].identity)
                continue;
            const Object *parent = snapshot.parent_of(object);
            if (parent != nullptr && parent->kind == Kind::composite_type)
                go_on_with(snapshot.index_of(*parent));
            else if (parent != nullptr && parent->kind != Kind::view)
                columns.push_back(&object);
        }
    }
    return columns;
}

bool is_stored(const Object &type, const Snapshot &snapshot)
{
    return !stored_in(type, snapshot).empty();
}

std::string held_rows(const Object &relation, const Comparison &comparison)
{
    for (const Object *column : stored_in(relation, comparison.was))
        if (const Object *is = comparison.is_of(*column);
            is != nullptr && column->attributes.same(is->attributes, "type"))
            return cat(column->identity, " has the rows of ", relation.identity, " as its type");
    return {};
}

bool only_adds_labels(const Object &was, const Object &is)
{
    const auto labels = was.list("labels");
    auto next = labels.begin();
    for (const std::string &label : is.list("labels"))
        if (next != labels.end() && *next == label)
            ++next;
    return next == labels.end();
}

bool is_remade(std::string_view type, const Comparison &comparison)
{
    const Object *was = comparison.was.find(Kind::enum_type, type);
    const Object *is = comparison.is.find(Kind::enum_type, type);
    if (was != nullptr && is != nullptr)
        return !only_adds_labels(*was, *is);
    was = comparison.was.find(Kind::domain, type);
    is = comparison.is.find(Kind::domain, type);
    if (was == nullptr || is == nullptr)
        return false;
    return !was->attributes.same(is->attributes, "type") || !was->attributes.same(is->attributes, "collation") ||
           is_remade(was->text("type"), comparison);
}

bool leaves_type(const Object &was, const Object &is, const Comparison &comparison)
{
    const Object *type = comparison.was.find(Kind::composite_type, was.text("of_type"));
    return !was.attributes.same(is.attributes, "of_type") ||
           (type != nullptr && comparison.fate_of_was(*type) == Fate::replaced);
}

bool is_contained(const Object &type, const Snapshot &snapshot)
{
    for (const Need &dependent : snapshot.dependents_of(snapshot.index_of(type))) {
        const Object &object = snapshot[dependent.object];
        const bool itself = object.text("type") == type.identity;
        if (object.kind == Kind::domain && (itself ? is_contained(object, snapshot) : is_stored(object, snapshot)))
            return true;
        if (object.kind == Kind::range_type && is_stored(object, snapshot))
            return true;
        const Object *parent = object.kind == Kind::column ? snapshot.parent_of(object) : nullptr;
        if (parent == nullptr || parent->kind == Kind::view)
            continue;
        if (parent->kind == Kind::composite_type ? is_stored(*parent, snapshot) : !itself)
            return true;
    }
    return false;
}

} // namespace pgmigrate::model
