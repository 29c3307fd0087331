// SPDX-License-Identifier: PostgreSQL
#include "model/sequence.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace pgmigrate::model
{

namespace
{

struct Range {
    std::int64_t low;
    std::int64_t high;
};

Range range_of_type(std::string_view type)
{
    if (type == "smallint")
        return {std::numeric_limits<std::int16_t>::min(), std::numeric_limits<std::int16_t>::max()};
    if (type == "integer")
        return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
}

std::int64_t number(const Object &sequence, std::string_view attribute, std::int64_t otherwise)
{
    const std::string_view text = sequence.text(attribute);
    std::int64_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

// All numbers, those as by default included.
struct Numbers {
    explicit Numbers(const Object &sequence)
        : type(sequence.has("type") ? sequence.text("type") : std::string_view("bigint")),
          increment(number(sequence, "increment", 1)), range{number(sequence, "minimum",
                                                                    increment > 0 ? 1 : range_of_type(type).low),
                                                             number(sequence, "maximum",
                                                                    increment > 0 ? range_of_type(type).high : -1)},
          start(number(sequence, "start", increment > 0 ? range.low : range.high)), cache(number(sequence, "cache", 1)),
          cycle(sequence.has("cycle"))
    {
    }

    std::string_view type;
    std::int64_t increment;
    Range range;
    std::int64_t start;
    std::int64_t cache;
    bool cycle;
};

// As another type of its column changes a sequence (init_params() in sequence.c): limits that are those of the type
// become those of the new one.
void take_type(Numbers &numbers, std::string_view type)
{
    const Range before = range_of_type(numbers.type);
    const Range after = range_of_type(type);
    if (numbers.range.low == before.low)
        numbers.range.low = after.low;
    if (numbers.range.high == before.high)
        numbers.range.high = after.high;
    numbers.type = type;
}

std::string text_of(std::int64_t value)
{
    return std::to_string(value);
}

void append(std::string &clauses, std::string_view clause)
{
    clauses += cat(clauses.empty() ? "" : " ", clause);
}

// The present position has to be within the new range: only where it is not, the sequence begins anew.
void restart_outside(const Object &is, const Numbers &before, const Numbers &after, Statements &statements)
{
    const bool wider = after.type == "bigint" || before.type == "smallint";
    std::string both;
    if (wider && after.type != before.type)
        append(both, cat("AS ", after.type));
    append(both, cat("MINVALUE ", text_of(std::min(before.range.low, after.range.low))));
    append(both, cat("MAXVALUE ", text_of(std::max(before.range.high, after.range.high))));
    if (after.range.low < before.range.low || after.range.high > before.range.high)
        statements.add(cat("ALTER SEQUENCE ", is.identity, " ", both));
    statements.add(cat("SELECT pg_catalog.setval(", literal(is.identity), ", ", text_of(after.start), ", false) FROM ",
                       is.identity, " WHERE last_value NOT BETWEEN ", text_of(after.range.low), " AND ",
                       text_of(after.range.high)));
}

void make(const Object &object, Parts, const Comparison &comparison, Statements &statements)
{
    if (object.has("of_identity")) {
        // It comes with its column, and is as its table.
        const Object *column = comparison.is.find(Kind::column, object.text("owned_by"));
        const Object *table = column != nullptr ? comparison.is.parent_of(*column) : nullptr;
        if (table != nullptr && table->has("unlogged") != object.has("unlogged"))
            statements.add(
                cat("ALTER SEQUENCE ", object.identity, object.has("unlogged") ? " SET UNLOGGED" : " SET LOGGED"));
        return;
    }
    const Object *was = comparison.was.find(Kind::sequence, object.identity);
    const bool takes_over = was != nullptr && was->has("of_identity");
    const std::string aside = takes_over ? comparison.helpers->next_to(*was, "_replaced") : std::string();
    if (takes_over && !goes_aside_with_table(*was, comparison))
        statements.add(cat("ALTER SEQUENCE ", object.identity, " RENAME TO ", aside));
    const std::string options = sequence_options(object);
    statements.add(cat("CREATE ", object.has("unlogged") ? "UNLOGGED " : "", "SEQUENCE ", object.identity,
                       object.has("type") ? cat(" AS ", object.text("type")) : std::string(),
                       options.empty() ? "" : " ", options));
    if (takes_over)
        go_on_from(cat(object.schema, ".", aside), *was, object, statements);
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    const Object *is = comparison.is.find(Kind::sequence, object.identity);
    if (object.has("of_identity") || (is != nullptr && is->has("of_identity")))
        return; // the column does it
    Statement &statement = statements.add(cat("DROP SEQUENCE ", object.identity));
    if (comparison.fate_of_was(object) == Fate::dropped)
        statement.destroys = cat("the position of ", object.identity);
}

FollowUp owned_by(const Object &object)
{
    FollowUp follow;
    follow.statements.add(cat("ALTER SEQUENCE ", object.identity, " OWNED BY ", object.text("owned_by")));
    follow.needs.push_back({Kind::column, std::string(object.text("owned_by"))});
    return follow;
}

void follow(const Object &object, const Comparison &, std::vector<FollowUp> &later)
{
    if (object.has("owned_by") && !object.has("of_identity"))
        later.push_back(owned_by(object));
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "of_identity")) {
        alteration.replace = true;
        return;
    }
    if (!was.attributes.same(is.attributes, "unlogged"))
        alteration.statements.add(
            cat("ALTER SEQUENCE ", is.identity, is.has("unlogged") ? " SET UNLOGGED" : " SET LOGGED"));
    alter_sequence_numbers(was, is, alteration.statements);
    if (was.attributes.same(is.attributes, "owned_by"))
        return;
    if (was.has("owned_by"))
        alteration.statements.add(cat("ALTER SEQUENCE ", is.identity, " OWNED BY NONE"));
    if (is.has("owned_by"))
        alteration.later.push_back(owned_by(is));
}

void rename(const Object &was, const Object &is, const Comparison &, Statements &statements)
{
    statements.add(cat("ALTER SEQUENCE ", was.identity, " RENAME TO ", is.name));
}

// It goes with the column that it belongs to, but can be there before it and after it.
bool needs(const Object &object, const Need &need, const Snapshot &snapshot)
{
    return object.has("of_identity") || need.type != 'a' || snapshot[need.object].kind != Kind::column;
}

} // namespace

