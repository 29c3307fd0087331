// SPDX-License-Identifier: PostgreSQL
#include "model/table.hpp"

#include "model/column.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/sequence.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

struct Value {
    std::string sql;
    bool may_fail = false;
    bool loses = false;
};

// How a value of the old column becomes one of the new.
Value value_of(const Object &was, const Object &is, const Comparison &comparison)
{
    constexpr std::string_view keyword = " USING ";
    if (type_is_aside(was, comparison))
        return {by_text(is), true, loses_by_text(was, is, comparison)};
    if (was.attributes.same(is.attributes, "type"))
        return {was.name};
    const Conversion how = conversion(was, is, comparison);
    return {how.using_clause.empty() ? was.name : how.using_clause.substr(keyword.size()), how.may_fail, how.loses};
}

void append(std::string &list, std::string_view separator, std::string_view item)
{
    list += cat(list.empty() ? "" : separator, item);
}

// Those that the new table does not have, and that nothing can compute again.
std::string columns_left_behind(const Object &was, const Comparison &comparison)
{
    std::string list;
    for (const Object *column : comparison.was.parts_of(was, Kind::column))
        if (comparison.is_of(*column) == nullptr && !column->has("generated"))
            append(list, ", ", column->identity);
    return list;
}

// Whether all partitions, at any depth, have left it with their rows.
bool is_emptied(const Object &was, const Comparison &comparison)
{
    const std::vector<const Object *> partitions = tables_below(was, comparison.was);
    return was.has("partition_key") && !partitions.empty() && std::ranges::all_of(partitions, [&](const Object *each) {
               return comparison.fate_of_was(*each) == Fate::altered || is_emptied(*each, comparison);
           });
}

void move_rows(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    std::string columns;
    std::string values;
    std::string failing;
    std::string losing;
    std::string filled;
    bool has_identity = false;
    for (const Object *column : comparison.is.parts_of(is, Kind::column)) {
        const Object *before = column_of(comparison.was, was.identity, column->name);
        if (before == nullptr || column->has("generated"))
            continue;
        const Value value = value_of(*before, *column, comparison);
        append(columns, ", ", column->name);
        append(values, ", ", value.sql);
        if (value.may_fail)
            append(failing, ", ", column->identity);
        if (value.loses)
            append(losing, ", ", column->identity);
        if (column->has("not_null") && !before->has("not_null"))
            append(filled, " or ", column->name);
        has_identity |= column->text("identity_kind") == "ALWAYS";
    }
    if (columns.empty())
        return; // drop_table_aside() says so
    Statement &statement = statements.add(cat("INSERT INTO ", is.identity, " (", columns, ")",
                                              has_identity ? " OVERRIDING SYSTEM VALUE" : "", "\nSELECT ", values,
                                              "\n  FROM ", present_name(was.identity, comparison)));
    statement.reads_rows = true;
    if (is.has("partition_key"))
        statement.may_fail = "rows for which there is no partition";
    if (!failing.empty())
        append(statement.may_fail, "; ", cat("values of ", failing, " that do not fit"));
    if (!filled.empty())
        append(statement.may_fail, "; ", cat("rows whose ", filled, " is null"));
    if (!losing.empty())
        statement.destroys = cat("what values of ", losing, " have beyond the new type");
    if (const std::string gone = columns_left_behind(was, comparison); !gone.empty())
        append(statement.destroys, "; ", cat("the values of ", gone));
    statement.note = "PostgreSQL cannot change whether or how a table is partitioned: its rows are moved to a new one";
}

// What an identity column or one as serial makes it has been numbered by.
const Object *sequence_before(const Object &column, const Comparison &comparison)
{
    const Object *of_identity = comparison.was.find(Kind::sequence, column.text("sequence"));
    return of_identity != nullptr ? of_identity : owned_sequence(column, comparison.was);
}

// Of an index that partitions have attached theirs to until they are detached: it goes with its table. Others go now.
void free_name(const Object &part, const Comparison &comparison, Statements &statements)
{
    const bool is_index = part.kind == Kind::index;
    const std::string table = cat("ALTER TABLE ", part.parent);
    if (partitions_that_leave_with(part, comparison).empty()) {
        statements.add(is_index ? cat("DROP INDEX ", index_name(part)) : cat(table, " DROP CONSTRAINT ", part.name));
        return;
    }
    const std::string aside = comparison.helpers->next_to(part, "_replaced");
    statements.add(is_index ? cat("ALTER INDEX ", index_name(part), " RENAME TO ", aside)
                            : cat(table, " RENAME CONSTRAINT ", part.name, " TO ", aside));
}

} // namespace

bool goes_aside_with_table(const Object &sequence, const Comparison &comparison)
{
    const Object *column = comparison.was.find(Kind::column, sequence.text("owned_by"));
    const Object *table = column == nullptr ? nullptr : comparison.was.parent_of(*column);
    if (table == nullptr || !is_moved(*table, comparison))
        return false;
    const Object *is = comparison.is.find(Kind::sequence, sequence.identity);
    return sequence.has("of_identity") || (is != nullptr && is->has("of_identity"));
}

bool is_freed_aside(const Object &part, const Comparison &comparison)
{
    const Object *table = comparison.was.parent_of(part);
    if (table == nullptr || !is_moved(*table, comparison) || !part.has("attached_to"))
        return false;
    const Object *above = comparison.was.find(Kind::table, table->text("partition_of"));
    if (above == nullptr || is_moved(*above, comparison))
        return false;
    // One that is dropped before takes it along.
    const Object *index = index_above(part, comparison.was);
    const Fate fate = index == nullptr ? Fate::kept : comparison.fate_of_was(*index);
    return fate != Fate::dropped && fate != Fate::replaced;
}

