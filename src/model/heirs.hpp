// SPDX-License-Identifier: PostgreSQL
#pragma once

// Relations outside of a scope that inherit from one inside: what is done to that one is done to those by the server,
// and nothing else.

#include "model/scope.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace pgmigrate::model
{

class Heirs
{
  public:
    // All have to outlive it.
    Heirs(const Snapshot &model, const Snapshot &database, const Scope &scope);

    bool empty() const { return tables_.empty(); }
    // Whether an object of the database is one of the relations, or a part of one.
    bool contains(const Object &object) const;
    // Whether it is one that the server keeps like that of a table above: an inherited constraint, an attached index, a
    // trigger of a partitioned table.
    bool is_copy(const Object &object) const;
    // What such a copy, or a column, has been made from: of the scope, or nullptr.
    const Object *original(const Object &object) const;

    // Whether a table of the scope has partitions among them.
    bool are_partitions_of(std::string_view table) const;

    // How the server leaves what is no copy where the tables of the scope become those of the model; nullopt if it goes
    // with something of those.
    std::optional<Object> result(const Object &object) const;

    // What comes with something of the model.
    struct Addition {
        Object object;
        const Object *origin = nullptr; // of the model
        Reference whole;                // that it is a part of
    };
    std::vector<Addition> additions() const;

  private:
    void collect();
    std::vector<const Object *> above(const Object &table) const;
    std::optional<Object> result_of_column(const Object &column) const;
    // Of a column of the database that is above one of an heir.
    std::optional<Object> column_after(const Object &column) const;
    void add_column(const Object &origin, const Object &table, std::vector<Addition> &own) const;
    void add_to(const Object &table, std::map<std::string, std::vector<Addition>> &of_tables) const;

    const Snapshot &model_;
    const Snapshot &database_;
    const Scope &scope_;
    std::vector<const Object *> tables_;
    std::unordered_set<std::string> names_;
};

} // namespace pgmigrate::model