std::string sequence_options(const Object &sequence)
{
    constexpr std::pair<std::string_view, std::string_view> numbers[] = {{"start", "START WITH "},
                                                                         {"increment", "INCREMENT BY "},
                                                                         {"minimum", "MINVALUE "},
                                                                         {"maximum", "MAXVALUE "},
                                                                         {"cache", "CACHE "}};
    std::string clauses;
    for (const auto &[attribute, keyword] : numbers)
        if (sequence.has(attribute))
            append(clauses, cat(keyword, sequence.text(attribute)));
    if (sequence.has("cycle"))
        append(clauses, "CYCLE");
    return clauses;
}

void alter_sequence_numbers(const Object &was, const Object &is, Statements &statements)
{
    Numbers before(was);
    const Numbers after(is);
    if (is.has("of_identity"))
        take_type(before, after.type);
    if (after.range.low > before.range.low || after.range.high < before.range.high)
        restart_outside(is, before, after, statements);
    std::string clauses;
    if (after.type != before.type)
        append(clauses, cat("AS ", after.type));
    if (after.increment != before.increment)
        append(clauses, cat("INCREMENT BY ", text_of(after.increment)));
    if (after.range.low != before.range.low || after.range.high != before.range.high)
        append(clauses, cat("MINVALUE ", text_of(after.range.low), " MAXVALUE ", text_of(after.range.high)));
    if (after.start != before.start)
        append(clauses, cat("START WITH ", text_of(after.start)));
    if (after.cache != before.cache)
        append(clauses, cat("CACHE ", text_of(after.cache)));
    if (after.cycle != before.cycle)
        append(clauses, after.cycle ? "CYCLE" : "NO CYCLE");
    if (!clauses.empty())
        statements.add(cat("ALTER SEQUENCE ", is.identity, " ", clauses));
}

void go_on_behind_values(const Object &sequence, const Object &column, Statements &statements)
{
    const Numbers numbers(sequence);
    const bool up = numbers.increment > 0;
    const std::string last = cat("pg_catalog.", up ? "max" : "min", "(", column.name, ")");
    statements
        .add(cat("SELECT pg_catalog.setval(", literal(sequence.identity), ", ", last, ") FROM ", column.parent,
                 " HAVING ", last, " BETWEEN ", text_of(up ? numbers.start : numbers.range.low), " AND ",
                 text_of(up ? numbers.range.high : numbers.start)))
        .reads_rows = true;
}

void go_on_from(std::string_view old, const Object &was, const Object &is, Statements &statements)
{
    const Range before = Numbers(was).range;
    const Range after = Numbers(is).range;
    std::string condition;
    if (before.low < after.low || before.high > after.high)
        condition = cat(" WHERE last_value BETWEEN ", text_of(after.low), " AND ", text_of(after.high));
    statements.add(
        cat("SELECT pg_catalog.setval(", literal(is.identity), ", last_value, is_called) FROM ", old, condition));
}

const Object *owned_sequence(const Object &column, const Snapshot &snapshot)
{
    for (const Need &dependent : snapshot.dependents_of(snapshot.index_of(column))) {
        const Object &object = snapshot[dependent.object];
        if (object.kind == Kind::sequence && !object.has("of_identity") && object.text("owned_by") == column.identity)
            return &object;
    }
    return nullptr;
}

constinit const Rules sequence_rules{
    .make = make, .drop = drop, .alter = alter, .follow = follow, .needs = needs, .rename = rename};

} // namespace pgmigrate::model
