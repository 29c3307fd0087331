// SPDX-License-Identifier: PostgreSQL
#pragma once

// A model as DDL text (a schema.sql, the output of pg_dump --schema-only), read by the server's own grammar. Nothing of
// it is run here.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

enum class ModelAction : std::uint32_t {
    run,
    set_role,   // SET ROLE, SET SESSION AUTHORIZATION
    reset_role, // and back
    discard_all,
    create_public // CREATE SCHEMA public, which pg_dump --schema=public writes
};

struct ModelStatement {
    std::uint64_t offset = 0; // in bytes
    std::uint64_t length = 0;
    ModelAction action = ModelAction::run;
    std::string role{}; // that is set
};

struct ModelText {
    std::string text; // as it was written, but for what belongs to psql, which is blanked, and a byte order mark
    std::vector<ModelStatement> statements;
    bool names_owners = false;                       // any statement of it says who owns something
    bool names_rights = false;                       // … who may do what with it
    std::vector<std::string> versioned_extensions{}; // those whose version it says
};

// Splits it into its statements. Lines that pg_dump writes for psql (\restrict, \unrestrict) are blanked; what sets the
// encoding of the client is left out, since the text has that of the database.
//
// Passed over, with a NOTICE: the rows of COPY FROM STDIN, and what is said of roles, databases, tablespaces and of the
// server's configuration.
//
// Throws core::Error forbidden_statement for what else would leave a trace outside of the database that the text is run
// in: on files, on other servers, on other sessions. Syntax errors and the commands of
// psql: the server's error or 42601, with line and column in the DETAIL. Needs a transaction.
ModelText read_model(std::string text);

// "Line 3, column 7 of the model: CREATE TABLE ..."; of a statement as a whole, and of a place in it.
std::string describe_statement_of_model(std::string_view text, const ModelStatement &statement);
std::string describe_place_of_model(std::string_view text, std::size_t offset);

// To an error that a statement of the model has raised when it ran: its place as DETAIL, behind what the server says
// there; by the position in the error, which run_alone() has made one in `statement`, or else where that begins.
void add_place(PgError &error, const std::string &text, const ModelStatement &statement);

} // namespace pgmigrate::pg
