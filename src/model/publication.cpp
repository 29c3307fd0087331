// SPDX-License-Identifier: PostgreSQL
#include "model/column.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <vector>

namespace pgmigrate::model
{

namespace
{

constexpr std::int32_t sets_all = 190000; // ALTER PUBLICATION … SET ALL TABLES

bool publishes_all(const Object &object)
{
    return object.has("all_tables") || object.has("all_sequences");
}

// "TABLE ONLY a, ONLY b, TABLES IN SCHEMA c", or "ALL TABLES EXCEPT (TABLE ONLY a)"; empty where it publishes nothing.
std::string published(const Object &object)
{
    if (publishes_all(object)) {
        std::string all = object.has("all_tables") ? "ALL TABLES" : "";
        if (object.has("all_tables_but"))
            all += cat(" EXCEPT (TABLE ONLY ", join(object.list("all_tables_but"), ", ONLY "), ")");
        if (object.has("all_sequences"))
            all += cat(all.empty() ? "" : ", ", "ALL SEQUENCES");
        return all;
    }
    std::string list;
    const auto add = [&](std::string_view keyword, std::string_view attribute, std::string_view before_name) {
        const auto names = object.list(attribute);
        if (!names.empty())
            list += cat(list.empty() ? "" : ", ", keyword, " ", before_name, join(names, cat(", ", before_name)));
    };
    // Without ONLY, those that inherit from them would be published by name as well.
    add("TABLE", "tables", "ONLY ");
    add("TABLES IN SCHEMA", "schemas", "");
    return list;
}

std::vector<std::string> settings(const Object *was, const Object &is)
{
    std::vector<std::string> list;
    const auto add = [&](std::string_view attribute, std::string_view by_default, bool quoted) {
        if (was != nullptr ? was->attributes.same(is.attributes, attribute) : !is.has(attribute))
            return;
        const std::string_view value = is.has(attribute) ? is.text(attribute) : by_default;
        list.push_back(cat(attribute, " = ", quoted ? literal(value) : std::string(value)));
    };
    add("publish", "insert, update, delete, truncate", true);
    add("publish_via_partition_root", "false", false);
    add("publish_generated_columns", "none", false);
    return list;
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE PUBLICATION ", object.identity);
    if (const std::string list = published(object); !list.empty())
        sql += cat(" FOR ", list);
    if (const std::vector<std::string> with = settings(nullptr, object); !with.empty())
        sql += cat(" WITH (", join(with, ", "), ")");
    statements.add(std::move(sql));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP PUBLICATION ", object.identity));
}

// What it says of the tables that the script makes again: the old ones go, and leave it.
std::vector<std::string> made_anew(const Object &was, const Object &is, const Comparison &comparison)
{
    std::vector<std::string> list;
    const std::string_view attribute = is.has("all_tables_but") ? "all_tables_but" : "tables";
    for (const std::string &each : is.list(attribute))
        if (std::ranges::any_of(was.needs, [&](const Need &need) {
                const Object &table = comparison.was[need.object];
                const std::string_view behind =
                    std::string_view(each).substr(std::min(table.identity.size(), each.size()));
                return table.kind == Kind::table && each.starts_with(table.identity) &&
                       (behind.empty() || behind.starts_with(' ')) && is_new(table.identity, comparison);
            }))
            list.push_back(each);
    return list;
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    const bool can_be_set = comparison.is.session.server_version >= sets_all && publishes_all(was) && publishes_all(is);
    if ((differs("all_tables") || differs("all_sequences")) && !can_be_set) {
        alteration.replace = true;
        return;
    }
    const std::string publication = cat("ALTER PUBLICATION ", is.identity);
    const std::vector<std::string> again = made_anew(was, is, comparison);
    // It loses what is dropped.
    if (is.has("outside")) {
        if (!again.empty() && publishes_all(is))
            alteration.statements.add(cat(publication, " SET ", published(is)));
        else if (!again.empty())
            alteration.statements.add(cat(publication, " ADD TABLE ONLY ", join(again, ", ONLY ")));
        return;
    }
    const std::vector<std::string> changed = settings(&was, is);
    const std::string change = cat(publication, " SET (", join(changed, ", "), ")");
    // Conditions and lists of columns of a partitioned table are only allowed where it publishes for its partitions.
    const bool settings_first = is.has("publish_via_partition_root");
    if (!changed.empty() && settings_first)
        alteration.statements.add(change);
    if (published(was) != published(is) || !again.empty()) {
        if (const std::string list = published(is); !list.empty()) {
            alteration.statements.add(cat(publication, " SET ", list));
        } else {
            // There is no SET to nothing.
            alteration.replace = true;
            return;
        }
    }
    if (!changed.empty() && !settings_first)
        alteration.statements.add(change);
}

} // namespace

std::string publish_again(const Object &publication)
{
    return cat("ALTER PUBLICATION ", publication.identity, " SET ", published(publication));
}

constinit const Rules publication_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model
