// SPDX-License-Identifier: PostgreSQL
#include "model/renaming.hpp"

#include "core/error.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace pgmigrate::model
{

namespace
{

class Planner
{
  public:
    Planner(const std::vector<RenameRequest> &requests, const Snapshot &database, const Snapshot &model)
        : requests_(requests), database_(database), model_(model), indexes_(indexes_of(database)),
          model_indexes_(indexes_of(model))
    {
    }

    std::vector<Renaming> run() &&
    {
        for (const RenameRequest &each : requests_)
            require_own_name(each);
        for (const RenameRequest &each : requests_)
            if (each.column.empty())
                rename_relation(*each.relation, each.new_schema, each.new_name);
        for (const RenameRequest &each : requests_)
            if (!each.column.empty())
                rename_column(each);
        return std::move(renamings_);
    }

  private:
    static std::string old_path_of(const RenameRequest &request)
    {
        return request.column.empty() ? request.relation->identity
                                      : cat(request.relation->identity, ".", request.column);
    }
    static std::string new_path_of(const RenameRequest &request)
    {
        return cat(request.column.empty() ? request.new_schema : request.relation->identity, ".", request.new_name);
    }
    // Old and new names can be exchanged or passed on, but nothing can have two names, nor two things the same.
    void require_own_name(const RenameRequest &request) const
    {
        for (const RenameRequest &other : requests_)
            if (&other != &request && other.column.empty() == request.column.empty() &&
                (new_path_of(other) == new_path_of(request) || old_path_of(other) == old_path_of(request)))
                throw core::Error(core::sqlstate::invalid_parameter_value,
                                  cat("renames: ", as_asked(other), " and ", as_asked(request), " exclude each other"))
                    .hint("Name each old name and each new name once.");
    }
    static std::string as_asked(const RenameRequest &request)
    {
        if (!request.column.empty())
            return cat(request.column, ":", request.new_name);
        if (request.new_schema == request.relation->schema)
            return cat(request.relation->name, ":", request.new_name);
        return cat(old_path_of(request), ":", new_path_of(request));
    }

    std::string name_of(const Object &object) const
    {
        const auto given = names_.find(&object);
        return given == names_.end() ? object.name : given->second;
    }
    std::string schema_of(const Object &object) const
    {
        const auto given = schemas_.find(&object);
        return given == schemas_.end() ? object.schema : given->second;
    }
    std::string path_of(const Object &object) const { return cat(schema_of(object), ".", name_of(object)); }

    // Who has the name by now.
    const Object *holder_of(const std::string &path) const
    {
        if (const auto found = holders_.find(path); found != holders_.end())
            return found->second;
        const Object *relation = database_.find_relation(path);
        return relation != nullptr ? relation : database_.find(Kind::column, path);
    }

    void rename_relation(const Object &relation, const std::string &new_schema, const std::string &new_name)
    {
        if (new_schema != relation.schema && relation.has("owned_by"))
            throw core::Error(
                core::sqlstate::invalid_parameter_value,
                cat("renames: the sequence ", relation.identity, " is the column's ", relation.text("owned_by")))
                .hint("It goes to another schema with its table.");
        require_in_model(relation.kind, cat(new_schema, ".", new_name));
        give_relation(relation, new_schema, new_name);
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
            const std::string new_path = cat(path_of(relation), ".", name);
            Renaming renaming{Rename::name, each.address, {}, name_of(each), name, new_path, {}, {}};
            for (const Object *other : typed)
                renaming.also.push_back(other->address);
            renaming.way_up = cat(begin, renaming.from, " TO ", name, end);
            renaming.way_down = cat(begin, name, " TO ", renaming.from, end);
            now_is(each, cat(relation.identity, ".", renaming.from), cat(relation.identity, ".", name));
            names_[&each] = name;
            renamings_.push_back(std::move(renaming));
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
        if (was != nullptr && model != nullptr && schema_of(*was) == model->schema && name_of(*was) != model->name)
            give_relation(*was, model->schema, model->name);
    }
    static const Object *sequence_of(const Snapshot &snapshot, std::string_view column)
    {
        for (const Object &object : snapshot.objects())
            if (object.kind == Kind::sequence && object.text("owned_by") == column)
                return &object;
        return nullptr;
    }

    void give_relation(const Object &relation, const std::string &schema, const std::string &name)
    {
        const Object *other = holder_of(cat(schema, ".", name));
        if (other == &relation)
            return;
        if (other != nullptr)
            give_name(*other, free_name(schema, schema, name));
        if (schema != schema_of(relation))
            move(relation, schema, name);
        if (name != name_of(relation))
            give_name(relation, name);
    }

    void give_name(const Object &object, const std::string &name)
    {
        const std::string_view keyword = object.kind == Kind::constraint ? "INDEX" : info(object.kind).keyword;
        const std::string schema = schema_of(object);
        const std::string was = name_of(object);
        renamings_.push_back({Rename::name,
                              object.address,
                              {},
                              was,
                              name,
                              cat(schema, ".", name),
                              cat("ALTER ", keyword, " ", schema, ".", was, " RENAME TO ", name),
                              cat("ALTER ", keyword, " ", schema, ".", name, " RENAME TO ", was)});
        now_is(object, cat(schema, ".", was), cat(schema, ".", name));
        names_[&object] = name;
    }

    // With the name that it is to have, where that is free on the way.
    void move(const Object &relation, const std::string &schema, const std::string &name)
    {
        make_schema(schema);
        const std::string was = schema_of(relation);
        if (name != name_of(relation) && holder_of(cat(was, ".", name)) == nullptr)
            give_name(relation, name);
        std::vector<const Object *> all{&relation};
        for (const Object *column : database_.parts_of(relation, Kind::column))
            if (const Object *sequence = sequence_of(database_, column->identity))
                all.push_back(sequence);
        for (const Kind kind : {Kind::index, Kind::constraint})
            for (const Object *index : database_.parts_of(relation, kind))
                if (is_index(*index))
                    all.push_back(index);
        for (const Object *each : all)
            if (is_taken(cat(schema, ".", name_of(*each))))
                give_name(*each, free_name(was, schema, name_of(*each)));
        const std::string begin = cat("ALTER ", info(relation.kind).keyword, " ");
        renamings_.push_back({Rename::schema,
                              relation.address,
                              {},
                              was,
                              schema,
                              cat(schema, ".", name_of(relation)),
                              cat(begin, path_of(relation), " SET SCHEMA ", schema),
                              cat(begin, schema, ".", name_of(relation), " SET SCHEMA ", was)});
        for (const Object *each : all) {
            now_is(*each, path_of(*each), cat(schema, ".", name_of(*each)));
            schemas_[each] = schema;
        }
    }

    void make_schema(const std::string &name)
    {
        if (database_.find(Kind::schema, name) == nullptr && made_.insert(name).second)
            renamings_.push_back(
                {Rename::make_schema, {}, {}, "", name, name, cat("CREATE SCHEMA ", name), cat("DROP SCHEMA ", name)});
    }

    void now_is(const Object &object, const std::string &was, const std::string &is)
    {
        if (is_index(object)) {
            indexes_.erase(was);
            indexes_.insert(is);
        } else {
            holders_[was] = nullptr;
            holders_[is] = &object;
        }
    }

    static bool is_index(const Object &object)
    {
        return object.kind == Kind::index || (object.kind == Kind::constraint && object.has("index"));
    }
    static std::set<std::string> indexes_of(const Snapshot &snapshot)
    {
        std::set<std::string> paths;
        for (const Object &object : snapshot.objects())
            if (is_index(object))
                paths.insert(cat(object.schema, ".", object.name));
        return paths;
    }
    bool is_taken(const std::string &path) const { return holder_of(path) != nullptr || indexes_.contains(path); }

    // Free in both places.
    std::string free_name(const std::string &space, const std::string &new_space, const std::string &name) const
    {
        for (int number = 0;; ++number) {
            std::string free = with_suffix(name, number == 0 ? "_replaced" : cat("_replaced_", std::to_string(number)));
            const std::string path = cat(new_space, ".", free);
            if (!is_taken(cat(space, ".", free)) && !is_taken(path) && model_.find_relation(path) == nullptr &&
                model_.find(Kind::column, path) == nullptr && !model_indexes_.contains(path))
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
    std::set<std::string> indexes_; // by now
    const std::set<std::string> model_indexes_;
    std::set<std::string> made_;                    // schemas
    std::map<const Object *, std::string> names_;   // that have been given
    std::map<const Object *, std::string> schemas_; // that have been moved to
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
