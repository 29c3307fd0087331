// SPDX-License-Identifier: PostgreSQL
#include "model/kind.hpp"

#include <array>

namespace pgmigrate::model
{

namespace
{

constexpr bool data = true;
constexpr bool no_data = false;

constexpr std::array<KindInfo, kind_count> kinds = {{
    {Kind::schema, "schema", "SCHEMA", "SCHEMA", no_data},
    {Kind::extension, "extension", "EXTENSION", "", no_data},
    {Kind::language, "language", "LANGUAGE", "LANGUAGE", no_data},
    {Kind::access_method, "access method", "ACCESS METHOD", "", no_data},
    {Kind::foreign_data_wrapper, "foreign-data wrapper", "FOREIGN DATA WRAPPER", "FOREIGN DATA WRAPPER", no_data},
    {Kind::server, "server", "SERVER", "FOREIGN SERVER", no_data},
    {Kind::user_mapping, "user mapping", "", "", no_data},
    {Kind::collation, "collation", "COLLATION", "", no_data},
    {Kind::enum_type, "enum", "TYPE", "TYPE", no_data},
    {Kind::base_type, "type", "TYPE", "TYPE", no_data},
    {Kind::composite_type, "composite type", "TYPE", "TYPE", no_data},
    {Kind::range_type, "range type", "TYPE", "TYPE", no_data},
    {Kind::domain, "domain", "DOMAIN", "DOMAIN", no_data},
    {Kind::sequence, "sequence", "SEQUENCE", "SEQUENCE", no_data},
    {Kind::table, "table", "TABLE", "TABLE", data},
    {Kind::foreign_table, "foreign table", "FOREIGN TABLE", "TABLE", no_data},
    {Kind::column, "column", "COLUMN", "TABLE", data},
    {Kind::default_value, "default", "", "", no_data},
    {Kind::function, "function", "FUNCTION", "FUNCTION", no_data},
    {Kind::procedure, "procedure", "PROCEDURE", "PROCEDURE", no_data},
    {Kind::aggregate, "aggregate", "AGGREGATE", "FUNCTION", no_data},
    {Kind::conversion, "conversion", "CONVERSION", "", no_data},
    {Kind::operator_family, "operator family", "OPERATOR FAMILY", "", no_data},
    {Kind::operator_class, "operator class", "OPERATOR CLASS", "", no_data},
    {Kind::operator_, "operator", "OPERATOR", "", no_data},
    {Kind::operator_family_member, "member of an operator family", "", "", no_data},
    {Kind::cast, "cast", "CAST", "", no_data},
    {Kind::transform, "transform", "TRANSFORM", "", no_data},
    {Kind::text_search_parser, "text search parser", "TEXT SEARCH PARSER", "", no_data},
    {Kind::text_search_template, "text search template", "TEXT SEARCH TEMPLATE", "", no_data},
    {Kind::text_search_dictionary, "text search dictionary", "TEXT SEARCH DICTIONARY", "", no_data},
    {Kind::text_search_configuration, "text search configuration", "TEXT SEARCH CONFIGURATION", "", no_data},
    {Kind::constraint, "constraint", "CONSTRAINT", "", no_data},
    {Kind::index, "index", "INDEX", "", no_data},
    {Kind::view, "view", "VIEW", "TABLE", no_data},
    {Kind::materialized_view, "materialized view", "MATERIALIZED VIEW", "TABLE", no_data},
    {Kind::statistics, "statistics object", "STATISTICS", "", no_data},
    {Kind::rule, "rule", "RULE", "", no_data},
    {Kind::trigger, "trigger", "TRIGGER", "", no_data},
    {Kind::policy, "policy", "POLICY", "", no_data},
    {Kind::event_trigger, "event trigger", "EVENT TRIGGER", "", no_data},
    {Kind::publication, "publication", "PUBLICATION", "", data},
    {Kind::subscription, "subscription", "SUBSCRIPTION", "", no_data},
    {Kind::default_privileges, "default privileges", "", "", no_data},
    {Kind::privileges, "privileges", "", "", no_data},
}};

constexpr bool in_order()
{
    for (int i = 0; i < kind_count; ++i)
        if (static_cast<int>(kinds[static_cast<std::size_t>(i)].kind) != i)
            return false;
    return true;
}
static_assert(in_order());

} // namespace

const KindInfo &info(Kind kind)
{
    return kinds[static_cast<std::size_t>(kind)];
}

std::optional<Kind> kind_named(std::string_view name, Kind likely)
{
    if (info(likely).name == name)
        return likely;
    for (const KindInfo &each : kinds)
        if (each.name == name)
            return each.kind;
    return std::nullopt;
}

} // namespace pgmigrate::model
