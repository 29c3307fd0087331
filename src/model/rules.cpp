// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"

#include "core/error.hpp"
#include "model/text.hpp"

#include <compare>

namespace pgmigrate::model
{

const Rules &rules_of(Kind kind)
{
    switch (kind) {
    case Kind::schema:
        return schema_rules;
    case Kind::extension:
        return extension_rules;
    case Kind::language:
        return language_rules;
    case Kind::access_method:
        return access_method_rules;
    case Kind::foreign_data_wrapper:
        return foreign_data_wrapper_rules;
    case Kind::server:
        return server_rules;
    case Kind::user_mapping:
        return user_mapping_rules;
    case Kind::event_trigger:
        return event_trigger_rules;
    case Kind::publication:
        return publication_rules;
    case Kind::cast:
        return cast_rules;
    case Kind::transform:
        return transform_rules;
    case Kind::conversion:
        return conversion_rules;
    case Kind::collation:
        return collation_rules;
    case Kind::operator_:
        return operator_rules;
    case Kind::operator_family:
        return operator_family_rules;
    case Kind::operator_family_member:
        return operator_family_member_rules;
    case Kind::operator_class:
        return operator_class_rules;
    case Kind::text_search_parser:
        return text_search_parser_rules;
    case Kind::text_search_template:
        return text_search_template_rules;
    case Kind::text_search_dictionary:
        return text_search_dictionary_rules;
    case Kind::text_search_configuration:
        return text_search_configuration_rules;
    case Kind::subscription:
        return subscription_rules;
    case Kind::default_privileges:
        return default_privileges_rules;
    case Kind::privileges:
        return privileges_rules;
    case Kind::sequence:
        return sequence_rules;
    case Kind::table:
        return table_rules;
    case Kind::foreign_table:
        return foreign_table_rules;
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
    case Kind::constraint:
        return constraint_rules;
    case Kind::index:
        return index_rules;
    case Kind::statistics:
        return statistics_rules;
    case Kind::trigger:
        return trigger_rules;
    case Kind::policy:
        return policy_rules;
    case Kind::rule:
        return rule_rules;
    }
    throw core::Error(core::sqlstate::internal_error, "there is no such kind of object");
}

// Both snapshots are in the same order.
Comparison::Comparison(const Snapshot &old, const Snapshot &now, const Options &how)
    : was(old), is(now), options(how), fate_was(old.size(), Fate::dropped), fate_is(now.size(), Fate::made),
      aside(old.size(), false), pair_of_was(old.size(), Snapshot::none), pair_of_is(now.size(), Snapshot::none),
      helpers(std::make_shared<HelperNames>(old, now))
{
    for (std::uint32_t i = 0, j = 0; i < was.size() && j < is.size();) {
        const Object &left = was[i];
        const Object &right = is[j];
        const auto order = left.kind != right.kind ? left.kind <=> right.kind : left.identity <=> right.identity;
        if (std::is_eq(order)) {
            pair_of_was[i] = j;
            pair_of_is[j] = i;
        }
        i += std::is_lteq(order) ? 1 : 0;
        j += std::is_gteq(order) ? 1 : 0;
    }
}

} // namespace pgmigrate::model
