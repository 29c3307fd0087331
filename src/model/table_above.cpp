// SPDX-License-Identifier: PostgreSQL
#include "model/table.hpp"

#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

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

// The foreign keys of other tables to this one and to those above it.
void keys_to(const Object &table, const Snapshot &snapshot, std::vector<Reference> &keys)
{
    for (const Object *column : snapshot.parts_of(table, Kind::column))
        for (const Need &dependent : snapshot.dependents_of(snapshot.index_of(*column))) {
            const Object &key = snapshot[dependent.object];
            if (key.kind == Kind::constraint && key.text("type") == "f" && key.parent != table.identity &&
                key.list("inherited_from").empty())
                keys.push_back({key.kind, key.identity});
        }
    if (const Object *above = find_table(snapshot, table.text("partition_of")))
        keys_to(*above, snapshot, keys);
}

// The foreign keys of a table, and of those above it, that are made when its rows are seen again: those that refer to
// one of these tables, and those to others that are set aside as well, which may refer to this one.
void keys_behind_rows(const Object &table, const Comparison &comparison, std::vector<Reference> &keys)
{
    const Snapshot &is = comparison.is;
    std::vector<const Object *> tables;
    for (const Object *each = &table; each != nullptr; each = find_table(is, each->text("partition_of")))
        tables.push_back(each);
    const auto is_behind = [&](const Object &key) {
        const Object *was = comparison.was_of(key);
        return std::ranges::find(tables, referred_table(key, is)) != tables.end() ||
               (was != nullptr && goes_with_aside(*was, comparison));
    };
    for (const Object *each : tables)
        for (const Object *key : is.parts_of(*each, Kind::constraint))
            if (key->text("type") == "f" && key->list("inherited_from").empty() && is_behind(*key))
                keys.push_back({key->kind, key->identity});
}

// Whether a partition only changes what it takes.
bool changes_bound(const Object &is, const Comparison &comparison)
{
    const Object *was = find_table(comparison.was, is.identity);
    return was != nullptr && stays_below(comparison, is.identity, is.text("partition_of")) &&
           !was->attributes.same(is.attributes, "bound");
}

// Whether a partition is detached from its table and comes back to it.
bool is_away(const Object &is, const Comparison &comparison)
{
    const Object *was = find_table(comparison.was, is.identity);
    return was != nullptr && is.has("partition_of") && !is_new(is.text("partition_of"), comparison) &&
           was->attributes.same(is.attributes, "partition_of") &&
           (is_moved(*was, comparison) || !was->attributes.same(is.attributes, "bound"));
}

// Whether what is below a table of `is` is a partition that is attached when everything else is there.
bool is_attached_later(const Object &below, const Object &table, const Comparison &comparison)
{
    return below.has("partition_of") && !is_attached_at_once(below, comparison) &&
           (!stays_below(comparison, below.identity, table.identity) || changes_bound(below, comparison));
}

// A table cannot be put below one that has columns which it lacks, nor can a partition have more than its table.
void need_gone(const Object &above, const Comparison &comparison, std::vector<Reference> &gone)
{
    if (const Object *was = find_table(comparison.was, above.identity))
        for (const Object *column : comparison.was.parts_of(*was, Kind::column))
            if (comparison.is.find(Kind::column, column->identity) == nullptr)
                gone.push_back({column->kind, column->identity});
}

// What a partition has been left with by its old table, and loses, is in the way of what comes from the new one.
void need_own_gone(const Object &partition, const Comparison &comparison, std::vector<Reference> &gone)
{
    const Object *was = comparison.was.find(Kind::table, partition.identity);
    if (was == nullptr || !outlives_table(*was, comparison))
        return;
    for (const Object *constraint : comparison.was.parts_of(*was, Kind::constraint))
        if (!constraint->list("inherited_from").empty())
            gone.push_back({constraint->kind, constraint->identity});
}

// Whether partitions lack an index above it that is new: that one, and so this one, is made when they are attached, for
// they would get theirs.
bool is_below_incomplete(const Object &index, const Comparison &comparison)
{
    const Snapshot &is = comparison.is;
    for (const Object *above = index_above(index, is); above != nullptr; above = index_above(*above, is))
        if (above->has("incomplete") && comparison.was_of(*above) == nullptr)
            return true;
    return false;
}

