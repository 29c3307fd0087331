// SPDX-License-Identifier: PostgreSQL

// Constraints of tables that are below others: CHECK constraints and foreign keys are inherited, the indexes of
// partitions are attached.
#include "model/constraint.hpp"

#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool is_on(const Snapshot &snapshot, const std::string &identity)
{
    return snapshot.find(Kind::constraint, identity) != nullptr;
}

// Whether the table is a child or partition of `parent` before anything is made for it; or, for what is not said where
// a new table is made, before that.
bool inherits_already(const Object &table, const std::string &parent, bool is_added_later, const Comparison &comparison)
{
    const Object *was = is_new(table.identity, comparison) ? nullptr : find_table(comparison.was, table.identity);
    if (was != nullptr && was->text("partition_of") == parent)
        return !is_new(parent, comparison);
    // Two that are new are put together when they are made.
    if (was == nullptr && table.text("partition_of") == parent && is_new(parent, comparison))
        return is_added_later;
    const Object &looked_at = was != nullptr ? *was : table;
    const auto parents = looked_at.list("inherits");
    return std::find(parents.begin(), parents.end(), parent) != parents.end();
}

// A valid constraint of a table's own stays valid when one that is not comes from above: the other way round the server
// takes none of the two.
bool is_valid_below(const Object &is, const Object &above)
{
    return is.has("local") && !is.has("not_valid") && above.has("not_valid");
}

// Those below a constraint of the snapshot that are inherited from it.
std::vector<const Object *> constraints_below(const Object &constraint, const Snapshot &snapshot)
{
    std::vector<const Object *> below;
    const Object *table = find_table(snapshot, constraint.parent);
    if (table == nullptr || constraint.text("type") != "c")
        return below;
    for (const Object *each : tables_below(*table, snapshot)) {
        const Object *found = snapshot.find(Kind::constraint, cat(constraint.name, " ON ", each->identity));
        if (found != nullptr && !found->list("inherited_from").empty())
            below.push_back(found);
    }
    return below;
}

// Whether one of a table's own comes from above only, where no partition loses what is its own.
bool becomes_inherited(const Object &was, const Object &is, const Comparison &comparison)
{
    const Object *table = comparison.is.parent_of(is);
    return table != nullptr && is.text("type") == "c" && was.list("inherited_from").empty() &&
           !is.list("inherited_from").empty() && !is.has("local") && !table->has("partition_of");
}

// Nothing but dropping it makes a constraint one that is not valid, or one that is inherited only.
bool comes_from_above_again(const Object &was, const Object &is, const Comparison &comparison)
{
    if (is.text("type") != "c" || is.list("inherited_from").empty())
        return false;
    if (was.list("inherited_from").empty())
        return becomes_inherited(was, is, comparison);
    const bool loses_validity = is.has("not_valid") && !was.has("not_valid") &&
                                (is.has("local") || !follows_parent(was, is, comparison, "not_valid"));
    return loses_validity || (was.has("local") && !is.has("local"));
}

void add_below(const Object &was, const Comparison &comparison, std::vector<Reference> &all)
{
    for (const Object *each : constraints_below(was, comparison.was)) {
        all.push_back({each->kind, each->identity});
        add_below(*each, comparison, all);
    }
}

// One that is inherited is dropped with those above, and these take all that are below with them.
void add_tree(const Object &was, const Comparison &comparison, std::vector<Reference> &all)
{
    all.push_back({was.kind, was.identity});
    for (const std::string &each : was.list("inherited_from"))
        if (const Object *above = comparison.was.find(Kind::constraint, each))
            add_tree(*above, comparison, all);
    if (was.list("inherited_from").empty())
        add_below(was, comparison, all);
}

} // namespace

bool follows_parent(const Object &was, const Object &is, const Comparison &comparison, std::string_view attribute)
{
    const auto parents_were = was.list("inherited_from");
    const auto parents_are = is.list("inherited_from");
    for (const std::string &each : parents_are) {
        const Object *parent_is = comparison.is.find(Kind::constraint, each);
        const Object *parent_was = parent_is == nullptr ? nullptr : comparison.was_of(*parent_is);
        if (parent_was != nullptr && !parent_was->attributes.same(parent_is->attributes, attribute) &&
            std::find(parents_were.begin(), parents_were.end(), parent_was->identity) != parents_were.end())
            return true;
    }
    return false;
}

bool loses_parent(const Object &was, const Object &is, const Comparison &comparison)
{
    if (was.has("local") || was.list("inherited_from").empty() || !is.list("inherited_from").empty())
        return false;
    return std::none_of(was.list("inherited_from").begin(), was.list("inherited_from").end(),
                        [&](const std::string &each) { return is_on(comparison.is, each); });
}

