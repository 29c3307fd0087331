// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string_view>

// Whether a file says of itself whose it is: none of these is a parser, they are good enough to tell the formats apart.
namespace pgmigrate::files
{

bool is_of_pg_migrate(std::string_view content);       // calls migrate_revision
bool is_of_dbmate(std::string_view content);           // a line `-- migrate:up`
bool is_of_goose(std::string_view content);            // a line `-- +goose Up`
bool is_of_node_pg_migrate(std::string_view content);  // a line `-- Up Migration` or `-- Down Migration`
bool is_without_transaction(std::string_view content); // begins with `-- no-transaction`: sqlx

} // namespace pgmigrate::files
