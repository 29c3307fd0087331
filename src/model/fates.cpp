// SPDX-License-Identifier: PostgreSQL
#include "model/fates.hpp"

#include "model/expression.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/made_again.hpp"
#include "model/sequence.hpp"
#include "model/table.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>
#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

class Decision
{
  public:
    Decision(const Snapshot &was, const Snapshot &is, const Options &options)
        : fates_{Comparison(was, is, options),
                 std::vector<Alteration>(was.size()),
                 std::vector<std::optional<Emergence>>(is.size()),
                 {}},
          was_(was), is_(is)
    {
    }

    Fates run() &&
    {
        fates_.comparison.made_again = made_again(fates_.comparison, fates_.comparison.options.known_by_address);
        pair_sequences();
        pair_renamed();
        pair_attached();
        exchange_names();
        for (const Object &object : is_.objects())
            decide_alone(object);
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            if (fates_.comparison.fate_was[i] == Fate::dropped) {
                todo_.push_back({i, Kinds::all()});
                take_above_along(was_[i]);
            }
        while (!todo_.empty() || !also_.empty()) {
            if (!also_.empty()) {
                const std::uint32_t index = also_.back();
                also_.pop_back();
                replace(index);
                continue;
            }
            const Task task = todo_.back();
            todo_.pop_back();
            spread(task);
        }
        while (set_aside_below())
            ;
        return std::move(fates_);
    }

  private:
    // The dependents of these kinds have to be dropped before something is done to the object.
    struct Task {
        std::uint32_t object; // of `was`
        Kinds kinds;
    };

    Fate &fate_was(std::uint32_t index) { return fates_.comparison.fate_was[index]; }
    Fate &fate_is(const Object &object) { return fates_.comparison.fate_is[is_.index_of(object)]; }
    static const Rules &rules(const Object &object) { return rules_of(object.kind); }

    // Two sequences with the same properties may be as different as two tables.
    static bool is_known_by_content(const Object &object)
    {
        return rules(object).rename != nullptr && object.kind != Kind::sequence;
    }

    // What two objects have in common that differ in their names only.
    static std::string content(const Object &object)
    {
        std::string all = cat(info(object.kind).name, "\n", object.parent);
        for (const Attribute &each : object.attributes) {
            // The names of those above an object can have changed, too.
            if (is_decoration(each.name) || each.name == "inherited_from" || each.name == "attached_to")
                continue;
            all += cat("\n", each.name, "=", is_deparsed(each.name) ? canonical(each.text) : each.text);
            for (const std::string &item : each.list)
                all += cat("\n-", item);
        }
        return all;
    }

    void pair(std::uint32_t was, std::uint32_t is)
    {
        fates_.comparison.renamed_was.emplace(was, is);
        fates_.comparison.renamed_is.emplace(is, was);
        fates_.comparison.pair_of_was[was] = is;
        fates_.comparison.pair_of_is[is] = was;
    }

    // The sequence of a serial column goes on counting under another name.
    void pair_sequences()
    {
        for (const Object &is : is_.objects()) {
            if (is.kind != Kind::sequence || is.has("of_identity") || fates_.comparison.was_of(is) != nullptr)
                continue;
            const Object *column = is_.find(Kind::column, is.text("owned_by"));
            const Object *before = column == nullptr ? nullptr : fates_.comparison.was_of(*column);
            const Object *was = before == nullptr ? nullptr : owned_sequence(*before, was_);
            if (was != nullptr && was->schema == is.schema && fates_.comparison.is_of(*was) == nullptr)
                pair(was_.index_of(*was), is_.index_of(is));
        }
    }

    void pair_renamed()
    {
        std::unordered_map<std::string, std::vector<std::uint32_t>> gone;
        for (const Object &object : was_.objects())
            if (is_known_by_content(object) && fates_.comparison.is_of(object) == nullptr)
                gone[content(object)].push_back(was_.index_of(object));
        if (gone.empty())
            return;
        std::unordered_map<std::string, std::vector<std::uint32_t>> come;
        for (const Object &object : is_.objects())
            if (is_known_by_content(object) && fates_.comparison.was_of(object) == nullptr)
                come[content(object)].push_back(is_.index_of(object));
        for (const auto &[text, was] : gone) {
            const auto found = come.find(text);
            if (found == come.end() || found->second.size() != was.size())
                continue;
            for (std::size_t i = 0; i < was.size(); ++i)
                pair(was[i], found->second[i]);
        }
    }

