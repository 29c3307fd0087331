// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a model does not say.

#include "model/scope.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// An ORM writes tables, not views, functions or grants: of each kind that the model has not a single object of, those
// of the database are taken over, and with them owners and, if the model has none, privileges. So is what it says of no
// table and of no part of one: comments, row security, storage parameters, ….
//
// The snapshots have to outlive it.
class Completion
{
  public:
    Completion(const Snapshot &model, const Snapshot &database, const Scope &scope);

    // Gives an object of the model what the database says of it.
    void change(Object &mine) const;
    // Whether an object of the database is one of the model.
    bool takes(const Object &theirs) const;
    // Which kinds are taken over.
    const std::vector<std::string> &notes() const { return notes_; }

  private:
    void keep_what_is_rarely_said(const Scope &scope);

    const Snapshot &model_;
    const Snapshot &database_;
    Kinds taken_;
    std::vector<std::string_view> unsaid_; // attributes
    bool with_grants_ = false;
    std::vector<std::string> notes_;
};

// For a text that names no owner: owners are not compared. A note says so if they differ.
void keep_owners(Snapshot &model, const Snapshot &database);

// For a text that names neither owners nor rights (what pg_dump prints of a database in which nothing was granted names
// the owners): rights are not compared, and what is made has those that the default privileges of the database give. A
// note says so if they differ. Behind keep_owners().
void keep_rights(Snapshot &model, const Snapshot &database);

// The versions of extensions are those of the database, but of the extensions that the model `names` (quoted): a
// pg_dump names none. A note says which differ.
void keep_versions(Snapshot &model, const Snapshot &database, const std::vector<std::string> &names);

// No pg_dump prints privileges on the language sql: those of the database stay where the model has none.
void keep_privileges_on_sql(Snapshot &model, const Snapshot &database);

// What names the schema `as` names the schema `name`: a model in a schema of its own refers to what extensions have put
// into the schema that it is compared with, which was called otherwise while the model was read.
void name_schema(Snapshot &model, std::string_view as, std::string_view name);

// Adds the schema of that name, if the model lacks it and the database has it.
void keep_schema(Snapshot &model, const Snapshot &database, std::string_view name);

// Adds the shells of operators that nothing names, see unnamed_shells(), where the model has what they need.
void keep_unnamed_shells(Snapshot &model, const Snapshot &database);

} // namespace pgmigrate::model
