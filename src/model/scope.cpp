// SPDX-License-Identifier: PostgreSQL
#include "model/scope.hpp"

#include "model/column_order.hpp"
#include "model/composition.hpp"
#include "model/heirs.hpp"
#include "model/sides.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

constexpr Kinds tables{Kind::table, Kind::foreign_table};

// Whether partitions stay where they are.
bool stays(const Object &table, const Snapshot &model)
{
    const Object *is = model.find(table.kind, table.identity);
    return is != nullptr && is->attributes.same(table.attributes, "partition_key");
}

// What a publication says of a table or schema begins with its name.
void forget(Object &publication, const std::set<std::string> &names)
{
    for (const std::string_view attribute : {"tables", "schemas"}) {
        std::vector<std::string> kept;
        for (const std::string &each : publication.list(attribute))
            if (std::ranges::none_of(names, [&](const std::string &name) {
                    return each == name || each.starts_with(name + " (") || each.starts_with(name + " WHERE (");
                }))
                kept.push_back(each);
        publication.attributes.erase(attribute);
        if (!kept.empty())
            publication.attributes.set_list(attribute, std::move(kept));
    }
    publication.attributes.set("outside", "true");
}

class Confinement
{
  public:
    Confinement(Snapshot &model, Snapshot &database, const Scope &scope, Silence silence)
        : model_(model), database_(database), scope_(scope), heirs_(model, database, scope)
    {
        if (silence == Silence::any)
            completion_.emplace(model, database, scope);
    }

    // The conflicts.
    std::set<std::string> run() &&
    {
        model_.unknown.clear();
        database_.unknown.clear();
        std::set<std::string> conflicts;
        std::set<std::string> notes;
        std::optional<Snapshot> model;
        for (bool settled = false; !settled;) {
            conflicts.clear();
            notes.clear();
            Composition composition = composed_model();
            model = composition.finish();
            settled = true;
            for (const Composition::Gap &gap : composition.gaps())
                settled &= close(gap, conflicts, notes);
        }
        add_conflicts_of_keys(conflicts);
        note_indexes(notes);
        model->unknown.assign(notes.begin(), notes.end());
        if (completion_)
            model->unknown.insert(model->unknown.end(), completion_->notes().begin(), completion_->notes().end());
        std::ranges::sort(model->unknown);
        if (!heirs_.empty())
            database_ = database_without_copies();
        model_ = std::move(*model);
        return conflicts;
    }

  private:
    static std::string named(const Object &object) { return cat(info(object.kind).name, " ", object.identity); }

    // A table whose partition key changes is made anew, and its rows are moved; partitions elsewhere would go with it.
    void add_conflicts_of_keys(std::set<std::string> &conflicts) const
    {
        for (const Object &object : database_.objects()) {
            const Object *above = tables.contains(object.kind) ? inherits_from(object) : nullptr;
            if (above != nullptr && !scope_.contains(object) && scope_.contains(*above) && !stays(*above, model_) &&
                model_.find(above->kind, above->identity) != nullptr)
                conflicts.insert(cat(named(object), " depends on the partition key of ", named(*above)));
        }
    }

    // False if the model has to be composed anew.
    bool close(const Composition::Gap &gap, std::set<std::string> &conflicts, std::set<std::string> &notes)
    {
        if (gap.from == &model_) {
            if (database_.find(gap.need->kind, gap.need->identity) == nullptr)
                notes.insert(cat(named(*gap.need), ": the database lacks it, and ", named(*gap.object), " needs it"));
            return true;
        }
        // Of columns that are inherited it is the table that says so.
        const bool is_theirs = !scope_.contains(*gap.need) && !heirs_.contains(*gap.need);
        if (is_theirs || gap.type == extension_need || gap.type == inherited_need)
            return true;
        if (gap.object->kind == Kind::publication && gap.need->kind != Kind::column)
            return !forgotten_[gap.object].insert(gap.need->identity).second;
        if (gap.object->kind == Kind::publication && model_.find_relation(gap.need->parent) == nullptr)
            return true; // which goes with its table
        // The server would drop it without a word.
        if (gap.type == 'a' && !info(gap.object->kind).holds_data && gap.object->kind != Kind::sequence)
            return !left_out_.insert(gap.object).second;
        const Object *lacking = heirs_.contains(*gap.need) ? heirs_.original(*gap.need) : gap.need;
        conflicts.insert(cat(named(*gap.object), " depends on ", named(lacking == nullptr ? *gap.need : *lacking)));
        return true;
    }

