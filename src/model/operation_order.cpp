// SPDX-License-Identifier: PostgreSQL
#include "model/operation_table.hpp"

#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/merging.hpp"
#include "model/names_taken.hpp"
#include "model/sequence.hpp"
#include "model/table.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

using Action = Operation::Action;

class Order
{
  public:
    explicit Order(OperationTable &table)
        : table_(table), fates_(table.fates), was_(fates_.comparison.was), is_(fates_.comparison.is)
    {
    }

    void run() &&
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            order_drop(i);
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            order_make(i);
        order_follows();
        order_names();
        order_by_meaning(table_);
        order_changes();
    }

  private:
    static bool really_needs(const Object &object, const Need &need, const Snapshot &snapshot)
    {
        const Rules &rules = rules_of(object.kind);
        return rules.needs == nullptr || rules.needs(object, need, snapshot);
    }

    // What is dropped, or altered, with what decides about its order.
    struct Going {
        std::uint32_t index;
        const Object &object;
        std::uint32_t drop;                    // none where it is altered
        const Object *holder;                  // what it goes with
        bool table_leaves;                     // its table leaves one above that has it, too
        std::vector<const Object *> leaving;   // partitions that have it attached until they leave
        std::uint32_t aside = Operation::none; // of its table, whose name it is dropped by
        const Object *left = nullptr;          // what takes it along as long as its table is below
    };

    void order_drop(std::uint32_t index)
    {
        const Object &object = was_[index];
        const std::uint32_t drop = table_.drops[index];
        const bool altered = fates_.comparison.fate_was[index] == Fate::altered;
        if (drop == Operation::none && !altered)
            return;
        Going going{index,
                    object,
                    drop,
                    drop != Operation::none ? holder_of(object, fates_.comparison) : nullptr,
                    loses_parent(object),
                    partitions_that_leave_with(object, fates_.comparison)};
        order_with_table(going);
        if (altered && object.kind == Kind::sequence)
            leave_owner(object);
        range_before_subtype(index);
        const bool with_table = object.kind == Kind::column && goes_with_table(object);
        for (const Need &need : object.needs) {
            if (!really_needs(object, need, was_) || (need.type == inherited_need && with_table))
                continue;
            if (drop != Operation::none)
                drop_before(going, need);
            else
                alter_before(going, need);
        }
        if (drop != Operation::none && fates_.comparison.fate_was[index] == Fate::replaced)
            table_.before(freed_by(index), table_.make_of(object));
    }

    void order_with_table(Going &going)
    {
        const Object &object = going.object;
        const Object *holder = going.holder;
        if (holder != nullptr && fates_.comparison.fate_of_was(*holder) == Fate::altered) {
            // A table leaves its parents in its alteration; what follows may be that it gets others.
            if (object.kind == Kind::column || object.has("attached_to") || outlives_table(*holder, fates_.comparison))
                table_.before(table_.make_of(*holder), going.drop);
            else
                after_whole(fates_.comparison.is_of(*holder), going.drop);
        }
        // No column is dropped that comes from a table above as well.
        if (going.table_leaves)
            table_.before(table_.make_of(*was_.parent_of(object)), going.drop);
        for (const Object *partition : going.leaving)
            table_.before(table_.make_of(*partition), going.drop);
        // It is to be gone with that one when its table leaves; where that one waits for its own table to be set aside,
        // this one leaves with it.
        const Object *table = holder == nullptr ? nullptr : was_.parent_of(object);
        const bool goes_before = table != nullptr && object.has("attached_to") && holder != table &&
                                 going.leaving.empty() && aside_of_table(*holder) == Operation::none;
        if (goes_before)
            table_.before(table_.drops[was_.index_of(*holder)], table_.asides[was_.index_of(*table)]);
        if (object.kind == Kind::constraint && !goes_before)
            going.aside = aside_of_table(object);
        if (going.drop != Operation::none)
            table_.before(going.aside, going.drop);
        if (leaves_with_table(object, fates_.comparison))
            going.left = index_above(object, was_);
        if (going.left != nullptr)
            table_.before(table_.make_of(*was_.parent_of(object)), table_.drops[was_.index_of(*going.left)]);
        if (going.drop != Operation::none && object.kind == Kind::constraint && object.text("type") == "f" &&
            object.list("inherited_from").empty() && !goes_with_aside(object, fates_.comparison))
            if (const Object *referred = referred_table(object, was_))
                before_partitions(going, *referred);
    }

    void drop_before(const Going &going, const Need &need)
    {
        const Object &object = going.object;
        const Object &on = was_[need.object];
        const bool is_dropped = fates_.comparison.fate_was[need.object] == Fate::dropped;
        table_.before(going.drop, table_.drops[need.object]);
        // An inherited constraint goes with that above, or with its table.
        const bool of_above = object.has("inherited_from") && object.kind == Kind::constraint;
        // As long as the type has the name that is used to drop it; an index is dropped by its own.
        if (object.kind != Kind::column && object.kind != Kind::table && !of_above &&
            !(object.kind == Kind::index && on.kind != Kind::table) && table_.asides[going.index] == Operation::none &&
            aside_with_type(object) == Operation::none && going.leaving.empty() && going.aside == Operation::none)
            table_.before(going.drop, table_.asides[need.object]);
        // What is made again without a column may only be understood when the column is gone.
        if (on.kind == Kind::column && !is_of_aside(on) && is_dropped &&
            fates_.comparison.fate_was[going.index] == Fate::replaced &&
            (in_the_way.contains(object.kind) || object.has("body")))
            table_.before(table_.drops[need.object], table_.make_of(object));
        // A function needs the transforms of its types that there are when it is made.
        if (on.kind == Kind::transform && routines.contains(object.kind) && is_dropped)
            table_.before(table_.drops[need.object], table_.make_of(object));
        if (&on != going.holder && !going.table_leaves && is_in_the_way(going.index, need.object))
            table_.before(going.drop, table_.make_of(on));
    }

    void alter_before(const Going &going, const Need &need)
    {
        const Object &object = going.object;
        const Object &on = was_[need.object];
        const std::uint32_t make = table_.make_of(object);
        if (object.kind == Kind::table && object.text("of_type") == on.identity) {
            table_.before(make, table_.asides[need.object]);
            table_.before(make, table_.drops[need.object]);
        } else if ((fates_.comparison.fate_was[need.object] == Fate::dropped || fates_.comparison.aside[need.object] ||
                    leaves_old(object, on)) &&
                   &on != going.left && !(need.type == inherited_need && stays_inherited(object))) {
            table_.before(make, table_.drops[need.object]);
        }
    }

    // A foreign key depends on the partitions of the table that it refers to: they are dropped behind it, and leave.
    void before_partitions(const Going &going, const Object &table)
    {
        for (const Object *partition : tables_below(table, was_)) {
            if (!partition->has("partition_of"))
                continue;
            if (fates_.comparison.fate_of_was(*partition) == Fate::altered &&
                !stays_below(fates_.comparison, partition->identity, table.identity) &&
                std::ranges::find(going.leaving, partition) == going.leaving.end())
                table_.before(going.drop, table_.make_of(*partition));
            else if (table_.asides[was_.index_of(*partition)] == Operation::none)
                table_.before(going.drop, table_.drops[was_.index_of(*partition)]);
            before_partitions(going, *partition);
        }
    }

    // Whether its table leaves one above that has the column, too.
    bool loses_parent(const Object &column) const
    {
        const Object *table = column.kind == Kind::column ? find_table(was_, column.parent) : nullptr;
        if (table == nullptr || fates_.comparison.fate_of_was(*table) != Fate::altered)
            return false;
        return std::ranges::any_of(tables_above(*table), [&](std::string_view above) {
            return column_of(was_, above, column.name) != nullptr &&
                   !stays_below(fates_.comparison, table->identity, above);
        });
    }

    // Whether the change of what it needs may be refused as long as it is there.
    bool is_in_the_way(std::uint32_t index, std::uint32_t need) const
    {
        if (fates_.comparison.fate_was[need] != Fate::altered)
            return false;
        // What is set aside has values that are still to be moved: it stays until then, with its columns.
        if (table_.asides[index] != Operation::none || (was_[index].kind == Kind::column && is_of_aside(was_[index])))
            return false;
        const Object *is = fates_.comparison.is_of(was_[need]);
        return is == nullptr || (is->kind != Kind::schema && differs_beyond_decorations(was_[need], *is));
    }

    // The constructors of a range, which are set aside with it, are named by its subtype.
    void range_before_subtype(std::uint32_t index)
    {
        if (was_[index].kind == Kind::range_type && table_.asides[index] != Operation::none)
            for (const Need &need : was_[index].needs)
                table_.before(table_.asides[index], table_.asides[need.object]);
    }

    // Whether a table inherits from one that is made anew.
    bool leaves_old(const Object &table, const Object &above) const
    {
        return table.has("inherits") && is_below(table, above.identity) && is_new(above.identity, fates_.comparison);
    }

    // From others than those that are dropped.
    bool stays_inherited(const Object &column) const
    {
        const Object *is = fates_.comparison.is_of(column);
        return is != nullptr && is->has("inherited_only");
    }

    // Partitions have the rows of what is set aside.
    bool is_of_aside(const Object &column) const
    {
        const Object *table = was_.parent_of(column);
        while (table != nullptr && table_.asides[was_.index_of(*table)] == Operation::none)
            table = find_table(was_, table->text("partition_of"));
        return table != nullptr;
    }

    // A sequence that stays is not dropped with the column that it belonged to.
    void leave_owner(const Object &sequence)
    {
        const Object *column = was_.find(Kind::column, sequence.text("owned_by"));
        const Object *table = column == nullptr ? nullptr : was_.parent_of(*column);
        for (const Object *owner : {column, table})
            if (owner != nullptr)
                table_.before(table_.make_of(sequence), table_.drops[was_.index_of(*owner)]);
    }

    // What sets aside the table of a part.
    std::uint32_t aside_of_table(const Object &part) const
    {
        const Object *table = was_.parent_of(part);
        return table == nullptr || table->kind != Kind::table ? Operation::none : table_.asides[was_.index_of(*table)];
    }

    bool goes_with_table(const Object &column) const
    {
        const Object *table = was_.parent_of(column);
        if (table == nullptr)
            return false;
        const Fate fate = fates_.comparison.fate_of_was(*table);
        return fate == Fate::dropped || fate == Fate::replaced;
    }

    // What sets aside a type whose function it is.
    std::uint32_t aside_with_type(const Object &was) const
    {
        if (was.kind == Kind::function)
            for (const Need &need : was.needs) {
                const Object &type = was_[need.object];
                const bool has_functions = type.kind == Kind::base_type || type.kind == Kind::range_type;
                if (!has_functions || table_.asides[need.object] == Operation::none)
                    continue;
                const std::vector<const Object *> functions = functions_of(type, was_);
                if (std::find(functions.begin(), functions.end(), &was) != functions.end())
                    return table_.asides[need.object];
            }
        return Operation::none;
    }

    // What has to be done before the names of an object of `was` can be used again.
    std::uint32_t freed_by(std::uint32_t index) const
    {
        if (table_.asides[index] != Operation::none)
            return table_.asides[index];
        if (const std::uint32_t aside = aside_with_type(was_[index]); aside != Operation::none)
            return aside;
        if (was_[index].kind == Kind::sequence && goes_aside_with_table(was_[index], fates_.comparison))
            return aside_of_table(*was_.find(Kind::column, was_[index].text("owned_by")));
        const bool in_table =
            was_[index].kind == Kind::column || (was_[index].kind == Kind::constraint && !was_[index].has("index"));
        const Object *parent = in_table ? was_.parent_of(was_[index]) : nullptr;
        if (parent != nullptr && table_.asides[was_.index_of(*parent)] != Operation::none)
            return table_.asides[was_.index_of(*parent)];
        return table_.drops[index];
    }

    // Puts an operation behind the object of `is` and what follows it.
    void after_whole(const Object *object, std::uint32_t operation)
    {
        if (object == nullptr)
            return;
        table_.before(table_.makes[is_.index_of(*object)], operation);
        if (const auto found = table_.follows_of.find(is_.index_of(*object)); found != table_.follows_of.end())
            for (const std::uint32_t follow : found->second)
                table_.before(follow, operation);
    }

    // What is there already is attached to an index above, or made a table of a type, by what follows.
    bool comes_later(const Object &object, std::uint32_t make, const Object &need) const
    {
        return table_.operations[make].action == Action::alter &&
               (&need == index_above(object, is_) || leaves_old(object, need) ||
                (object.kind == Kind::table && need.identity == object.text("of_type")));
    }

    // A partition gets copies of the foreign keys above when it is attached, under the names that they have then.
    void after_attachments(const Object &partition, std::uint32_t operation)
    {
        if (!stays_below(fates_.comparison, partition.identity, partition.text("partition_of")))
            after_whole(&partition, operation);
        for (const Object *below : tables_below(partition, is_))
            after_attachments(*below, operation);
    }

    // A table of a type is made with the attributes that the type has then; one that is set aside has left it.
    void behind_attributes(const Object &table, std::uint32_t make)
    {
        const Object *old = was_.find(table.kind, table.identity);
        const std::uint32_t aside = old == nullptr ? Operation::none : table_.asides[was_.index_of(*old)];
        if (const Object *type = is_.find(Kind::composite_type, table.text("of_type")))
            for (const Object *attribute : is_.parts_of(*type, Kind::column)) {
                const std::uint32_t change = table_.makes[is_.index_of(*attribute)];
                table_.before(change, make);
                table_.before(aside, change);
            }
        if (const Object *type = was_.find(Kind::composite_type, table.text("of_type")))
            for (const Object *attribute : was_.parts_of(*type, Kind::column)) {
                const std::uint32_t drop = table_.drops[was_.index_of(*attribute)];
                table_.before(drop, make);
                table_.before(aside, drop);
            }
    }

    void order_make(std::uint32_t index)
    {
        const std::uint32_t make = table_.makes[index];
        if (make == Operation::none)
            return;
        const Object &object = is_[index];
        for (const Need &need : object.needs)
            if (really_needs(object, need, is_) && !comes_later(object, make, is_[need.object]))
                table_.before(table_.makes[need.object], make);
        if (object.has("of_type") && table_.operations[make].action == Action::make)
            behind_attributes(object, make);
        // An attribute of a type is not altered where a column has values of it.
        if (object.kind == Kind::column && table_.operations[make].action == Action::alter)
            if (const Object *type = is_.parent_of(object); type != nullptr && type->kind == Kind::composite_type)
                for (const Object *column : stored_in(*type, is_))
                    table_.before(make, table_.makes[is_.index_of(*column)]);
        if (const auto behind = rules_of(object.kind).behind; behind != nullptr) {
            std::vector<Reference> first;
            behind(object, fates_.comparison, first);
            for (const Reference &each : first)
                if (const Object *other = is_.find(each))
                    table_.before(table_.makes[is_.index_of(*other)], make);
        }
        // One that is made while a partition without it is still there would not become valid when that is gone.
        if (object.has("partitioned") && table_.operations[make].action == Action::make)
            if (const Object *table = is_.parent_of(object))
                for (const Object *leaves : partitions_that_leave(*table, fates_.comparison)) {
                    table_.before(table_.drops[was_.index_of(*leaves)], make);
                    table_.before(table_.make_of(*leaves), make);
                }
        // An index that partitions lack is made when they are attached.
        if (object.has("incomplete"))
            if (const Object *table = is_.parent_of(object))
                for (const Object *partition : tables_below(*table, is_))
                    after_whole(partition, make);
        if (table_.operations[make].action == Action::emerge) {
            if (const Object *cause = is_.find(fates_.emergences[index]->cause))
                table_.before(table_.makes[is_.index_of(*cause)], make);
            for (const Object *table : attached_for_trigger(object, fates_.comparison))
                after_whole(table, make);
            if (object.kind == Kind::constraint && object.text("type") == "f" &&
                !table_.operations[make].statements.empty())
                after_attachments(*is_.parent_of(object), make);
        }
    }

    void order_follows()
    {
        std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> completions; // by index of `is`
        for (const auto &[operation, follow] : table_.follows) {
            for (const Reference &need : follow.needs)
                if (const Object *object = is_.find(need))
                    table_.before(table_.makes[is_.index_of(*object)], operation);
            for (const Reference &gone : follow.after_drops)
                if (const Object *object = was_.find(gone))
                    table_.before(table_.drops[was_.index_of(*object)], operation);
            for (const Reference &each : follow.then)
                if (const Object *object = is_.find(each))
                    table_.before(operation, table_.makes[is_.index_of(*object)]);
            for (const Reference &need : follow.needs_whole)
                after_whole(is_.find(need), operation);
            for (const Reference &each : follow.completes)
                if (const Object *object = is_.find(each))
                    completions[is_.index_of(*object)].push_back(operation);
        }
        if (completions.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            // A key that is there, and gets another name, needs nothing.
            if (table_.makes[i] != Operation::none &&
                !(is_[i].kind == Kind::constraint && table_.operations[table_.makes[i]].action == Action::alter))
                for (const Need &need : is_[i].needs)
                    if (const auto found = completions.find(need.object);
                        (need.type == 'n' || need.type == row_need) && found != completions.end())
                        for (const std::uint32_t completion : found->second)
                            table_.before(completion, table_.makes[i]);
    }

    void order_names()
    {
        std::unordered_map<std::string, std::uint32_t> freed;
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            std::uint32_t by = freed_by(i);
            if (const auto aside = table_.names_aside.find(i); aside != table_.names_aside.end())
                by = aside->second;
            else if (by == Operation::none && fates_.comparison.renamed_was.contains(i))
                by = table_.make_of(was_[i]);
            if (by != Operation::none)
                for (std::string &name : names_taken(was_[i]))
                    freed.emplace(std::move(name), by);
        }
        if (freed.empty())
            return;
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (table_.makes[i] != Operation::none &&
                (table_.operations[table_.makes[i]].action == Action::make || fates_.comparison.renamed_is.contains(i)))
                for (const std::string &name : names_taken(is_[i]))
                    if (const auto found = freed.find(name); found != freed.end())
                        table_.before(found->second, table_.makes[i]);
    }

    void order_changes()
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Alteration &alteration = fates_.alterations[i];
            for (const Reference &each : alteration.after)
                if (const Object *other = is_.find(each))
                    table_.before(table_.makes[is_.index_of(*other)], table_.make_of(was_[i]));
            for (const Reference &each : alteration.before)
                if (const Object *other = is_.find(each))
                    table_.before(table_.make_of(was_[i]), table_.makes[is_.index_of(*other)]);
            for (const Reference &gone : alteration.after_drops)
                if (const Object *object = was_.find(gone))
                    table_.before(table_.drops[was_.index_of(*object)], table_.make_of(was_[i]));
        }
    }

    OperationTable &table_;
    const Fates &fates_;
    const Snapshot &was_;
    const Snapshot &is_;
};

} // namespace

void order_operations(OperationTable &table)
{
    Order(table).run();
}

} // namespace pgmigrate::model