    // A partition has one index only that is attached to the same one above.
    void pair_attached()
    {
        for (bool any = true; any;) {
            any = false;
            for (const Object &is : is_.objects()) {
                const Object *above = fates_.comparison.was_of(is) == nullptr ? index_above(is, is_) : nullptr;
                const Object *above_was = above == nullptr ? nullptr : fates_.comparison.was_of(*above);
                if (above_was == nullptr)
                    continue;
                const auto dependents = was_.dependents_of(was_.index_of(*above_was));
                const auto found = std::ranges::find_if(
                    dependents, [&](const Need &each) { return is_attached_as(was_[each.object], is, *above_was); });
                if (found != dependents.end()) {
                    pair(found->object, is_.index_of(is));
                    any = true;
                }
            }
        }
    }

    bool is_attached_as(const Object &was, const Object &is, const Object &above) const
    {
        return was.kind == is.kind && was.parent == is.parent && fates_.comparison.is_of(was) == nullptr &&
               index_above(was, was_) == &above &&
               std::ranges::all_of(
                   std::initializer_list<std::string_view>{"definition", "partitioned", "type", "unique"},
                   [&](std::string_view each) { return was.attributes.same(is.attributes, each); });
    }

    // Where indexes go on their names to each other in a circle, one of them has a third name meanwhile.
    void exchange_names()
    {
        std::unordered_map<std::string, std::uint32_t> holders;
        for (const auto &[was, is] : fates_.comparison.renamed_was)
            if (was_[was].kind == Kind::index || was_[was].has("index"))
                holders.emplace(cat(was_[was].schema, ".", was_[was].name), was);
        std::unordered_set<std::uint32_t> done;
        for (std::uint32_t begin = 0; begin < was_.size() && !holders.empty(); ++begin) {
            std::unordered_set<std::uint32_t> way;
            std::uint32_t at = begin;
            while (fates_.comparison.renamed_was.contains(at) && done.insert(at).second) {
                way.insert(at);
                const Object &is = is_[fates_.comparison.renamed_was.at(at)];
                const auto next = holders.find(cat(is.schema, ".", is.name));
                if (next == holders.end())
                    break;
                at = next->second;
                if (way.contains(at)) {
                    Object aside = is_[fates_.comparison.renamed_was.at(at)];
                    aside.name = fates_.comparison.helpers->next_to(was_[at], "_replaced");
                    rules(aside).rename(was_[at], aside, fates_.comparison, fates_.names_aside[at]);
                }
            }
        }
    }

    void decide_alone(const Object &is)
    {
        const Object *was = fates_.comparison.was_of(is);
        if (was == nullptr) {
            if (rules(is).emerge == nullptr)
                return;
            std::optional<Emergence> emergence = rules(is).emerge(is, fates_.comparison);
            if (emergence) {
                fate_is(is) = Fate::emerges;
                fates_.emergences[is_.index_of(is)] = std::move(emergence);
            }
            return;
        }
        const std::uint32_t index = was_.index_of(*was);
        fate_was(index) = fate_is(is) = Fate::kept;
        if (fates_.comparison.made_again[index] || goes_with_column(*was) ||
            (rules(is).outgrown != nullptr && rules(is).outgrown(*was, is, fates_.comparison)))
            replace(index);
        else if (was->attributes == is.attributes && !fates_.comparison.renamed_was.contains(index))
            return;
        else if (differs_beyond_decorations(*was, is) || fates_.comparison.renamed_was.contains(index))
            alter(index, is);
        else if (decorations_differ(*was, is))
            fate_was(index) = fate_is(is) = Fate::altered;
    }

    // A sequence whose column is another one.
    bool goes_with_column(const Object &was) const
    {
        const Object *column = was.kind == Kind::sequence ? was_.find(Kind::column, was.text("owned_by")) : nullptr;
        const Object *table = column == nullptr ? nullptr : was_.parent_of(*column);
        return table != nullptr &&
               (fates_.comparison.is_made_again(*column) || fates_.comparison.is_made_again(*table));
    }

    void alter(std::uint32_t index, const Object &is)
    {
        Alteration &alteration = fates_.alterations[index] = {};
        if (fates_.comparison.renamed_was.contains(index)) {
            Object was = was_[index];
            if (fates_.names_aside.contains(index))
                was.name = fates_.comparison.helpers->next_to(was, "_replaced");
            rules(is).rename(was, is, fates_.comparison, alteration.statements);
        }
        rules(is).alter(was_[index], is, fates_.comparison, alteration);
        for (const Reference &each : alteration.rebuild_also)
            if (const Object *object = was_.find(each))
                also_.push_back(was_.index_of(*object));
        if (alteration.replace) {
            replace(index);
            return;
        }
        fate_was(index) = fate_is(is) = Fate::altered;
        if (!alteration.rebuild.empty())
            todo_.push_back({index, alteration.rebuild});
    }

