// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/view.hpp"

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE MATERIALIZED VIEW ", object.identity);
    if (object.has("access_method"))
        sql += cat(" USING ", object.text("access_method"));
    sql += with_options(object);
    if (object.has("tablespace"))
        sql += cat(" TABLESPACE ", object.text("tablespace"));
    statements.add(
        cat(sql, " AS\n", object.text("definition"), "\n WITH", object.has("no_data") ? " NO" : "", " DATA"));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP MATERIALIZED VIEW ", object.identity));
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
    if (differs("no_data"))
        alteration.statements.add(
            cat("REFRESH MATERIALIZED VIEW ", is.identity, is.has("no_data") ? " WITH NO DATA" : ""));
}

} // namespace

constinit const Rules materialized_view_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model
