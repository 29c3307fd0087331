// SPDX-License-Identifier: PostgreSQL
#include "model/table.hpp"

#include "model/inheritance.hpp"
#include "model/text.hpp"

namespace pgmigrate::model
{

namespace
{

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(std::string(object.text("definition")));
    if (object.has("enabled"))
        statements.add(enable_trigger(object));
}

// A partition that leaves its table leaves the copies there, and those below it do, too.
bool goes_with_detachment(const Object &was, const Comparison &comparison)
{
    if (!was.has("inherited_from"))
        return false;
    for (const Object *table = find_table(comparison.was, was.parent); table != nullptr && table->has("partition_of");
         table = find_table(comparison.was, table->text("partition_of")))
        if (find_table(comparison.is, table->identity) != nullptr && !is_new(table->identity, comparison) &&
            !stays_below(comparison, table->identity, table->text("partition_of")))
            return true;
    return false;
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    // Setting a partition aside detaches it.
    const Object *table = comparison.was.parent_of(object);
    const bool aside = object.has("inherited_from") && table != nullptr && is_moved(*table, comparison);
    if (aside || goes_with_detachment(object, comparison))
        return;
    statements.add(cat("DROP TRIGGER ", object.identity));
}

const Object *above(const Object &object, const Snapshot &snapshot)
{
    return object.has("inherited_from") ? snapshot.find(Kind::trigger, object.text("inherited_from")) : nullptr;
}

bool is_lost(const Object &was, const Snapshot &now)
{
    return was.has("inherited_from") && now.find(Kind::trigger, was.text("inherited_from")) == nullptr;
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    const bool redefined = !was.attributes.same(is.attributes, "definition");
    const bool inherited_otherwise = !was.attributes.same(is.attributes, "inherited_from");
    // One that came from the partitioned table goes with it; one that is to come is in its way.
    if (inherited_otherwise && (is_lost(was, comparison.is) || is.has("inherited_from")))
        alteration.replace = true;
    if (redefined && !is.has("inherited_from")) {
        constexpr std::string_view create = "CREATE ";
        if (was.has("constraint") || is.has("constraint"))
            alteration.replace = true;
        else
            alteration.statements.add(cat("CREATE OR REPLACE ", is.text("definition").substr(create.size())));
    }
    if (alteration.replace)
        return;
    // Replacing it enables it.
    const Object *source = above(is, comparison.is);
    const bool source_replaced = source != nullptr && redefined;
    const bool differs =
        redefined || source_replaced ? is.has("enabled") : !was.attributes.same(is.attributes, "enabled");
    if (differs)
        alteration.statements.add(enable_trigger(is));
}

// Those of partitions are copies of that of the partitioned table.
std::optional<Emergence> emerge(const Object &is, const Comparison &comparison)
{
    const Object *source = above(is, comparison.is);
    if (source == nullptr)
        return std::nullopt;
    Object as = is;
    as.attributes.erase("comment");
    // A partition that comes later copies the state as well: to be sure, it is always set.
    as.attributes.erase("enabled");
    if (source->has("enabled") && !is.has("enabled"))
        as.attributes.set("enabled", std::string(source->text("enabled")));
    return Emergence{std::move(as), {Kind::trigger, source->identity}};
}

std::optional<Reference> vanish(const Object &was, const Comparison &comparison)
{
    const Object *source = above(was, comparison.was);
    if (source == nullptr)
        return std::nullopt;
    const Fate fate = comparison.fate_of_was(*source);
    if (fate == Fate::dropped || fate == Fate::replaced)
        return Reference{Kind::trigger, source->identity};
    const Object *table = comparison.was.parent_of(was);
    return table == nullptr ? std::nullopt : std::optional(Reference{table->kind, table->identity});
}

} // namespace

// ONLY: those of the partitions have states of their own.
std::string enable_trigger(const Object &trigger)
{
    const std::string_view state = trigger.has("enabled") ? trigger.text("enabled") : std::string_view("ENABLE");
    return cat("ALTER TABLE ONLY ", trigger.parent, " ", state, " TRIGGER ", trigger.name);
}

constinit const Rules trigger_rules{.make = make, .drop = drop, .alter = alter, .emerge = emerge, .vanish = vanish};

} // namespace pgmigrate::model
