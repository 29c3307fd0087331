// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

#include <vector>

namespace pgmigrate::model
{

namespace
{

// Absent: fires on the origin.
void enable(const Object &object, Statements &statements)
{
    const std::string_view enabled = object.text("enabled");
    std::string_view action = "ENABLE";
    if (enabled == "D")
        action = "DISABLE";
    else if (enabled == "R")
        action = "ENABLE REPLICA";
    else if (enabled == "A")
        action = "ENABLE ALWAYS";
    statements.add(cat("ALTER EVENT TRIGGER ", object.identity, " ", action));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE EVENT TRIGGER ", object.identity, " ON ", object.text("event"));
    if (object.has("tags")) {
        std::vector<std::string> tags;
        for (const std::string &each : object.list("tags"))
            tags.push_back(literal(each));
        sql += cat(" WHEN TAG IN (", join(tags, ", "), ")");
    }
    statements.add(cat(sql, " EXECUTE FUNCTION ", object.text("function")));
    if (object.has("enabled"))
        enable(object, statements);
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP EVENT TRIGGER ", object.identity));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    for (const std::string_view each : {"event", "tags", "function"})
        if (!was.attributes.same(is.attributes, each)) {
            alteration.replace = true;
            return;
        }
    enable(is, alteration.statements);
}

} // namespace

constinit const Rules event_trigger_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model
