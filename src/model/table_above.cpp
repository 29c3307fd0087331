// SPDX-License-Identifier: PostgreSQL
#include "model/table.hpp"

#include "model/column.hpp"
#include "model/constraint.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string attach(const Object &partition)
{
    return cat("ALTER TABLE ", partition.text("partition_of"), " ATTACH PARTITION ", partition.identity, " ",
               partition.text("bound"));
}

std::string detach(const Object &was, const Comparison &comparison)
{
    return cat("ALTER TABLE ", present_name(was.text("partition_of"), comparison), " DETACH PARTITION ", was.identity);
}

bool is_attached_at_once(const Object &is, const Comparison &comparison)
{
    return is_new(is.text("partition_of"), comparison) && is_new(is.identity, comparison);
}

// Whether a partition only changes what it takes.
bool changes_bound(const Object &is, const Comparison &comparison)
{
    const Object *was = find_table(comparison.was, is.identity);
    return was != nullptr && stays_below(comparison, is.identity, is.text("partition_of")) &&
           !was->attributes.same(is.attributes, "bound");
}

// The partitions of a table of `is` that are attached when everything else is there.
std::vector<const Object *> attached_later(const Object &table, const Comparison &comparison)
{
    std::vector<const Object *> all;
    for (const Object *each : tables_below(table, comparison.is))
        if (each->has("partition_of") && !is_attached_at_once(*each, comparison) &&
            (!stays_below(comparison, each->identity, table.identity) || changes_bound(*each, comparison)))
            all.push_back(each);
    return all;
}

// What has to be right before a table is put below another. Foreign keys of the table above come with it.
void need_all_of(const Object &table, const Snapshot &is, std::vector<Reference> &needs)
{
    needs.push_back({table.kind, table.identity});
    for (const Kind kind : {Kind::column, Kind::constraint, Kind::index})
        for (const Object *part : is.parts_of(table, kind))
            if (part->text("type") != "f" || part->list("inherited_from").empty() || kind != Kind::constraint)
                needs.push_back({kind, part->identity});
}

// A table cannot be put below one that has columns which it lacks, nor can a partition have more than its table.
void need_gone(const Object &above, const Comparison &comparison, std::vector<Reference> &gone)
{
    if (const Object *was = find_table(comparison.was, above.identity))
        for (const Object *column : comparison.was.parts_of(*was, Kind::column))
            if (comparison.is.find(Kind::column, column->identity) == nullptr)
                gone.push_back({column->kind, column->identity});
}

// The indexes of a partitioned table are valid when those of its partitions are attached to them; others are not taken
// for what the table above wants.
void need_attached_indexes(const Object &table, const Comparison &comparison, std::vector<Reference> &whole)
{
    for (const Object *below : tables_below(table, comparison.is)) {
        for (const Kind kind : {Kind::constraint, Kind::index})
            for (const Object *index : comparison.is.parts_of(*below, kind))
                if (index->has("attached_to"))
                    whole.push_back({kind, index->identity});
        need_attached_indexes(*below, comparison, whole);
    }
}

// The default partition is searched for rows that belong to one that is attached.
void remark(const Object &partition, const Comparison &comparison, Statement &statement)
{
    const Object *was = find_table(comparison.was, partition.identity);
    if (was != nullptr)
        statement.may_fail = cat("rows of ", partition.identity, " that do not fit ", partition.text("bound"));
}

// All partitions of a table that change are dealt with at once, by the first of them: each may get what another had.
void attach_all(const Object &table, const std::vector<const Object *> &partitions, const Comparison &comparison,
                FollowUp &follow)
{
    need_all_of(table, comparison.is, follow.needs);
    need_gone(table, comparison, follow.after_drops);
    for (const Object *each : partitions) {
        need_all_of(*each, comparison.is, follow.needs);
        need_attached_indexes(*each, comparison, follow.needs_whole);
        need_gone(*each, comparison, follow.after_drops);
        for (const Object *below : tables_below(*each, comparison.is))
            follow.needs_whole.push_back({below->kind, below->identity});
        follow.also_of.push_back({each->kind, each->identity});
        if (changes_bound(*each, comparison))
            follow.statements.add(detach(*find_table(comparison.was, each->identity), comparison));
    }
    // What partitions are to lack is made when they are there: they would get it.
    std::erase_if(follow.needs, [&](const Reference &each) {
        const Object &object = *comparison.is.find(each);
        const Object *above = index_above(object, comparison.is);
        return (object.parent == table.identity && object.has("incomplete")) ||
               (above != nullptr && above->has("incomplete"));
    });
    for (const Object *each : partitions)
        remark(*each, comparison, follow.statements.add(attach(*each)));
    if (const Object *was = find_table(comparison.was, table.identity))
        for (const Object *each : tables_below(*was, comparison.was)) {
            if (find_table(comparison.is, each->identity) == nullptr)
                follow.after_drops.push_back({each->kind, each->identity});
            else
                follow.needs.push_back({each->kind, each->identity});
        }
}

