// SPDX-License-Identifier: PostgreSQL
#include "pg/rename_request.hpp"

#include "core/target.hpp"
#include "model/text.hpp"
#include "pg/names.hpp"

#include <algorithm>
#include <functional>

extern "C" {
#include "utils/builtins.h"
#include "utils/varlena.h"
}

namespace pgmigrate::pg
{

namespace
{

core::Error malformed(const std::string &element)
{
    return core::Error(core::sqlstate::invalid_parameter_value, "\"" + element + "\" is not a rename")
        .hint("Write old_table:new_table for a table, schema.table:schema.table where it goes to another schema, and "
              "table.old_column:table.new_column for a column, with commas between them.");
}

// The parts of a qualified name, folded or unquoted, and quoted again where SQL wants it.
std::vector<std::string> parts_of(const std::string &name, const std::string &element)
{
    std::vector<std::string> parts;
    const char *text = name.c_str();
    List *list = call([&]() -> List * {
        List *found = NIL;
        return SplitIdentifierString(pstrdup(text), '.', &found) ? found : NIL;
    });
    for (int i = 0; i < list_length(list); ++i)
        parts.push_back(quoted_identifier(static_cast<const char *>(list_nth(list, i))));
    if (parts.empty() || parts.size() > 3)
        throw malformed(element);
    return parts;
}

const model::Object *relation_named(const model::Snapshot &database, const std::string &name, const model::Scope *scope)
{
    const model::Object *found = nullptr;
    for (const model::Object &object : database.objects())
        if (object.name == name && (scope == nullptr || scope->contains(object)) &&
            database.find_relation(object.identity) == &object) {
            if (found != nullptr && object.schema != "public" && found->schema == "public")
                continue;
            found = &object;
        }
    return found;
}

struct Target {
    const model::Object *relation = nullptr;
    std::string column; // empty for the relation itself
};

// a: a table. a.b: a column of a table, or a table of a schema. a.b.c: a column.
Target find_old(const std::vector<std::string> &parts, const model::Snapshot &database, const model::Scope *scope)
{
    if (parts.size() == 1)
        return {relation_named(database, parts[0], scope), ""};
    if (parts.size() == 3)
        return {database.find_relation(model::cat(parts[0], ".", parts[1])), parts[2]};
    if (const model::Object *relation = relation_named(database, parts[0], scope))
        if (database.find(model::Kind::column, model::cat(relation->identity, ".", parts[1])) != nullptr)
            return {relation, parts[1]};
    return {database.find_relation(model::cat(parts[0], ".", parts[1])), ""};
}

model::RenameRequest of_relation(const model::Object &relation, const std::vector<std::string> &new_name,
                                 const std::string &element, const model::Scope *scope)
{
    if (new_name.size() > 2)
        throw malformed(element);
    const std::string &schema = new_name.size() == 2 ? new_name.front() : relation.schema;
    if (scope != nullptr && std::ranges::find(scope->schemas, schema) == scope->schemas.end())
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          "renames: " + schema + " is not a schema that is compared")
            .hint("A table can go to another schema where both are: name them in schemas.");
    return {&relation, "", schema, new_name.back()};
}

// What is in front of the new name of a column is its table, by the old name or by the one that `requests` gives it: a
// column stays where it is.
void require_same_table(const Target &target, const std::vector<std::string> &new_name, const std::string &element,
                        const std::vector<model::RenameRequest> &requests)
{
    const auto is_it = [&](const std::string &schema, const std::string &table) {
        return new_name[new_name.size() - 2] == table && (new_name.size() == 2 || new_name.front() == schema);
    };
    if (new_name.size() == 1 || is_it(target.relation->schema, target.relation->name) ||
        std::ranges::any_of(requests, [&](const model::RenameRequest &each) {
            return each.relation == target.relation && each.column.empty() && is_it(each.new_schema, each.new_name);
        }))
        return;
    throw core::Error(core::sqlstate::invalid_parameter_value,
                      "renames: \"" + element + "\" names a column of another table")
        .hint("A column keeps its table: write table.old_column:table.new_column.");
}

} // namespace

std::string single_identifier(const std::string &text, const char *parameter)
{
    const char *name = text.c_str();
    const char *found = call([&]() -> const char * {
        List *list = NIL;
        if (!SplitIdentifierString(pstrdup(name), '.', &list) || list_length(list) != 1)
            return nullptr;
        return static_cast<const char *>(linitial(list));
    });
    if (found == nullptr)
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          std::string(parameter) + ": \"" + text + "\" is not a name");
    return found;
}

std::vector<model::RenameRequest> parse_renames(const std::optional<std::string> &text, const model::Snapshot &database,
                                                const model::Scope *scope)
{
    std::vector<model::RenameRequest> requests;
    std::vector<std::function<void()>> checks;
    if (!text)
        return {};
    for (const std::string &element : core::split_names(*text)) {
        const std::size_t colon = core::find_unquoted(element, ':');
        if (colon == std::string::npos)
            throw malformed(element);
        const std::vector<std::string> old_name = parts_of(element.substr(0, colon), element);
        const std::vector<std::string> new_name = parts_of(element.substr(colon + 1), element);
        const Target target = find_old(old_name, database, scope);
        if (target.relation == nullptr ||
            (!target.column.empty() &&
             database.find(model::Kind::column, model::cat(target.relation->identity, ".", target.column)) == nullptr))
            throw core::Error(core::sqlstate::invalid_parameter_value,
                              "renames: the database has no table or column " + element.substr(0, colon))
                .hint("The name in front of the colon is the one that the database has, of a column with its table.");
        if (scope != nullptr && !scope->contains(*target.relation))
            throw core::Error(core::sqlstate::invalid_parameter_value,
                              "renames: " + target.relation->identity + " is not in a schema that is compared");
        if (target.column.empty()) {
            requests.push_back(of_relation(*target.relation, new_name, element, scope));
            continue;
        }
        if (new_name.size() > 3)
            throw malformed(element);
        requests.push_back({target.relation, target.column, target.relation->schema, new_name.back()});
        checks.emplace_back([=, &requests] { require_same_table(target, new_name, element, requests); });
    }
    for (const auto &check : checks)
        check();
    return requests;
}

} // namespace pgmigrate::pg
