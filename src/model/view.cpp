// SPDX-License-Identifier: PostgreSQL
#include "model/view.hpp"

#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

using List = std::span<const std::string>;

std::string_view name_of(std::string_view option)
{
    return option.substr(0, option.find('='));
}

std::string assignment(std::string_view option)
{
    const std::string_view name = name_of(option);
    return cat(name, "=", literal(option.substr(std::min(name.size() + 1, option.size()))));
}

std::string definition(const Object &object, std::string_view verb)
{
    return cat(verb, "VIEW ", object.identity, with_options(object), " AS\n", object.text("definition"));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(definition(object, "CREATE "));
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    statements.add(cat("DROP VIEW ", object.identity)).may_fail = held_rows(object, comparison);
}

// Nothing but the columns, for what is needed by the view and needs it itself: make() puts the query in its place.
void announce(const Object &object, const Comparison &comparison, Statements &statements)
{
    const bool is_there = comparison.fate_of_is(object) == Fate::altered;
    std::string sql = cat(is_there ? "CREATE OR REPLACE VIEW " : "CREATE VIEW ", object.identity, " AS\nSELECT");
    bool first = true;
    for (const std::string &column : object.list("columns")) {
        const std::size_t end = length_of_name(column);
        const std::string_view rest = std::string_view(column).substr(end + 1);
        const std::size_t collation = rest.find(" COLLATE ");
        sql += cat(first ? "\n    " : ",\n    ", "NULL::", rest.substr(0, collation),
                   collation == std::string_view::npos ? std::string_view() : rest.substr(collation), " AS ",
                   std::string_view(column).substr(0, end));
        first = false;
    }
    statements.add(std::move(sql));
}

void complete(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(definition(object, "CREATE OR REPLACE "));
}

// CREATE OR REPLACE can add columns at the end, and nothing else.
bool columns_stay(List was, List is)
{
    return was.size() <= is.size() && std::equal(was.begin(), was.end(), is.begin());
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!columns_stay(was.list("columns"), is.list("columns"))) {
        alteration.replace = true;
        return;
    }
    if (was.attributes.same(is.attributes, "definition") && was.attributes.same(is.attributes, "columns")) {
        alter_options(was, is, alteration.statements);
        return;
    }
    alteration.statements.add(definition(is, "CREATE OR REPLACE "));
    alteration.rewrites = true;
}

} // namespace

std::string with_options(const Object &object)
{
    std::string sql;
    for (const std::string &option : object.list("options"))
        sql += cat(sql.empty() ? "" : ", ", assignment(option));
    return sql.empty() ? sql : cat(" WITH (", sql, ")");
}

void alter_options(const Object &was, const Object &is, Statements &statements)
{
    const List before = was.list("options");
    const List after = is.list("options");
    std::string reset;
    for (const std::string &option : before)
        if (std::none_of(after.begin(), after.end(),
                         [&](const std::string &each) { return name_of(each) == name_of(option); }))
            reset += cat(reset.empty() ? "" : ", ", name_of(option));
    std::string set;
    for (const std::string &option : after)
        if (std::find(before.begin(), before.end(), option) == before.end())
            set += cat(set.empty() ? "" : ", ", assignment(option));
    const std::string view = cat("ALTER ", info(is.kind).keyword, " ", is.identity);
    if (!reset.empty())
        statements.add(cat(view, " RESET (", reset, ")"));
    if (!set.empty())
        statements.add(cat(view, " SET (", set, ")"));
}

constinit const Rules view_rules{
    .make = make, .drop = drop, .alter = alter, .announce = announce, .complete = complete};

} // namespace pgmigrate::model
