// SPDX-License-Identifier: PostgreSQL
#include "model/renaming.hpp"

#include "core/error.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <map>

namespace pgmigrate::model
{

namespace
{

class Planner
{
  public:
    Planner(const std::vector<RenameRequest> &requests, const Snapshot &database, const Snapshot &model)
        : requests_(requests), database_(database), model_(model)
    {
    }

    std::vector<Renaming> run() &&
    {
        for (const RenameRequest &each : requests_)
            require_own_name(each);
        for (const RenameRequest &each : requests_)
            if (each.column.empty())
                rename_relation(*each.relation, each.new_name);
        for (const RenameRequest &each : requests_)
            if (!each.column.empty())
                rename_column(each);
        return std::move(renamings_);
    }

  private:
    static const std::string &space_of(const RenameRequest &request)
    {
        return request.column.empty() ? request.relation->schema : request.relation->identity;
    }
    static const std::string &old_name_of(const RenameRequest &request)
    {
        return request.column.empty() ? request.relation->name : request.column;
    }
    // Old and new names can be exchanged or passed on, but nothing can have two names, nor two things the same.
    void require_own_name(const RenameRequest &request) const
    {
        for (const RenameRequest &other : requests_)
            if (&other != &request && other.column.empty() == request.column.empty() &&
                space_of(other) == space_of(request) &&
                (other.new_name == request.new_name || old_name_of(other) == old_name_of(request)))
                throw core::Error(core::sqlstate::invalid_parameter_value,
                                  cat("renames: ", old_name_of(other), ":", other.new_name, " and ",
                                      old_name_of(request), ":", request.new_name, " exclude each other"))
                    .hint("Name each old name and each new name once.");
    }

    std::string name_of(const Object &object) const
    {
        const auto given = names_.find(&object);
        return given == names_.end() ? object.name : given->second;
    }
    std::string path_of(const Object &relation) const { return cat(relation.schema, ".", name_of(relation)); }

    // Who has the name by now.
    const Object *holder_of(const std::string &path) const
    {
        if (const auto found = holders_.find(path); found != holders_.end())
            return found->second;
        const Object *relation = database_.find_relation(path);
        return relation != nullptr ? relation : database_.find(Kind::column, path);
    }

    void rename_relation(const Object &relation, const std::string &new_name)
    {
        require_in_model(relation.kind, cat(relation.schema, ".", new_name));
        give_relation(relation, new_name);
        for (const Object *column : database_.parts_of(relation, Kind::column))
            if (!is_asked_for(*column))
                rename_sequence(*column, cat(path_of(relation), ".", column->name));
    }

    void rename_column(const RenameRequest &request)
    {
        const Object &relation = *request.relation;
        const Object *column = database_.find(Kind::column, cat(relation.identity, ".", request.column));
        const std::string path = cat(path_of(relation), ".", request.new_name);
        require_in_model(Kind::column, path);
        require_own(*column);
        const auto give = [&](const Object &each, const std::string &name) {
            const std::vector<const Object *> typed = columns_of_type(each);
            const bool attribute = relation.kind == Kind::composite_type;
            const std::string begin = cat("ALTER ", info(relation.kind).keyword, " ", path_of(relation),
                                          attribute ? " RENAME ATTRIBUTE " : " RENAME COLUMN ");
            const std::string_view end = typed.empty() ? "" : " CASCADE";
            Renaming renaming{each.address, {}, name_of(each), name, {}, {}};
            for (const Object *other : typed)
                renaming.also.push_back(other->address);
            renaming.way_up = cat(begin, renaming.from, " TO ", name, end);
            renaming.way_down = cat(begin, name, " TO ", renaming.from, end);
            keep(each, relation.identity, std::move(renaming));
        };
        if (const Object *other = holder_of(cat(relation.identity, ".", request.new_name));
            other != nullptr && other != column)
            give(*other, free_name(relation.identity, path_of(relation), request.new_name));
        give(*column, request.new_name);
        rename_sequence(*column, path);
    }

    // Those of the tables of a composite type that come from this attribute.
    std::vector<const Object *> columns_of_type(const Object &attribute) const
    {
        std::vector<const Object *> columns;
        for (const Object &table : database_.objects())
            if (table.kind == Kind::table && table.text("of_type") == attribute.parent)
                columns.push_back(database_.find(Kind::column, cat(table.identity, ".", attribute.name)));
        return columns;
    }

