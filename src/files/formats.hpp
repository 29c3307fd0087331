// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

// The two functions of each format (see Format), for the table in format.cpp.
namespace pgmigrate::files
{

std::optional<std::string> pg_migrate_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_pg_migrate(std::span<const File> files, SqlReader &reader);

std::optional<std::string> diesel_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_diesel(std::span<const File> files, SqlReader &reader);

std::optional<std::string> golang_migrate_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_golang_migrate(std::span<const File> files, SqlReader &reader);

std::optional<std::string> sqlx_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_sqlx(std::span<const File> files, SqlReader &reader);

std::optional<std::string> dbmate_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_dbmate(std::span<const File> files, SqlReader &reader);

std::optional<std::string> goose_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_goose(std::span<const File> files, SqlReader &reader);

std::optional<std::string> flyway_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_flyway(std::span<const File> files, SqlReader &reader);

std::optional<std::string> node_pg_migrate_mismatch(std::span<const File> files);
std::vector<SourceRevision> load_node_pg_migrate(std::span<const File> files, SqlReader &reader);

} // namespace pgmigrate::files
