// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

using Labels = std::span<const std::string>;

bool contains(Labels labels, const std::string &label)
{
    return std::find(labels.begin(), labels.end(), label) != labels.end();
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    std::string sql = cat("CREATE TYPE ", object.identity, " AS ENUM (");
    bool first = true;
    for (const std::string &label : object.list("labels")) {
        sql += cat(first ? "" : ", ", literal(label));
        first = false;
    }
    statements.add(sql + ")");
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TYPE ", object.identity));
}

void add_values(const Object &object, Labels was, Statements &statements)
{
    const Labels is = object.list("labels");
    const auto last_known = was.empty() ? is.end() : std::find(is.begin(), is.end(), was.back());
    for (auto label = is.begin(); label != is.end(); ++label) {
        if (contains(was, *label))
            continue;
        std::string sql = cat("ALTER TYPE ", object.identity, " ADD VALUE ", literal(*label));
        // Where all old values come before, so do those that have been added.
        const bool at_the_end = was.empty() || last_known < label;
        if (!at_the_end && label == is.begin())
            sql += cat(" BEFORE ", literal(was.front()));
        else if (!at_the_end)
            sql += cat(" AFTER ", literal(*(label - 1)));
        statements.add(std::move(sql));
    }
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (only_adds_labels(was, is))
        add_values(is, was.list("labels"), alteration.statements);
    else
        alteration.replace = true;
}

// Values that may have got another name: one is gone, and another one has come at its place.
std::string renames(const Object &was, const Object &is)
{
    const Labels before = was.list("labels");
    const Labels after = is.list("labels");
    std::string statements;
    if (before.size() != after.size())
        return statements;
    for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i] == after[i])
            continue;
        if (contains(after, before[i]) || contains(before, after[i]))
            return {};
        statements += cat(statements.empty() ? "" : " ", "ALTER TYPE ", was.identity, " RENAME VALUE ",
                          literal(before[i]), " TO ", literal(after[i]), ";");
    }
    return statements;
}

void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    rename_aside(was, comparison, statements);
    const Object *is = comparison.is.find(was.kind, was.identity);
    if (is == nullptr)
        return;
    if (const std::string instead = renames(was, *is); !instead.empty())
        (*statements.begin()).note =
            cat("if it is only a name that changes, take this instead of replacing the type: ", instead);
}

} // namespace

constinit const Rules enum_type_rules{
    .make = make, .drop = drop, .alter = alter, .set_aside = set_aside, .drop_aside = drop_renamed};

} // namespace pgmigrate::model