    void replace(std::uint32_t index)
    {
        if (fate_was(index) == Fate::replaced || fate_was(index) == Fate::dropped)
            return;
        const Object *is = fates_.comparison.is_of(was_[index]);
        if (is == nullptr)
            return;
        fate_was(index) = fate_is(*is) = Fate::replaced;
        // What holds data keeps them until they are moved.
        if (info(is->kind).holds_data && rules(*is).refill != nullptr && !fates_.comparison.made_again[index])
            fates_.comparison.aside[index] = true;
        fates_.alterations[index] = {};
        todo_.push_back({index, Kinds::all()});
        take_above_along(was_[index]);
        take_domain_along(was_[index], *is);
    }

    // Where others than columns of its own have values of a domain, it can only be made with its constraints.
    void take_domain_along(const Object &was, const Object &is)
    {
        const Object *domain = was.has("of_domain") && was.kind == Kind::constraint ? was_.parent_of(was) : nullptr;
        if (domain != nullptr && !is.has("not_valid") && is_contained(*domain, was_))
            also_.push_back(was_.index_of(*domain));
    }

    // As long as its table is a partition, an index is dropped with the one that it is attached to only.
    void take_above_along(const Object &was)
    {
        const Object *above = index_above(was, was_);
        const Object *table = above == nullptr ? nullptr : was_.parent_of(was);
        if (table != nullptr && fates_.comparison.is_of(*above) != nullptr &&
            !is_new(table->identity, fates_.comparison) && fates_.comparison.is_of(*table) != nullptr &&
            !leaves_with_table(was, fates_.comparison))
            also_.push_back(was_.index_of(*above));
    }

    void spread(const Task &task)
    {
        for (const Need &dependent : was_.dependents_of(task.object)) {
            const Object &object = was_[dependent.object];
            // What a table needs stays until its rows are moved.
            const Object *table = object.kind == Kind::column ? was_.parent_of(object) : &object;
            if (table != nullptr && fates_.comparison.aside[was_.index_of(*table)] &&
                fate_was(task.object) == Fate::replaced && rules(was_[task.object]).set_aside != nullptr)
                fates_.comparison.aside[task.object] = true;
            if (!task.kinds.contains(object.kind) || fate_was(dependent.object) == Fate::dropped ||
                fate_was(dependent.object) == Fate::replaced)
                continue;
            if (fate_was(dependent.object) == Fate::altered && fates_.alterations[dependent.object].rewrites &&
                fate_was(task.object) == Fate::dropped && !name_is_taken_again(was_[task.object]))
                continue;
            // What stays is first made not to depend on it.
            if (dependent.type == extension_need && fate_was(task.object) == Fate::dropped)
                continue;
            if (&was_[task.object] == index_above(object, was_) && leaves_with_table(object, fates_.comparison)) {
                if (const Object *is = fates_.comparison.is_of(object))
                    alter(dependent.object, *is);
                continue;
            }
            if (becomes_own(object, was_[task.object]))
                continue;
            const Need need{task.object, dependent.type};
            if (rules(object).needs != nullptr && !rules(object).needs(object, need, was_))
                continue;
            stand_on(dependent.object, task.object, dependent.type);
        }
    }

    // The constraints of a partition become its own when it is detached, and those of the new table when it is
    // attached.
    bool becomes_own(const Object &constraint, const Object &above) const
    {
        const Object *table = constraint.kind == Kind::constraint ? was_.parent_of(constraint) : nullptr;
        const auto parents = constraint.list("inherited_from");
        const Object *is = fates_.comparison.is_of(above);
        return table != nullptr && std::find(parents.begin(), parents.end(), above.identity) != parents.end() &&
               outlives_table(*table, fates_.comparison) && is != nullptr && !differs_beyond_decorations(above, *is) &&
               !goes_with_aside(above, fates_.comparison);
    }

    // Whether an object of another kind gets the name of what is dropped, or another function has it.
    bool name_is_taken_again(const Object &dropped) const
    {
        if (routines.contains(dropped.kind) && std::ranges::any_of(is_.objects(), [&](const Object &other) {
                return routines.contains(other.kind) && other.schema == dropped.schema && other.name == dropped.name;
            }))
            return true;
        constexpr Kind kinds[] = {Kind::enum_type, Kind::base_type,        Kind::composite_type, Kind::range_type,
                                  Kind::domain,    Kind::sequence,         Kind::table,          Kind::foreign_table,
                                  Kind::function,  Kind::procedure,        Kind::aggregate,      Kind::index,
                                  Kind::view,      Kind::materialized_view};
        return std::any_of(std::begin(kinds), std::end(kinds),
                           [&](Kind kind) { return is_.find(kind, dropped.identity) != nullptr; });
    }