    // ALTER TABLE refuses to rename what comes from elsewhere.
    void require_own(const Object &column) const
    {
        std::string from(database_.parent_of(column)->text("of_type"));
        for (const Need &need : column.needs)
            if (need.type == inherited_need)
                from = database_[need.object].parent;
        if (!from.empty())
            throw core::Error(core::sqlstate::invalid_parameter_value,
                              cat("renames: ", column.identity, " comes from ", from))
                .hint(cat("Name the column there: ", from, ".", column.name, "."));
    }

    bool is_asked_for(const Object &column) const
    {
        return std::ranges::any_of(requests_, [&](const RenameRequest &each) {
            return each.column == column.name && each.relation->identity == column.parent;
        });
    }

    // `is`: the name of the column in the model.
    void rename_sequence(const Object &column, const std::string &is)
    {
        const Object *was = sequence_of(database_, column.identity);
        const Object *model = sequence_of(model_, is);
        if (was != nullptr && model != nullptr && was->schema == model->schema && name_of(*was) != model->name)
            give_relation(*was, model->name);
    }
    static const Object *sequence_of(const Snapshot &snapshot, std::string_view column)
    {
        for (const Object &object : snapshot.objects())
            if (object.kind == Kind::sequence && object.text("owned_by") == column)
                return &object;
        return nullptr;
    }

    void give_relation(const Object &relation, const std::string &name)
    {
        const auto give = [this](const Object &each, const std::string &given) {
            const std::string keyword = cat("ALTER ", info(each.kind).keyword, " ");
            Renaming renaming{each.address, {}, name_of(each), given, {}, {}};
            renaming.way_up = cat(keyword, path_of(each), " RENAME TO ", given);
            renaming.way_down = cat(keyword, each.schema, ".", given, " RENAME TO ", name_of(each));
            keep(each, each.schema, std::move(renaming));
        };
        const Object *other = holder_of(cat(relation.schema, ".", name));
        if (other == &relation)
            return;
        if (other != nullptr)
            give(*other, free_name(relation.schema, relation.schema, name));
        give(relation, name);
    }

    void keep(const Object &object, const std::string &space, Renaming renaming)
    {
        holders_[cat(space, ".", renaming.from)] = nullptr;
        holders_[cat(space, ".", renaming.to)] = &object;
        names_[&object] = renaming.to;
        renamings_.push_back(std::move(renaming));
    }

    // `model_space`: what the space is called in the model.
    std::string free_name(const std::string &space, const std::string &model_space, const std::string &name) const
    {
        for (int number = 0;; ++number) {
            std::string free = with_suffix(name, number == 0 ? "_replaced" : cat("_replaced_", std::to_string(number)));
            const std::string in_model = cat(model_space, ".", free);
            if (holder_of(cat(space, ".", free)) == nullptr && model_.find_relation(in_model) == nullptr &&
                model_.find(Kind::column, in_model) == nullptr)
                return free;
        }
    }

    // The comparison would drop what is renamed.
    void require_in_model(Kind kind, const std::string &path) const
    {
        if (model_.find(kind, path) != nullptr)
            return;
        if (const Object *other = kind == Kind::column ? nullptr : model_.find_relation(path))
            throw core::Error(
                core::sqlstate::invalid_parameter_value,
                cat("renames: ", path, " is a ", info(other->kind).name, " in the model, not a ", info(kind).name))
                .hint("What becomes a thing of another kind is dropped and made, and is no rename.");
        throw core::Error(core::sqlstate::invalid_parameter_value,
                          cat("renames: the model has no ", info(kind).name, " ", path))
            .hint("The name behind the colon is the one that the model has.");
    }

    const std::vector<RenameRequest> &requests_;
    const Snapshot &database_;
    const Snapshot &model_;
    std::map<const Object *, std::string> names_;   // that have been given
    std::map<std::string, const Object *> holders_; // of the names that have been given or given up
    std::vector<Renaming> renamings_;
};

} // namespace

std::vector<Renaming> renamings(const std::vector<RenameRequest> &requests, const Snapshot &database,
                                const Snapshot &model)
{
    return Planner(requests, database, model).run();
}

} // namespace pgmigrate::model
