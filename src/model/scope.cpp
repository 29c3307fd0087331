// SPDX-License-Identifier: PostgreSQL
#include "model/scope.hpp"

#include "model/column_order.hpp"
#include "model/composition.hpp"
#include "model/sides.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <optional>
#include <set>
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

// The relations outside of the scope that inherit from one inside that stays: what is done to that one is done to those
// by the server.
std::unordered_set<std::string> heirs_outside(const Snapshot &model, const Snapshot &database, const Scope &scope)
{
    std::unordered_set<std::string> heirs;
    const auto passes_on = [&](const Object &above) {
        return tables.contains(above.kind) &&
               (heirs.contains(above.identity) || (scope.contains(above) && stays(above, model)));
    };
    for (bool any = true; any;) {
        any = false;
        for (const Object &object : database.objects()) {
            if (!tables.contains(object.kind) || scope.contains(object) || heirs.contains(object.identity))
                continue;
            any |= std::ranges::any_of(object.needs, [&](const Need &need) {
                return passes_on(database[need.object]) && heirs.insert(object.identity).second;
            });
        }
    }
    return heirs;
}

class Confinement
{
  public:
    Confinement(Snapshot &model, Snapshot &database, const Scope &scope, Silence silence)
        : model_(model), database_(database), scope_(scope), heirs_(heirs_outside(model, database, scope))
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
        model->unknown.assign(notes.begin(), notes.end());
        if (completion_)
            model->unknown.insert(model->unknown.end(), completion_->notes().begin(), completion_->notes().end());
        std::ranges::sort(model->unknown);
        if (!heirs_.empty())
            database_ = database_without_heirs();
        model_ = std::move(*model);
        return conflicts;
    }

  private:
    static std::string named(const Object &object) { return cat(info(object.kind).name, " ", object.identity); }

    bool is_of_heir(const Object &object) const
    {
        return heirs_.contains(object.identity) || heirs_.contains(object.parent);
    }

    // A table whose partition key changes is made anew, and its rows are moved; partitions elsewhere would go with it.
    void add_conflicts_of_keys(std::set<std::string> &conflicts) const
    {
        for (const Object &object : database_.objects()) {
            const Object *above = tables.contains(object.kind) ? inherited_from(object) : nullptr;
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
        // A publication forgets what is dropped. Of columns that are inherited it is the table that says so.
        if (!scope_.contains(*gap.need) || gap.type == extension_need || gap.type == inherited_need ||
            gap.object->kind == Kind::publication)
            return true;
        // The server would drop it without a word.
        if (gap.type == 'a' && !info(gap.object->kind).holds_data && gap.object->kind != Kind::sequence)
            return !left_out_.insert(gap.object).second;
        conflicts.insert(cat(named(*gap.object), " depends on ", named(*gap.need)));
        return true;
    }

    // What stands on an heir, or its column, stands on what that inherits from.
    void stand_in_for_heirs(Composition &composition) const
    {
        if (heirs_.empty())
            return;
        for (const Object &object : database_.objects()) {
            if (!is_of_heir(object))
                continue;
            const Object *above = &object;
            while (above != nullptr && is_of_heir(*above))
                above = inherited_from(*above);
            if (above != nullptr)
                composition.stand_in(object, *above);
        }
    }

    // nullptr if it is not, or from what is not in the database.
    const Object *inherited_from(const Object &object) const
    {
        const auto found = std::ranges::find_if(object.needs, [&](const Need &need) {
            return object.kind == Kind::column
                       ? need.type == inherited_need
                       : tables.contains(object.kind) && tables.contains(database_[need.object].kind);
        });
        return found == object.needs.end() ? nullptr : &database_[found->object];
    }

    Composition composed_model() const
    {
        Composition composition(model_);
        stand_in_for_heirs(composition);
        for (const Object &object : model_.objects()) {
            if (!scope_.contains(object))
                continue;
            Object mine = object;
            if (completion_)
                completion_->change(mine);
            composition.take(std::move(mine), object, model_);
        }
        for (const Object &object : database_.objects()) {
            if (left_out_.contains(&object))
                continue;
            if (scope_.contains(object) ? completion_ && completion_->takes(object) : !is_of_heir(object))
                composition.take(as_of_database(object), object, database_);
        }
        return composition;
    }

    // See ColumnOrder.
    static Object as_of_database(Object object)
    {
        if (names_positions(object))
            object.attributes.set("of_database", "true");
        return object;
    }

    Snapshot database_without_heirs() const
    {
        Composition composition(database_);
        stand_in_for_heirs(composition);
        for (const Object &object : database_.objects())
            if (!is_of_heir(object))
                composition.take(object, database_);
        return composition.finish();
    }

    Snapshot &model_;
    Snapshot &database_;
    const Scope &scope_;
    std::unordered_set<std::string> heirs_;
    std::optional<Completion> completion_;
    std::unordered_set<const Object *> left_out_; // of the database
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
