// SPDX-License-Identifier: PostgreSQL
#include "model/index_properties.hpp"

#include "model/inheritance.hpp"
#include "model/options.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string alter_table(const Object &object)
{
    return cat(object.has("of_materialized_view") ? "ALTER MATERIALIZED VIEW " : "ALTER TABLE ", object.parent);
}

// The mark moves by itself when another index gets it.
bool another_has(std::string_view mark, const Object &object, const Snapshot &snapshot)
{
    const Object *relation = snapshot.parent_of(object);
    if (relation == nullptr)
        return false;
    for (const Kind kind : {Kind::index, Kind::constraint})
        for (const Object *each : snapshot.parts_of(*relation, kind))
            if (each->has(mark))
                return true;
    return false;
}

void set_statistics(const Object &object, std::string_view column, std::string_view target, Statements &statements)
{
    statements.add(cat("ALTER INDEX ", index_name(object), " ALTER COLUMN ", column, " SET STATISTICS ", target));
}

std::string_view before_equals(std::string_view pair)
{
    return pair.substr(0, pair.find('='));
}

std::string_view behind_equals(std::string_view pair)
{
    return pair.substr(pair.find('=') + 1);
}

void alter_statistics(const Object &was, const Object &is, Statements &statements)
{
    const auto has_column = [](const Object &object, std::string_view column) {
        const auto list = object.list("statistics");
        return std::any_of(list.begin(), list.end(),
                           [&](const std::string &each) { return before_equals(each) == column; });
    };
    for (const std::string &each : was.list("statistics"))
        if (!has_column(is, before_equals(each)))
            set_statistics(is, before_equals(each), "-1", statements);
    const auto had = was.list("statistics");
    for (const std::string &each : is.list("statistics"))
        if (std::find(had.begin(), had.end(), each) == had.end())
            set_statistics(is, before_equals(each), behind_equals(each), statements);
}

void alter_marks(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    if (is.has("clustered") && !was.has("clustered"))
        statements.add(cat(alter_table(is), " CLUSTER ON ", is.name));
    if (was.has("clustered") && !is.has("clustered") && !another_has("clustered", is, comparison.is))
        statements.add(cat(alter_table(is), " SET WITHOUT CLUSTER"));
    // That the table has no such index any more is an attribute of the table.
    if (is.has("replica_identity") && !was.has("replica_identity"))
        statements.add(cat(alter_table(is), " REPLICA IDENTITY USING INDEX ", is.name));
}

// Whether there is a partition that has none that is attached to it, or one that lacks one itself.
bool a_partition_lacks(const Object &index, const Snapshot &snapshot)
{
    const Object *table = snapshot.parent_of(index);
    const std::vector<const Object *> partitions =
        table == nullptr ? std::vector<const Object *>() : tables_below(*table, snapshot);
    return std::any_of(partitions.begin(), partitions.end(), [&](const Object *partition) {
        for (const Kind kind : {Kind::index, Kind::constraint})
            for (const Object *each : snapshot.parts_of(*partition, kind))
                if (index_above(*each, snapshot) == &index)
                    return a_partition_lacks(*each, snapshot);
        return true;
    });
}

FollowUp attachment(const Object &object, const Object &above, const Comparison &comparison)
{
    FollowUp follow;
    follow.statements.add(cat("ALTER INDEX ", index_name(above), " ATTACH PARTITION ", index_name(object)));
    follow.needs.push_back({above.kind, above.identity});
    if (const Object *table = comparison.is.parent_of(object))
        follow.needs_whole.push_back({table->kind, table->identity});
    // An index is valid when every partition has one that is attached: whether they have is looked at here.
    for (const Object *each = &above; each != nullptr; each = index_above(*each, comparison.is)) {
        follow.completes.push_back({each->kind, each->identity});
        if (const Object *table = comparison.is.parent_of(*each))
            for (const Object *leaves : partitions_that_leave(*table, comparison)) {
                follow.after_drops.push_back({leaves->kind, leaves->identity});
                follow.needs.push_back({leaves->kind, leaves->identity});
            }
    }
    return follow;
}

// Of what CompareIndexInfo() does not look at: an index in the other direction is as good to it.
std::string without_order(std::string_view definition)
{
    std::string text(definition);
    for (const std::string_view word : {" DESC", " NULLS FIRST", " NULLS LAST"})
        for (std::size_t place = text.find(word); place != std::string::npos; place = text.find(word, place))
            text.erase(place, word.size());
    return text;
}

} // namespace

std::string index_name(const Object &object)
{
    return cat(object.schema, ".", object.name);
}

bool is_made_alone(const Object &object)
{
    return object.has("partitioned") && !object.has("reaches_outside");
}

void make_index_properties(const Object &object, const Comparison &comparison, Statements &statements)
{
    const Object none;
    alter_statistics(none, object, statements);
    alter_marks(none, object, comparison, statements);
}