void set_table_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    for (const Object *column : comparison.was.parts_of(was, Kind::column))
        if (const Object *sequence = sequence_before(*column, comparison);
            sequence != nullptr && goes_aside_with_table(*sequence, comparison))
            statements.add(cat("ALTER SEQUENCE ", sequence->identity, " RENAME TO ",
                               comparison.helpers->next_to(*sequence, "_replaced")));
    for (const Object *key : comparison.was.parts_of(was, Kind::constraint))
        if (key->list("inherited_from").empty() && goes_with_aside(*key, comparison))
            statements.add(cat("ALTER TABLE ", was.identity, " DROP CONSTRAINT ", key->name));
    const Object *above = comparison.was.find(Kind::table, was.text("partition_of"));
    if (above != nullptr && !is_moved(*above, comparison))
        statements.add(cat("ALTER TABLE ", above->identity, " DETACH PARTITION ", was.identity));
    for (const Kind kind : {Kind::constraint, Kind::index})
        for (const Object *part : comparison.was.parts_of(was, kind))
            if (is_freed_aside(*part, comparison))
                free_name(*part, comparison, statements);
    // Its type changes while its rows still have the old attributes.
    if (was.has("of_type"))
        statements.add(cat("ALTER TABLE ", was.identity, " NOT OF"));
    statements.add(cat("ALTER TABLE ", was.identity, " RENAME TO ", comparison.helpers->next_to(was, "_replaced")));
    // Its policies have gone: they would hide all rows from the owner.
    if (was.has("force_row_security"))
        statements.add(cat("ALTER TABLE ", name_aside(was, comparison), " NO FORCE ROW LEVEL SECURITY"));
}

void drop_table_aside(const Object &was, const Comparison &comparison, Statements &statements)
{
    Statement &statement = statements.add(cat("DROP TABLE ", name_aside(was, comparison)));
    const Object *above = comparison.was.find(Kind::table, was.text("partition_of"));
    const bool is_part = above != nullptr && is_moved(*above, comparison);
    const bool keeps_any = std::ranges::any_of(comparison.was.parts_of(was, Kind::column), [&](const Object *column) {
        const Object *is = comparison.is_of(*column);
        return is != nullptr && !is->has("generated");
    });
    statement.may_fail = held_rows(was, comparison);
    if (!is_part && !keeps_any)
        statement.destroys = cat("all rows of ", was.identity, ", which has no column in common with the new one");
}

void look_back_at_rows(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    for (const Object *column : comparison.is.parts_of(is, Kind::column)) {
        const Object *before = column_of(comparison.was, was.identity, column->name);
        const Object *added = comparison.is.find(Kind::sequence, column->text("sequence"));
        if (before != nullptr && added != nullptr && sequence_before(*before, comparison) == nullptr)
            go_on_behind_values(*added, *column, statements);
    }
}

namespace
{

bool is_moved_within(const Object &table, const Comparison &comparison)
{
    return is_moved(table, comparison) ||
           std::ranges::any_of(tables_below(table, comparison.was),
                               [&](const Object *each) { return is_moved_within(*each, comparison); });
}

} // namespace

bool goes_with_aside(const Object &key, const Comparison &comparison)
{
    if (!key.list("inherited_from").empty())
        return std::ranges::any_of(key.list("inherited_from"), [&](const std::string &each) {
            const Object *above = comparison.was.find(Kind::constraint, each);
            return above != nullptr && goes_with_aside(*above, comparison);
        });
    const Object *table = comparison.was.parent_of(key);
    if (table == nullptr || key.text("type") != "f" || !is_moved(*table, comparison))
        return false;
    const Object *referred = referred_table(key, comparison.was);
    return referred != nullptr && is_moved_within(*referred, comparison);
}

void refill_table(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    const Object *above = comparison.was.find(Kind::table, was.text("partition_of"));
    const bool moves_with_above = above != nullptr && is_moved(*above, comparison);
    if (!moves_with_above && !is_emptied(was, comparison))
        move_rows(was, is, comparison, statements);
    for (const Object *column : comparison.is.parts_of(is, Kind::column)) {
        const Object *before = column_of(comparison.was, was.identity, column->name);
        if (before == nullptr)
            continue;
        const Object *sequence = sequence_before(*before, comparison);
        const Object *after = comparison.is.find(Kind::sequence, column->text("sequence"));
        if (sequence != nullptr && after != nullptr)
            go_on_from(goes_aside_with_table(*sequence, comparison) ? name_aside(*sequence, comparison)
                                                                    : sequence->identity,
                       *sequence, *after, statements);
        // A sequence that belongs to the old column would be dropped with it.
        for (const Need &dependent : comparison.was.dependents_of(comparison.was.index_of(*before))) {
            const Object &owned = comparison.was[dependent.object];
            const Object *stays = comparison.is.find(Kind::sequence, owned.identity);
            if (owned.kind == Kind::sequence && !owned.has("of_identity") && stays != nullptr &&
                stays->has("owned_by") && !stays->has("of_identity"))
                statements.add(cat("ALTER SEQUENCE ", stays->identity, " OWNED BY ", stays->text("owned_by")));
        }
    }
    if (is.has("force_row_security"))
        statements.add(cat("ALTER TABLE ", is.identity, " FORCE ROW LEVEL SECURITY"));
}

} // namespace pgmigrate::model