// The indexes of a partitioned table are valid when those of its partitions are attached to them; others are not taken
// for what the table above wants.
void need_attached_indexes(const Object &table, const Comparison &comparison, std::vector<Reference> &whole)
{
    for (const Object *below : tables_below(table, comparison.is)) {
        for (const Kind kind : {Kind::constraint, Kind::index})
            for (const Object *index : comparison.is.parts_of(*below, kind))
                if (index->has("attached_to") && !is_below_incomplete(*index, comparison))
                    whole.push_back({kind, index->identity});
        need_attached_indexes(*below, comparison, whole);
    }
}

// The copies of the triggers above go with the detachment, and come back with the attachment: as new ones. What the
// table gets itself by being attached comes later.
void need_trigger_copies(const Object &partition, const Comparison &comparison, std::vector<Reference> &needs)
{
    for (const Object *trigger : comparison.is.parts_of(partition, Kind::trigger))
        if (const Object *source = comparison.is.find(Kind::trigger, trigger->text("inherited_from"));
            source != nullptr && attached_for_trigger(*source, comparison).empty())
            needs.push_back({source->kind, source->identity});
}

// That of which the attachment of a partition makes copies, of those below it as well.
const Object *source_of(const Object &trigger, const Object &partition, const Snapshot &is)
{
    const Object *source = &trigger;
    while (source != nullptr && source->parent != partition.identity)
        source = is.find(Kind::trigger, source->text("inherited_from"));
    return source == nullptr ? nullptr : is.find(Kind::trigger, source->text("inherited_from"));
}

void restore_triggers(const Object &table, const Object &partition, const Comparison &comparison,
                      Statements &statements)
{
    for (const Object *trigger : comparison.is.parts_of(table, Kind::trigger)) {
        const Object *source = source_of(*trigger, partition, comparison.is);
        if (source == nullptr || !attached_for_trigger(*source, comparison).empty())
            continue;
        if (!source->attributes.same(trigger->attributes, "enabled"))
            statements.add(enable_trigger(*trigger));
        if (trigger->has("comment"))
            statements.add(cat("COMMENT ON TRIGGER ", trigger->identity, " IS ", literal(trigger->text("comment"))));
    }
    for (const Object *below : tables_below(table, comparison.is))
        restore_triggers(*below, partition, comparison, statements);
}

// Whether there are partitions whose rows may be in the default one.
bool has_new_siblings(const Object &partition, const Comparison &comparison)
{
    const Object *table = find_table(comparison.is, partition.text("partition_of"));
    return table != nullptr && partition.text("bound") == "DEFAULT" &&
           std::ranges::any_of(tables_below(*table, comparison.is), [&](const Object *each) {
               return find_table(comparison.was, each->identity) == nullptr;
           });
}

// The default partition is searched for rows that belong to one that is attached.
void remark(const Object &partition, const Comparison &comparison, Statement &statement)
{
    const Object *was = find_table(comparison.was, partition.identity);
    if (was != nullptr && outlives_table(*was, comparison) && !has_new_siblings(partition, comparison))
        return;
    if (was != nullptr)
        statement.may_fail = cat("rows of ", partition.identity, " that do not fit ", partition.text("bound"));
    const Object *table = find_table(comparison.was, partition.text("partition_of"));
    if (table == nullptr || partition.text("bound") == "DEFAULT")
        return;
    for (const Object *each : tables_below(*table, comparison.was))
        if (each->text("bound") == "DEFAULT" && comparison.is.find(each->kind, each->identity) != nullptr)
            statement.may_fail += cat(statement.may_fail.empty() ? "" : "; ", "rows of ", each->identity,
                                      " that belong to ", partition.identity);
}

// From when on the rows of a partition are not seen in its table until it is attached again.
void hide_rows(const Object &partition, const Comparison &comparison, FollowUp &follow)
{
    const Object *was = find_table(comparison.was, partition.identity);
    if (was == nullptr || !was->attributes.same(partition.attributes, "partition_of") ||
        stays_below(comparison, partition.identity, partition.text("partition_of")))
        return;
    for (const Object *each = was; each != nullptr; each = find_table(comparison.was, each->text("partition_of")))
        if (each == was || is_moved(*each, comparison))
            follow.hides.push_back({each->kind, each->identity});
    // Keys that refer to the rows are made when these are there.
    const Object &table = *find_table(comparison.is, partition.text("partition_of"));
    keys_behind_rows(table, comparison, follow.then);
    keys_to(table, comparison.is, follow.then);
}