// An inherited one comes with that of the parent, where the table is a child of it already, or with the table.
std::optional<Emergence> emerge_constraint(const Object &is, const Comparison &comparison)
{
    const auto parents = is.list("inherited_from");
    if (parents.empty())
        return std::nullopt;
    Object as = is;
    as.attributes.erase("comment");
    as.attributes.erase("local");
    // A foreign key of a partitioned table is copied to each partition that it has or gets.
    if (is.text("type") == "f")
        return Emergence{std::move(as), {Kind::constraint, parents.front()}};
    const Object *table = comparison.is.parent_of(is);
    if (table == nullptr)
        return std::nullopt;
    for (const std::string &each : parents) {
        const Object *parent = comparison.is.find(Kind::constraint, each);
        if (parent == nullptr || !inherits_already(*table, parent->parent, parent->has("not_valid"), comparison))
            continue;
        if (is_valid_below(is, *parent))
            return std::nullopt;
        if (parent->has("not_valid"))
            as.attributes.set("not_valid", "true");
        return Emergence{std::move(as), {Kind::constraint, each}};
    }
    return std::nullopt;
}

void name_emerged(const Object &is, const Comparison &comparison, Statements &statements)
{
    // Those in between that emerge as well get their names later.
    const Object *source = &is;
    for (Fate fate = Fate::emerges; fate != Fate::kept && fate != Fate::altered && source->has("inherited_from");) {
        const Object *above = comparison.is.find(Kind::constraint, source->list("inherited_from").front());
        if (above == nullptr)
            return;
        source = above;
        fate = comparison.fate_of_is(*above);
    }
    if (source->name != is.name)
        statements.add(cat("ALTER TABLE ", is.parent, " RENAME CONSTRAINT ", source->name, " TO ", is.name));
}

std::optional<Reference> vanish_constraint(const Object &was, const Comparison &comparison)
{
    if (was.list("inherited_from").empty() && !was.has("attached_to"))
        return std::nullopt;
    if (!leaves_with_table(was, comparison)) {
        for (const std::string &each : was.list("inherited_from")) {
            const Object *parent = comparison.was.find(Kind::constraint, each);
            if (parent != nullptr &&
                (comparison.fate_of_was(*parent) == Fate::dropped || comparison.fate_of_was(*parent) == Fate::replaced))
                return Reference{Kind::constraint, each};
        }
        if (const Object *above = index_above(was, comparison.was);
            above != nullptr &&
            (comparison.fate_of_was(*above) == Fate::dropped || comparison.fate_of_was(*above) == Fate::replaced))
            return Reference{above->kind, above->identity};
    }
    const Object *table = comparison.was.parent_of(was);
    return table == nullptr ? std::nullopt : std::optional(Reference{table->kind, table->identity});
}

bool replace_tree(const Object &was, const Object &is, const Comparison &comparison, std::vector<Reference> &also)
{
    const bool replaced = comes_from_above_again(was, is, comparison);
    if (replaced)
        add_tree(was, comparison, also);
    return replaced;
}

bool comes_with_parent(const Object &is, const Comparison &comparison)
{
    const Object *table = comparison.is.parent_of(is);
    return table != nullptr && is.text("type") == "c" && !is.list("inherited_from").empty() && !is.has("local") &&
           !table->has("partition_of") && !is_new(is.parent, comparison) &&
           std::none_of(is.needs.begin(), is.needs.end(),
                        [&](const Need &need) { return comparison.is[need.object].has("generated"); });
}

void make_below_helper(const Object &is, const Comparison &comparison, Statements &statements)
{
    const Object &table = *comparison.is.parent_of(is);
    const std::string helper =
        enter_helper(table, unquoted(is.name), columns_needed_by(is, comparison), comparison, statements);
    statements.add(cat("ALTER TABLE ", helper, " ADD ", constraint_clause(is)));
}

void drop_constraints_below(const Object &was, const Comparison &comparison, Statements &statements)
{
    for (const Object *each : constraints_below(was, comparison.was)) {
        const Fate fate = comparison.fate_of_was(*each);
        const Object *table = find_table(comparison.was, each->parent);
        const Fate of_table = table != nullptr ? comparison.fate_of_was(*table) : Fate::dropped;
        if (each->has("local") && (fate == Fate::dropped || fate == Fate::replaced) && of_table != Fate::dropped &&
            of_table != Fate::replaced)
            statements.add(cat(alter_table(*table), " DROP CONSTRAINT ", each->name));
        drop_constraints_below(*each, comparison, statements);
    }
}

void behind_new_partitions(const Object &is, const Comparison &comparison, std::vector<Reference> &first)
{
    const Object *table = comparison.is.parent_of(is);
    if (table == nullptr || !is_new(table->identity, comparison))
        return;
    for (const Object *below : tables_below(*table, comparison.is))
        if (below->has("partition_of") && is_new(below->identity, comparison))
            first.push_back({below->kind, below->identity});
}

void valid_below(const Object &is, const Comparison &comparison, std::vector<Reference> &first)
{
    for (const Object *each : constraints_below(is, comparison.is)) {
        if (is_valid_below(*each, is))
            first.push_back({each->kind, each->identity});
        valid_below(*each, comparison, first);
    }
}

} // namespace pgmigrate::model