// Whether a column that was only inherited becomes a column of the table's own as well, which stays below.
bool becomes_local(const Object &is, const Comparison &comparison)
{
    const Object *was = column_of(comparison.was, is.parent, is.name);
    return was != nullptr && was->has("inherited_only") && !is.has("inherited_only") &&
           !columns_above(*was, comparison, comparison.was).empty() &&
           !columns_above(is, comparison, comparison.is).empty();
}

bool is_only_inherited(const Object &constraint)
{
    return constraint.text("type") == "c" && !constraint.list("inherited_from").empty() && !constraint.has("local");
}

bool is_on_local_column(const Object &constraint, const Comparison &comparison)
{
    return std::any_of(constraint.needs.begin(), constraint.needs.end(), [&](const Need &need) {
        const Object &column = comparison.is[need.object];
        return column.kind == Kind::column && becomes_local(column, comparison);
    });
}

// The constraints that one is inherited from, and which are not inherited themselves.
void add_tops(const Object &constraint, const Snapshot &is, std::vector<const Object *> &tops)
{
    if (constraint.list("inherited_from").empty() && std::find(tops.begin(), tops.end(), &constraint) == tops.end())
        tops.push_back(&constraint);
    for (const std::string &each : constraint.list("inherited_from"))
        if (const Object *above = is.find(Kind::constraint, each))
            add_tops(*above, is, tops);
}

// One that is on such a column became the table's own with it: it is inherited anew.
void inherit_constraint_again(const Object &constraint, const Comparison &comparison, Statements &statements)
{
    std::vector<const Object *> tops;
    add_tops(constraint, comparison.is, tops);
    tops.push_back(&constraint);
    for (const Object *each : tops)
        statements.add(cat("ALTER TABLE ", each->parent, " DROP CONSTRAINT ", each->name));
    tops.pop_back();
    for (const Object *each : tops)
        statements.add(cat("ALTER TABLE ", each->parent, " ADD ", constraint_clause(*each)));
}

// A table with all that is only inherited from those above.
void make_helper(const std::string &name, const Object &is, const Comparison &comparison, Statements &statements)
{
    std::string elements;
    std::vector<std::string> later;
    const auto add = [&](std::string_view element) { elements += cat(elements.empty() ? "" : ", ", element); };
    for (const Object *column : comparison.is.parts_of(is, Kind::column))
        if (column->has("inherited_only")) {
            Object above = *column;
            above.attributes.erase("identity_kind");
            add(column_clause(above, nullptr, comparison));
        }
    for (const Object *constraint : comparison.is.parts_of(is, Kind::constraint)) {
        if (!is_only_inherited(*constraint) || is_on_local_column(*constraint, comparison))
            continue;
        if (constraint->has("not_valid")) // which means nothing in CREATE TABLE
            later.push_back(constraint_clause(*constraint));
        else
            add(constraint_clause(*constraint));
    }
    statements.add(cat("CREATE TABLE ", name, " (", elements, ")")).note =
        "columns become the table's own, besides being inherited, while it is below another table";
    for (const std::string &each : later)
        statements.add(cat("ALTER TABLE ", name, " ADD ", each));
}

void inherit_later(const Object &is, std::size_t from, const Comparison &comparison, std::vector<FollowUp> &later)
{
    const auto parents = is.list("inherits");
    FollowUp follow;
    need_all_of(is, comparison.is, follow.needs);
    for (std::size_t i = from; i < parents.size(); ++i) {
        follow.statements.add(cat(alter_table(is), " INHERIT ", parents[i]));
        if (const Object *parent = find_table(comparison.is, parents[i])) {
            need_all_of(*parent, comparison.is, follow.needs);
            need_gone(*parent, comparison, follow.after_drops);
        }
    }
    if (!follow.statements.empty())
        later.push_back(std::move(follow));
}

// What happens to the columns of a table that was above is none of the table's business.
void leave(std::string_view above, const Comparison &comparison, Alteration &alteration)
{
    if (const Object *table = find_table(comparison.is, above))
        for (const Object *column : comparison.is.parts_of(*table, Kind::column))
            alteration.before.push_back({column->kind, column->identity});
}

// Whether a table as it was can be put below another one as that is to be.
bool fits_below(const Object &was, std::string_view above, const Comparison &comparison)
{
    const Object *parent = find_table(comparison.is, above);
    if (parent == nullptr)
        return false;
    for (const Object *column : comparison.is.parts_of(*parent, Kind::column)) {
        const Object *own = column_of(comparison.was, was.identity, column->name);
        const Object *after = column_of(comparison.is, was.identity, column->name);
        if (own == nullptr || after == nullptr || !after->has("inherited_only") || !own->has("inherited_only") ||
            own->has("not_null") != column->has("not_null"))
            return false;
        for (const std::string_view each : {"type", "collation", "generated", "expression"})
            if (!own->attributes.same(column->attributes, each))
                return false;
    }
    return comparison.is.parts_of(*parent, Kind::constraint).empty();
}