    // What is set aside keeps what it stands on: a domain its domain, a table the types of its columns.
    bool set_aside_below()
    {
        bool any = false;
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            const Object *parent = was_[i].kind == Kind::column ? was_.parent_of(was_[i]) : nullptr;
            if (!fates_.comparison.aside[i] && (parent == nullptr || !fates_.comparison.aside[was_.index_of(*parent)]))
                continue;
            for (const Need &need : was_[i].needs) {
                const Object &on = was_[need.object];
                const bool goes = fate_was(need.object) == Fate::replaced ||
                                  (fate_was(need.object) == Fate::dropped && name_is_taken_again(on));
                if (!goes || fates_.comparison.aside[need.object] || info(on.kind).holds_data ||
                    rules(on).set_aside == nullptr)
                    continue;
                fates_.comparison.aside[need.object] = true;
                any = true;
            }
        }
        return any;
    }

    // A table whose type is made anew is an ordinary one meanwhile: its columns do not follow the type's attributes.
    void leave_type(const Object &table)
    {
        const Object *is = fates_.comparison.is_of(table);
        if (is == nullptr || fate_was(was_.index_of(table)) == Fate::replaced)
            return;
        alter(was_.index_of(table), *is);
        for (const Object *column : is_.parts_of(*is, Kind::column)) {
            const Object *was = fates_.comparison.was_of(*column);
            if (was == nullptr) {
                fate_is(*column) = Fate::made;
                fates_.emergences[is_.index_of(*column)].reset();
            } else if (differs_beyond_decorations(*was, *column)) {
                alter(was_.index_of(*was), *column);
            }
        }
    }

    // `dependent` stands on something that goes away.
    void stand_on(std::uint32_t dependent, std::uint32_t on, char type)
    {
        const Object &object = was_[dependent];
        const bool is_part = type == 'i' && object.parent == was_[on].identity;
        // A partition goes with its table, and comes back with it.
        const bool is_table = object.kind == Kind::table || object.kind == Kind::foreign_table;
        const Object *table = is_table && type == 'a' ? fates_.comparison.is_of(object) : nullptr;
        const bool is_partition = table != nullptr && table->has("partition_of") && object.has("partition_of") &&
                                  fate_was(on) == Fate::replaced;
        if (is_partition && !is_moved(object, fates_.comparison) && !fates_.comparison.is_made_again(object)) {
            alter(dependent, *table);
            return;
        }
        // A table leaves one that is made anew, and enters the new one.
        if (const Object *is = is_table ? fates_.comparison.is_of(object) : nullptr;
            is != nullptr && object.has("inherits") && is_below(object, was_[on].identity) &&
            !is_new(is->identity, fates_.comparison)) {
            alter(dependent, *is);
            return;
        }
        // What is altered above is altered here, too.
        const bool is_inherited = type == inherited_need && fate_was(on) == Fate::altered;
        if (!info(object.kind).holds_data || is_part || is_partition || (object.has("generated") && !is_inherited)) {
            replace(dependent);
            return;
        }
        const Object *parent = was_.parent_of(object);
        if (object.kind == Kind::column && parent != nullptr &&
            (parent->kind == Kind::view || parent->kind == Kind::materialized_view)) {
            replace(was_.index_of(*parent));
            return;
        }
        if (object.kind == Kind::table && object.text("of_type") == was_[on].identity)
            leave_type(object);
        if (object.kind == Kind::publication && was_[on].kind == Kind::table)
            if (const Object *is = fates_.comparison.is_of(object))
                alter(dependent, *is);
        if (object.kind != Kind::column || rules(was_[on]).set_aside == nullptr)
            return; // what holds data is altered by its own rules, or the server will say why it cannot be
        // Where nothing takes the place of a type, the columns get another one by their own difference.
        if (fate_was(on) == Fate::dropped && !name_is_taken_again(was_[on]))
            return;
        fates_.comparison.aside[on] = true;
        if (const Object *is = fates_.comparison.is_of(object))
            alter(dependent, *is);
    }

    Fates fates_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Task> todo_;
    std::vector<std::uint32_t> also_; // objects of `was` that others want to have made again
};

} // namespace

Fates decide(const Snapshot &was, const Snapshot &is, const Options &options)
{
    return Decision(was, is, options).run();
}

} // namespace pgmigrate::model
