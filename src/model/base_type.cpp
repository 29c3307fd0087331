// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

namespace pgmigrate::model
{

namespace
{

struct Option {
    std::string_view attribute;
    std::string_view keyword;
    bool can_be_altered; // by ALTER TYPE … SET
};

constexpr Option options[] = {
    {"input", "INPUT", false},         {"output", "OUTPUT", false},
    {"receive", "RECEIVE", true},      {"send", "SEND", true},
    {"typmod_in", "TYPMOD_IN", true},  {"typmod_out", "TYPMOD_OUT", true},
    {"analyze", "ANALYZE", true},      {"subscript", "SUBSCRIPT", true},
    {"alignment", "ALIGNMENT", false}, {"storage", "STORAGE", true},
    {"element", "ELEMENT", false},     {"passed_by_value", "PASSEDBYVALUE", false},
    {"preferred", "PREFERRED", false}, {"collatable", "COLLATABLE", false},
};

// A shell type comes first where functions need it that the type itself needs, unless there is something already.
void announce(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (comparison.fate_of_is(object) != Fate::altered)
        statements.add(cat("CREATE TYPE ", object.identity));
}

std::string definition(const Object &object)
{
    if (object.has("shell"))
        return cat("CREATE TYPE ", object.identity);
    const std::string_view length = object.text("internal_length");
    std::string sql = cat("CREATE TYPE ", object.identity,
                          " (\n    INTERNALLENGTH = ", length.starts_with('-') ? std::string_view("VARIABLE") : length);
    for (const auto &[attribute, keyword, can_be_altered] : options)
        if (object.has(attribute))
            sql += cat(",\n    ", keyword, " = ", object.text(attribute));
    if (object.has("category"))
        sql += cat(",\n    CATEGORY = ", literal(object.text("category")));
    if (object.has("delimiter"))
        sql += cat(",\n    DELIMITER = ", literal(object.text("delimiter")));
    if (object.has("default_value"))
        sql += cat(",\n    DEFAULT = ", literal(object.text("default_value")));
    return sql + "\n)";
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(definition(object));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP TYPE ", object.identity));
}

void set_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    rename_functions_aside(was, comparison, statements);
    rename_aside(was, comparison, statements);
}

// Columns keep the storage that the type had when they were made.
void follow_storage(const Object &is, const Comparison &comparison, Alteration &alteration)
{
    for (const Need &dependent : comparison.is.dependents_of(comparison.is.index_of(is))) {
        const Object &column = comparison.is[dependent.object];
        const Object *table = column.kind == Kind::column ? comparison.is.parent_of(column) : nullptr;
        const Object *before = comparison.was_of(column);
        if (table == nullptr || table->kind == Kind::composite_type || before == nullptr || column.has("storage") ||
            before->has("storage") || before->text("type") != is.identity || column.text("type") != is.identity)
            continue;
        FollowUp follow;
        follow.statements.add(cat("ALTER ", info(table->kind).keyword, table->kind == Kind::table ? " ONLY " : " ",
                                  table->identity, " ALTER COLUMN ", column.name, " SET STORAGE ", is.text("storage")));
        alteration.later.push_back(std::move(follow));
    }
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.has("shell")) {
        alteration.statements.add(definition(is));
        return;
    }
    std::string changes;
    for (const std::string_view fixed : {"shell", "internal_length", "category", "delimiter", "default_value"})
        alteration.replace |= !was.attributes.same(is.attributes, fixed);
    for (const auto &[attribute, keyword, can_be_altered] : options) {
        if (was.attributes.same(is.attributes, attribute))
            continue;
        // The storage can only become more than PLAIN, never PLAIN.
        alteration.replace |= !can_be_altered || (attribute == "storage" && !is.has(attribute));
        changes += cat(changes.empty() ? "" : ", ", keyword, " = ",
                       is.has(attribute) ? is.text(attribute) : std::string_view("NONE"));
    }
    if (alteration.replace)
        return;
    alteration.statements.add(cat("ALTER TYPE ", is.identity, " SET (", changes, ")"));
    if (!was.attributes.same(is.attributes, "storage"))
        follow_storage(is, comparison, alteration);
}

} // namespace

constinit const Rules base_type_rules{.make = make,
                                      .drop = drop,
                                      .alter = alter,
                                      .announce = announce,
                                      .set_aside = set_aside,
                                      .drop_aside = drop_renamed};

} // namespace pgmigrate::model