// All partitions of a table that change are dealt with at once, by the first of them: each may get what another had.
void attach_all(const Object &table, const std::vector<const Object *> &partitions, const Comparison &comparison,
                FollowUp &follow)
{
    need_all_of(table, comparison.is, follow.needs);
    // A column that becomes NOT NULL by a CHECK has that for a while, which a partition would lack; and what the
    // partitions are to have is valid by then.
    const auto need_whole = [&](const Object &each, Kind kind) {
        if (comparison.options.online)
            for (const Object *part : comparison.is.parts_of(each, kind))
                if (kind == Kind::column || part->text("type") == "c")
                    follow.needs_whole.push_back({kind, part->identity});
    };
    need_whole(table, Kind::column);
    need_gone(table, comparison, follow.after_drops);
    for (const Object *each : partitions) {
        need_all_of(*each, comparison.is, follow.needs);
        need_whole(*each, Kind::column);
        need_whole(*each, Kind::constraint);
        need_attached_indexes(*each, comparison, follow.needs_whole);
        need_gone(*each, comparison, follow.after_drops);
        for (const Object *below : tables_below(*each, comparison.is))
            follow.needs_whole.push_back({below->kind, below->identity});
        follow.also_of.push_back({each->kind, each->identity});
        if (changes_bound(*each, comparison)) {
            const Object &was = *find_table(comparison.was, each->identity);
            follow.statements.add(detach(was, comparison));
            need_trigger_copies(*each, comparison, follow.needs);
        }
        need_own_gone(*each, comparison, follow.after_drops);
        hide_rows(*each, comparison, follow);
        if (is_away(*each, comparison)) {
            keys_to(*find_table(comparison.was, table.identity), comparison.was, follow.after_drops);
            keys_to(table, comparison.is, follow.then);
        }
    }
    // Which of them an index of a partition is attached to is said where there are several alike.
    std::vector<Reference> alike;
    if (is_new(table.identity, comparison))
        for (const Object *index : comparison.is.parts_of(table, Kind::index))
            if (has_twin(*index, comparison.is))
                alike.push_back({index->kind, index->identity});
    const auto is_at_or_below_alike = [&](const Reference &each) {
        for (const Object *index = comparison.is.find(each); index != nullptr;
             index = index_above(*index, comparison.is))
            if (std::ranges::find(alike, Reference{index->kind, index->identity}) != alike.end())
                return true;
        return false;
    };
    follow.then.insert(follow.then.end(), alike.begin(), alike.end());
    std::erase_if(follow.needs, [&](const Reference &each) {
        const Object &object = *comparison.is.find(each);
        // A foreign key of the table to itself needs the keys of all partitions; one that is renamed gives its name.
        const Object *before = comparison.was_of(object);
        const bool is_to_itself = object.kind == Kind::constraint && object.text("type") == "f" &&
                                  object.parent == table.identity && referred_table(object, comparison.is) == &table &&
                                  (before == nullptr || !before->attributes.same(object.attributes, "definition"));
        return is_to_itself || (object.parent == table.identity && object.has("incomplete")) ||
               is_below_incomplete(object, comparison) || is_at_or_below_alike(each) ||
               std::ranges::find(follow.then, each) != follow.then.end();
    });
    std::erase_if(follow.needs_whole, is_at_or_below_alike);
    for (const Object *each : partitions)
        remark(*each, comparison, follow.statements.add(attach(*each)));
    for (const Object *each : partitions)
        if (changes_bound(*each, comparison))
            restore_triggers(*each, *each, comparison, follow.statements);
    if (const Object *was = find_table(comparison.was, table.identity))
        for (const Object *each : tables_below(*was, comparison.was)) {
            if (find_table(comparison.is, each->identity) == nullptr)
                follow.after_drops.push_back({each->kind, each->identity});
            else
                follow.needs.push_back({each->kind, each->identity});
        }
}