// A column that has no parent left for a moment stays a column of the table's own for ever: the new parents come first
// where that is possible.
bool inherit_first(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const auto parents = is.list("inherits");
    if (was.list("inherits").empty() || parents.empty())
        return false;
    for (const std::string &each : parents)
        if (stays_below(comparison, is.identity, each) || !fits_below(was, each, comparison))
            return false;
    for (const std::string &each : parents) {
        const Object &parent = *find_table(comparison.is, each);
        alteration.statements.add(cat(alter_table(is), " INHERIT ", each));
        need_all_of(parent, comparison.is, alteration.after);
        need_gone(parent, comparison, alteration.after_drops);
    }
    return true;
}

// A table inherits from its parents in an order, which decides about nothing but how it is shown.
void alter_parents(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const auto before = was.list("inherits");
    const auto after = is.list("inherits");
    std::vector<std::string> kept;
    for (const std::string &each : before)
        if (std::find(after.begin(), after.end(), each) != after.end() && !is_new(each, comparison))
            kept.push_back(each);
    std::size_t same = 0;
    while (same < kept.size() && same < after.size() && kept[same] == after[same])
        ++same;
    const bool first = same == 0 && inherit_first(was, is, comparison, alteration);
    for (const std::string &each : before)
        if (std::find(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(same), each) ==
            kept.begin() + static_cast<std::ptrdiff_t>(same)) {
            alteration.statements.add(cat(alter_table(is), " NO INHERIT ", present_name(each, comparison)));
            if (!is_below(is, each))
                leave(each, comparison, alteration);
        }
    if (!first)
        inherit_later(is, same, comparison, alteration.later);
}

} // namespace

// A column becomes the table's own when no table above has it any more. What is to stay inherited only has another
// table above in the meantime. The first of the columns does it for all.
void make_local(const Object &column, const Comparison &comparison, std::vector<FollowUp> &later)
{
    const Object *table = find_table(comparison.is, column.parent);
    if (table == nullptr || table->has("partition_of") || !becomes_local(column, comparison))
        return;
    const auto columns = comparison.is.parts_of(*table, Kind::column);
    if (*std::ranges::find_if(columns, [&](const Object *each) { return becomes_local(*each, comparison); }) != &column)
        return;
    const auto parents = table->list("inherits");
    const std::string helper = cat(table->schema, ".", with_suffix(table->name, "_above"));
    FollowUp follow;
    need_all_of(*table, comparison.is, follow.needs);
    follow.needs_whole.push_back({table->kind, table->identity});
    for (const std::string &each : parents)
        if (const Object *parent = find_table(comparison.is, each))
            need_all_of(*parent, comparison.is, follow.needs);
    make_helper(helper, *table, comparison, follow.statements);
    follow.statements.add(cat(alter_table(*table), " INHERIT ", helper));
    for (const std::string_view action : {" NO INHERIT ", " INHERIT "})
        for (const std::string &each : parents)
            follow.statements.add(cat(alter_table(*table), action, each));
    follow.statements.add(cat(alter_table(*table), " NO INHERIT ", helper));
    follow.statements.add(cat("DROP TABLE ", helper));
    for (const Object *each : comparison.is.parts_of(*table, Kind::constraint))
        if (is_only_inherited(*each) && is_on_local_column(*each, comparison))
            inherit_constraint_again(*each, comparison, follow.statements);
    later.push_back(std::move(follow));
}

namespace
{

std::string helper_name(const Object &table, std::string_view suffix)
{
    return cat(table.schema, ".", with_suffix(table.name, cat("_above_", suffix)));
}

} // namespace

std::string enter_helper(const Object &table, std::string_view suffix, std::string_view columns, Statements &statements)
{
    std::string helper = helper_name(table, suffix);
    statements.add(cat("CREATE TABLE ", helper, " (", columns, ")")).note =
        "what is to be inherited only has to be added to a table above";
    statements.add(cat(alter_table(table), " INHERIT ", helper));
    return helper;
}

FollowUp leave_helper(const Object &table, std::string_view suffix)
{
    const std::string helper = helper_name(table, suffix);
    FollowUp follow;
    follow.statements.add(cat(alter_table(table), " NO INHERIT ", helper));
    follow.statements.add(cat("DROP TABLE ", helper));
    follow.needs_whole.push_back({table.kind, table.identity});
    return follow;
}

void attach_new(const Object &object, const Comparison &comparison, Statements &statements)
{
    if (object.has("partition_of") && is_attached_at_once(object, comparison))
        statements.add(attach(object));
}

void attach_later(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    const Object *table = find_table(comparison.is, object.text("partition_of"));
    if (table == nullptr)
        return;
    const std::vector<const Object *> partitions = attached_later(*table, comparison);
    if (!partitions.empty() && partitions.front() == &object)
        attach_all(*table, partitions, comparison, later.emplace_back());
}

void alter_above(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.has("partition_of") &&
        (!is.has("partition_of") || !stays_below(comparison, is.identity, was.text("partition_of")))) {
        alteration.statements.add(detach(was, comparison));
        leave(was.text("partition_of"), comparison, alteration);
    }
    if (!was.attributes.same(is.attributes, "inherits"))
        alter_parents(was, is, comparison, alteration);
    attach_later(is, comparison, alteration.later);
}

} // namespace pgmigrate::model
