// SPDX-License-Identifier: PostgreSQL
#pragma once

// What has another name in the model than in the database, as a user says it.

#include "model/snapshot.hpp"

#include <string>
#include <vector>

namespace pgmigrate::model
{

// A relation of the database, or one of its columns.
struct RenameRequest {
    const Object *relation;
    std::string column;     // empty for the relation itself
    std::string new_schema; // of the relation; where it stays, its own
    std::string new_name;
};

enum class Rename {
    name,
    schema,      // what the relation owns goes with it, as ALTER ... SET SCHEMA has it
    make_schema, // that the database does not have yet
};

// One object that gets another name, or goes to another schema.
struct Renaming {
    Rename what;
    Address address;           // of the relation, the column, or the constraint of an index
    std::vector<Address> also; // of the columns that are renamed with it: those of tables of the type
    std::string from;          // the name, or the schema
    std::string to;
    std::string path;     // with the new name or schema
    std::string way_up;   // the statement, where everything before it in the list has its new name
    std::string way_down; // the statement that undoes it, in the reverse order
};

// Relations before columns. The sequences of renamed columns, and of columns of renamed relations, get the names that
// they have in the model: by name they would be taken for others, and hand out numbers that are in use. What has a name
// in the database that another one gets has `<name>_replaced` from then on, and so has an index that comes to a schema
// where its name is taken; it is for the comparison to find out what becomes of it. A name can be used again by the
// model for something else.
//
// Throws core::Error invalid_parameter_value for a name that the model does not have, or has for another kind of
// object: the comparison would drop what is renamed. The same for a column that is inherited, or comes from the type of
// its table, and is renamed there, and for the sequence of a column that is to go to another schema without its table.
std::vector<Renaming> renamings(const std::vector<RenameRequest> &requests, const Snapshot &database,
                                const Snapshot &model);

} // namespace pgmigrate::model
