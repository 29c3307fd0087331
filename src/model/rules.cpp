// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"

#include "core/error.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

const Rules &rules_of(Kind kind)
{
    switch (kind) {
    case Kind::schema:
        return schema_rules;
    case Kind::extension:
        return extension_rules;
    case Kind::default_privileges:
        return default_privileges_rules;
    case Kind::table:
        return table_rules;
    case Kind::column:
        return column_rules;
    case Kind::default_value:
        return default_rules;
    case Kind::enum_type:
        return enum_type_rules;
    case Kind::base_type:
        return base_type_rules;
    case Kind::composite_type:
        return composite_type_rules;
    case Kind::range_type:
        return range_type_rules;
    case Kind::domain:
        return domain_rules;
    case Kind::function:
    case Kind::procedure:
        return routine_rules;
    case Kind::aggregate:
        return aggregate_rules;
    case Kind::view:
        return view_rules;
    case Kind::materialized_view:
        return materialized_view_rules;
    default:
        throw core::Error(core::sqlstate::internal_error, cat("there are no rules for ", info(kind).name));
    }
}

} // namespace pgmigrate::model