// Those that are only in another order are left and entered again at once.
void inherit_later(const Object &is, std::size_t from, const std::vector<std::string> &again,
                   const Comparison &comparison, std::vector<FollowUp> &later)
{
    const auto list = is.list("inherits").subspan(from);
    const std::vector<std::string> parents(list.begin(), list.end());
    FollowUp follow;
    need_all_of(is, comparison.is, follow.needs);
    for (const std::string &each : parents) {
        if (again.empty())
            follow.statements.add(cat(alter_table(is), " INHERIT ", each));
        if (const Object *parent = find_table(comparison.is, each)) {
            need_all_of(*parent, comparison.is, follow.needs);
            need_gone(*parent, comparison, follow.after_drops);
        }
    }
    if (!again.empty())
        inherit_anew(is, again, parents, comparison, follow.statements);
    if (!follow.statements.empty())
        later.push_back(std::move(follow));
}

// What happens to the columns of a table that was above is none of the table's business.
void leave(std::string_view above, const Comparison &comparison, Alteration &alteration)
{
    if (const Object *table = find_table(comparison.is, above); table != nullptr && !is_new(above, comparison))
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
        for (const std::string_view each : decides_below)
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
        if (is_below(was, each) || !fits_below(was, each, comparison))
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
    const bool first = same == 0 && kept.empty() && inherit_first(was, is, comparison, alteration);
    std::vector<std::string> left;
    std::ranges::copy_if(before, std::back_inserter(left), [&](const std::string &each) {
        return std::find(kept.begin(), kept.end(), each) == kept.end();
    });
    // What a partition has from above is inherited only, whatever it was before.
    if (!first && !is.has("partition_of"))
        keep_inherited(was, is, left, kept, comparison, alteration);
    for (const std::string &each : left) {
        alteration.statements.add(cat(alter_table(is), " NO INHERIT ", present_name(each, comparison)));
        if (!is_below(is, each))
            leave(each, comparison, alteration);
    }
    kept.erase(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(same));
    if (!first)
        inherit_later(is, same, kept, comparison, alteration.later);
}

} // namespace

void need_all_of(const Object &table, const Snapshot &is, std::vector<Reference> &needs)
{
    needs.push_back({table.kind, table.identity});
    for (const Kind kind : {Kind::column, Kind::constraint, Kind::index})
        for (const Object *part : is.parts_of(table, kind))
            if (part->text("type") != "f" || part->list("inherited_from").empty() || kind != Kind::constraint)
                needs.push_back({kind, part->identity});
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
    const auto later_than_all = [&](const Object *below) { return is_attached_later(*below, *table, comparison); };
    // Of many partitions, most find out soon that they are not the first.
    if (!later_than_all(&object))
        return;
    std::vector<const Object *> partitions = tables_below(*table, comparison.is);
    const auto first = std::ranges::find_if(partitions, later_than_all);
    if (first == partitions.end() || *first != &object)
        return;
    std::erase_if(partitions, std::not_fn(later_than_all));
    attach_all(*table, partitions, comparison, later.emplace_back());
}

void rebuild_keys(const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (is_away(is, comparison))
        keys_to(*find_table(comparison.was, is.text("partition_of")), comparison.was, alteration.rebuild_also);
}

void alter_above(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.has("partition_of") &&
        (!is.has("partition_of") || !stays_below(comparison, is.identity, was.text("partition_of")))) {
        Statement &statement = alteration.statements.add(detach(was, comparison));
        std::vector<Reference> keys;
        if (const Object *above = find_table(comparison.was, was.text("partition_of")))
            keys_to(*above, comparison.was, keys);
        if (!keys.empty() && find_table(comparison.is, was.text("partition_of")) != nullptr &&
            !outlives_table(was, comparison))
            statement.may_fail = cat("rows that refer to rows of ", was.identity);
        leave(was.text("partition_of"), comparison, alteration);
    }
    const auto parents = is.list("inherits");
    if (!was.attributes.same(is.attributes, "inherits") ||
        std::ranges::any_of(parents, [&](const std::string &each) { return is_new(each, comparison); }))
        alter_parents(was, is, comparison, alteration);
    attach_later(is, comparison, alteration.later);
}

} // namespace pgmigrate::model