void restore_index_properties(const Object &object, Statements &statements)
{
    const Object none;
    alter_statistics(none, object, statements);
    depend_on_extensions(object, statements);
}

void alter_index_properties(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    const std::string alter = cat("ALTER INDEX ", index_name(is));
    const ParameterChanges options = parameter_changes(was.list("options"), is.list("options"));
    if (!options.reset.empty())
        statements.add(cat(alter, " RESET (", options.reset, ")"));
    if (!options.set.empty())
        statements.add(cat(alter, " SET (", options.set, ")"));
    if (!was.attributes.same(is.attributes, "tablespace"))
        statements.add(cat(alter, " SET TABLESPACE ",
                           is.has("tablespace") ? is.text("tablespace") : std::string_view("pg_default")));
    alter_statistics(was, is, statements);
    alter_marks(was, is, comparison, statements);
}

const Object *index_above(const Object &object, const Snapshot &snapshot)
{
    if (!object.has("attached_to"))
        return nullptr;
    if (const Object *index = snapshot.find(Kind::index, object.text("attached_to")))
        return index;
    for (const Need &need : object.needs) {
        const Object &above = snapshot[need.object];
        if (above.kind == Kind::constraint && above.has("index") && index_name(above) == object.text("attached_to"))
            return &above;
    }
    return nullptr;
}

std::vector<const Object *> partitions_that_leave_with(const Object &was, const Comparison &comparison)
{
    std::vector<const Object *> all;
    const auto add = [&](const Object &below) {
        if (leaves_with_table(below, comparison))
            all.push_back(comparison.was.parent_of(below));
        else
            std::ranges::copy(partitions_that_leave_with(below, comparison), std::back_inserter(all));
    };
    for (const Need &dependent : comparison.was.dependents_of(comparison.was.index_of(was)))
        if (index_above(comparison.was[dependent.object], comparison.was) == &was)
            add(comparison.was[dependent.object]);
    const Object *table = was.kind == Kind::constraint ? find_table(comparison.was, was.parent) : nullptr;
    if (table != nullptr)
        for (const Object *partition : tables_below(*table, comparison.was))
            for (const Object *below : comparison.was.parts_of(*partition, Kind::constraint))
                if (const auto from = below->list("inherited_from");
                    std::ranges::find(from, was.identity) != from.end())
                    add(*below);
    return all;
}

void attach_index(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later)
{
    if (const Object *above = index_above(object, comparison.is))
        later.push_back(attachment(object, *above, comparison));
}

void behind_partitions(const Object &object, const Comparison &comparison, std::vector<Reference> &first)
{
    const Object *table = object.has("partitioned") ? comparison.is.parent_of(object) : nullptr;
    if (table == nullptr)
        return;
    for (const Need &dependent : comparison.is.dependents_of(comparison.is.index_of(*table))) {
        const Object &below = comparison.is[dependent.object];
        if (below.text("partition_of") == table->identity && comparison.was.find(below.kind, below.identity) == nullptr)
            first.push_back({below.kind, below.identity});
    }
}

bool is_otherwise_complete(const Object &was, const Object &is, const Comparison &comparison)
{
    if (was.has("incomplete") == is.has("incomplete"))
        return false;
    if (is.has("incomplete"))
        return a_partition_lacks(is, comparison.is);
    const auto dependents = comparison.is.dependents_of(comparison.is.index_of(is));
    return std::none_of(dependents.begin(), dependents.end(), [&](const Need &each) {
        const Object &below = comparison.is[each.object];
        if (index_above(below, comparison.is) != &is)
            return false;
        const Object *before = comparison.was_of(below);
        return before == nullptr || index_above(*before, comparison.was) != &was || before->has("incomplete");
    });
}

bool has_twin(const Object &index, const Snapshot &snapshot)
{
    const Object *table = index.kind == Kind::index ? snapshot.parent_of(index) : nullptr;
    return table != nullptr && std::ranges::any_of(snapshot.parts_of(*table, Kind::index), [&](const Object *other) {
               return other != &index &&
                      without_order(other->text("definition")) == without_order(index.text("definition")) &&
                      other->attributes.same(index.attributes, "unique");
           });
}

bool alter_attachment(const Object &was, const Object &is, const Comparison &comparison, std::vector<FollowUp> &later)
{
    const Object *above_was = index_above(was, comparison.was);
    const Object *above_is = index_above(is, comparison.is);
    if (above_was != nullptr && comparison.is_of(*above_was) == above_is && above_is != nullptr) {
        if (leaves_with_table(was, comparison) && (has_twin(*above_is, comparison.is) || above_is->has("incomplete")))
            later.push_back(attachment(is, *above_is, comparison));
        return true;
    }
    // The one above takes its partitions' with it when it is dropped, and keeps them until then.
    if (above_was != nullptr && !leaves_with_table(was, comparison))
        return false;
    if (above_is != nullptr)
        later.push_back(attachment(is, *above_is, comparison));
    return true;
}

} // namespace pgmigrate::model
