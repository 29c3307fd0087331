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

// "TABLE ONLY a, ONLY b, TABLES IN SCHEMA c"; empty where it publishes nothing by name.
std::string published(const Object &object)
{
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
    if (object.has("all_tables"))
        sql += " FOR ALL TABLES";
    else if (const std::string list = published(object); !list.empty())
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
    for (const std::string &each : is.list("tables"))
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
    if (!was.attributes.same(is.attributes, "all_tables")) {
        alteration.replace = true;
        return;
    }
    const std::string publication = cat("ALTER PUBLICATION ", is.identity);
    const std::vector<std::string> again = made_anew(was, is, comparison);
    // It loses what is dropped.
    if (is.has("outside")) {
        if (!again.empty())
            alteration.statements.add(cat(publication, " ADD TABLE ONLY ", join(again, ", ONLY ")));
        return;
    }
    if (published(was) != published(is) || !again.empty()) {
        if (const std::string list = published(is); !list.empty()) {
            alteration.statements.add(cat(publication, " SET ", list));
        } else {
            // There is no SET to nothing.
            alteration.replace = true;
            return;
        }
    }
    if (const std::vector<std::string> changed = settings(&was, is); !changed.empty())
        alteration.statements.add(cat(publication, " SET (", join(changed, ", "), ")"));
}

} // namespace

std::string publish_again(const Object &publication)
{
    return cat("ALTER PUBLICATION ", publication.identity, " SET ", published(publication));
}

constinit const Rules publication_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model
