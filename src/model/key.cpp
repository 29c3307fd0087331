// SPDX-License-Identifier: PostgreSQL
#include "model/key.hpp"

#include "model/expression.hpp"
#include "model/tokens.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace pgmigrate::model
{

namespace
{

bool is_foreign_key(const Object &object)
{
    return object.kind == Kind::constraint && object.text("type") == "f";
}

// What only names a constraint does not care for its columns.
bool names_arbiter(const Object &object)
{
    return std::ranges::any_of(object.attributes, [](const Attribute &each) {
        return is_deparsed(each.name) && each.text.find("ON CONFLICT ON CONSTRAINT") != std::string::npos;
    });
}

// A query that groups by a primary key can select all columns of the table.
bool groups_by_key(const Object &object)
{
    constexpr Kinds with_queries{Kind::view, Kind::materialized_view, Kind::rule, Kind::function, Kind::procedure};
    return with_queries.contains(object.kind) && !names_arbiter(object);
}

// The names of the columns, sorted. Empty if there are others than columns, or not all rows are in it.
std::vector<std::string_view> columns_of(const Object &key)
{
    const Tokens tokens = tokens_of(key.text("definition"));
    const auto open = static_cast<std::size_t>(std::ranges::find(tokens, "(") - tokens.begin());
    if (open == tokens.size() || std::ranges::find(tokens, "WHERE") != tokens.end())
        return {};
    const std::size_t close = closings_of(tokens)[open];
    if (close == no_token)
        return {};
    std::vector<std::string_view> columns;
    for (std::size_t i = open + 1; i < close; ++i) {
        if (tokens[i] == "(")
            return {};
        if (tokens[i - 1] == "," || i == open + 1)
            columns.push_back(tokens[i]);
    }
    std::ranges::sort(columns);
    return columns;
}

bool is_key(const Object &object)
{
    return (object.kind == Kind::index ? object.has("unique")
                                       : object.text("type") == "p" || object.text("type") == "u") &&
           !object.has("deferrable");
}

} // namespace

bool serves_as(const Object &now, const Object &was, const Object &dependent)
{
    const bool referred = is_foreign_key(dependent);
    if (!is_key(was) || (!referred && !groups_by_key(dependent)))
        return now.identity == was.identity || now.attributes == was.attributes;
    return is_key(now) && now.attributes.same(was.attributes, "temporal") &&
           (referred || now.text("type") == was.text("type")) && columns_of(now) == columns_of(was);
}

} // namespace pgmigrate::model
