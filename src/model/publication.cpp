// SPDX-License-Identifier: PostgreSQL
#include "model/column.hpp"
#include "model/text.hpp"

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

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "all_tables")) {
        alteration.replace = true;
        return;
    }
    const std::string publication = cat("ALTER PUBLICATION ", is.identity);
    // It loses what is dropped.
    if (is.has("outside"))
        return;
    if (published(was) != published(is)) {
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
