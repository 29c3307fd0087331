// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"
#include "model/view.hpp"

namespace pgmigrate::model
{

namespace
{

// Whether it is filled is a matter of data: one that is made again is what it was, whatever the model says, and
// pg_dump --schema-only says WITH NO DATA of each.
bool is_filled(const Object &object, const Comparison &comparison)
{
    const Object *before = comparison.was_of(object);
    return !(before != nullptr ? *before : object).has("no_data");
}

// By its owner: CREATE would run the functions of the query with the rights of who runs the script.
bool is_refreshed(const Object &object, const Comparison &comparison)
{
    return is_filled(object, comparison) && is_given_away(object, comparison);
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    std::string sql = cat("CREATE MATERIALIZED VIEW ", object.identity);
    if (object.has("access_method"))
        sql += cat(" USING ", object.text("access_method"));
    sql += with_options(object);
    if (object.has("tablespace"))
        sql += cat(" TABLESPACE ", object.text("tablespace"));
    const bool at_once = is_filled(object, comparison) && !is_refreshed(object, comparison);
    statements.add(cat(sql, " AS\n", object.text("definition"), "\n WITH", at_once ? "" : " NO", " DATA"));
}

void fill(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (is_refreshed(object, comparison))
        statements.add(cat("REFRESH MATERIALIZED VIEW ", object.identity)).may_fail =
            cat("what ", object.text("owner"), " has no right to read");
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    Statement &statement = statements.add(cat("DROP MATERIALIZED VIEW ", object.identity));
    if (comparison.fate_of_was(object) == Fate::dropped && !object.has("no_data"))
        statement.destroys = cat("the rows of ", object.identity);
    statement.may_fail = held_rows(object, comparison);
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    if (differs("definition") || differs("columns")) {
        alteration.replace = true;
        return;
    }
    const std::string view = cat("ALTER MATERIALIZED VIEW ", is.identity);
    if (differs("access_method"))
        alteration.statements.add(
            cat(view, " SET ACCESS METHOD ", is.has("access_method") ? is.text("access_method") : "heap"));
    if (differs("tablespace"))
        alteration.statements.add(
            cat(view, " SET TABLESPACE ", is.has("tablespace") ? is.text("tablespace") : "pg_default"));
    alter_options(was, is, alteration.statements);
}

} // namespace

constinit const Rules materialized_view_rules{.make = make, .drop = drop, .alter = alter, .fill = fill};

} // namespace pgmigrate::model