    void stand_in_for_copies(Composition &composition) const
    {
        if (heirs_.empty())
            return;
        for (const Object &object : database_.objects())
            if (heirs_.is_copy(object))
                if (const Object *original = heirs_.original(object))
                    composition.stand_in(object, *original);
    }

    // nullptr if it does not, or from what is not in the database.
    const Object *inherits_from(const Object &table) const
    {
        const auto found = std::ranges::find_if(
            table.needs, [&](const Need &need) { return tables.contains(database_[need.object].kind); });
        return found == table.needs.end() ? nullptr : &database_[found->object];
    }

    Composition composed_model() const
    {
        Composition composition(model_);
        stand_in_for_copies(composition);
        for (const Object &object : model_.objects()) {
            if (!scope_.contains(object))
                continue;
            Object mine = object;
            if (completion_)
                completion_->change(mine);
            mark_index(mine, model_);
            composition.take(std::move(mine), object, model_);
        }
        for (const Object &object : database_.objects()) {
            if (left_out_.contains(&object))
                continue;
            if (scope_.contains(object) ? !completion_ || !completion_->takes(object) : heirs_.is_copy(object))
                continue;
            if (std::optional<Object> result = heirs_.contains(object) ? heirs_.result(object) : object)
                composition.take(as_of_database(*std::move(result), object), object, database_);
        }
        for (Heirs::Addition &each : heirs_.additions())
            composition.take_for(std::move(each.object), each.whole, *each.origin, model_);
        return composition;
    }

    // Where all partitions of a table are outside, the server makes their indexes with that of the table.
    void mark_index(Object &index, const Snapshot &snapshot) const
    {
        if (index.has("partitioned") && scope_.contains(index) && heirs_.are_partitions_of(index.parent) &&
            !has_partitions_inside(index.parent, snapshot))
            index.attributes.set("reaches_outside", "true");
    }

    bool has_partitions_inside(std::string_view table, const Snapshot &snapshot) const
    {
        return std::ranges::any_of(snapshot.objects(), [&](const Object &each) {
            return tables.contains(each.kind) && scope_.contains(each) && each.text("partition_of") == table;
        });
    }

    // Otherwise those of partitions inside are made by themselves, and those outside get none.
    void note_indexes(std::set<std::string> &notes) const
    {
        for (const Object &index : model_.objects()) {
            if (!index.has("partitioned") || !scope_.contains(index) || !heirs_.are_partitions_of(index.parent) ||
                !has_partitions_inside(index.parent, model_))
                continue;
            const Object *before = database_.find(index.kind, index.identity);
            if (before == nullptr || !before->attributes.same(index.attributes, "definition"))
                notes.insert(cat(named(index), ": partitions of ", index.parent,
                                 " outside of what is compared do not get it, and it is not valid without"));
        }
    }

    Object as_of_database(Object object, const Object &origin) const
    {
        if (names_positions(object)) // see ColumnOrder
            object.attributes.set("of_database", "true");
        if (const auto forgotten = forgotten_.find(&origin); forgotten != forgotten_.end())
            forget(object, forgotten->second);
        return object;
    }

    Snapshot database_without_copies() const
    {
        Composition composition(database_);
        stand_in_for_copies(composition);
        for (const Object &object : database_.objects())
            if (!heirs_.is_copy(object)) {
                Object same = object;
                mark_index(same, database_);
                composition.take(std::move(same), object, database_);
            }
        return composition.finish();
    }

    Snapshot &model_;
    Snapshot &database_;
    const Scope &scope_;
    const Heirs heirs_;
    std::optional<Completion> completion_;
    std::unordered_set<const Object *> left_out_;                         // of the database
    std::unordered_map<const Object *, std::set<std::string>> forgotten_; // by publications, which lose what is dropped
};

} // namespace

bool Scope::contains(const Object &object) const
{
    const std::string &schema = object.kind == Kind::schema ? object.identity : object.schema;
    return std::ranges::find(schemas, schema) != schemas.end();
}

std::vector<std::string> confine(Snapshot &model, Snapshot &database, const Scope &scope, Silence silence)
{
    const std::set<std::string> conflicts = Confinement(model, database, scope, silence).run();
    return {conflicts.begin(), conflicts.end()};
}

} // namespace pgmigrate::model
