// SPDX-License-Identifier: PostgreSQL
#pragma once

// The queries that read the catalogue, one file for a kind or a few that belong together: schema_<kind>.cpp.
//
// Each returns a row per object, for whole sets of objects at once. Its parameter $1 (oid[]) are the schemas in scope,
// $2 (oid[]) the relations that have a column with privileges of its own, of all schemas.
// These columns make the object; all others are attributes, by their names:
//
//   kind         text  model::KindInfo.name
//   classid, objid     oid   its address in pg_depend
//   objsubid     int4
//   schema_name  text  quoted
//   object_name  text  quoted; or plain_name (name), which is not
//   identity     text  model::Object.identity
//   parent       text  model::Object.parent
//   position     int4  model::Object.position
//
// or, for what is a part of a relation, instead of schema_name, identity and parent:
//
//   relation     oid   a row of one that has not been read is passed over, so that such a query needs to know nothing
//                      of temporary relations and of those of extensions
//
// A default has the name of the column of its relation at its position, and none if that is generated.
//
// and for the attribute "type", whose text is made once for all columns of a type:
//
//   type_oid, type_collation  oid
//   type_modifier             int4
//
// Members of extensions are passed over. NULL, false and an empty array are an attribute that is absent; what is as the
// server has it by default is made NULL by the query. A text[] becomes a list; int2, int4, int8, oid, "char" and name
// become texts.
//
// Owners, privileges, comments and security labels are read by schema_decorations.cpp, for the objects of all kinds by
// their addresses: no query has them. (The address of a composite type is that of its relation in pg_class.)
//
// Columns whose names begin with _ are for whoever runs the query (SchemaObjects does not look at them).
//
// What is rare is a scalar subquery in a CASE rather than a join, or comes by a later row for the same object, which
// adds to its attributes and needs only its address: so it costs little where it is not.
//
// They run with search_path = pg_catalog, so that what the server deparses is qualified, and that nothing planted is
// found.

#include "model/object.hpp"
#include "pg/spi.hpp"

#include <span>

namespace pgmigrate::pg
{

struct SchemaQuery {
    Query query;
    bool database_wide; // what is in no schema
};

std::span<SchemaQuery> privilege_queries(); // on what is nobody's: schema_privileges.cpp
std::span<SchemaQuery> database_queries();  // extensions, default privileges: schema_database.cpp
std::span<SchemaQuery> schema_queries();    // schemas: schema_namespaces.cpp
std::span<SchemaQuery> sequence_queries();  // schema_sequences.cpp
std::span<SchemaQuery> relation_queries();  // tables: schema_relations.cpp
std::span<SchemaQuery> column_queries();    // their defaults: schema_columns.cpp
std::span<SchemaQuery> type_queries();      // schema_types.cpp
std::span<SchemaQuery> collation_queries();
std::span<SchemaQuery> routine_queries();  // schema_routines.cpp
std::span<SchemaQuery> operator_queries(); // and their families and classes: schema_operators.cpp
std::span<SchemaQuery> text_search_queries();
std::span<SchemaQuery> subscription_queries();
std::span<SchemaQuery> view_queries(); // schema_views.cpp
std::span<SchemaQuery> statistics_queries();
std::span<SchemaQuery> trigger_queries();
std::span<SchemaQuery> policy_queries();
std::span<SchemaQuery> rule_queries();

// What the privileges of that address are on.
model::Address privileged_object(const model::Address &privileges);

} // namespace pgmigrate::pg
