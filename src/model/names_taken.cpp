// SPDX-License-Identifier: PostgreSQL
#include "model/names_taken.hpp"

#include "model/operator_class.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

std::vector<std::string> names_taken(const Object &object)
{
    const std::string name = cat(object.schema, ".", object.name);
    switch (object.kind) {
    case Kind::table:
    case Kind::foreign_table:
    case Kind::view:
    case Kind::materialized_view:
    case Kind::composite_type:
        return {cat("relation ", name), cat("type ", name)};
    case Kind::sequence:
    case Kind::index:
        return {cat("relation ", name)};
    case Kind::enum_type:
    case Kind::base_type:
    case Kind::range_type:
    case Kind::domain:
        return {cat("type ", name)};
    case Kind::function:
    case Kind::procedure:
    case Kind::aggregate:
        return {cat("routine ", object.identity)};
    case Kind::constraint:
        if (object.has("index"))
            return {cat("relation ", name), cat("constraint ", object.identity)};
        return {cat("constraint ", object.identity)};
    case Kind::trigger:
    case Kind::rule:
        return {cat(info(object.kind).name, " ", object.identity)};
    case Kind::operator_class:
    case Kind::operator_family_member:
        return places_taken(object);
    case Kind::conversion:
        if (!object.has("by_default"))
            return {};
        return {cat("conversion ", object.schema, " ", object.text("for_encoding"), " ", object.text("to_encoding"))};
    default:
        return {};
    }
}

} // namespace pgmigrate::model
