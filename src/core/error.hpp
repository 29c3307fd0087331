// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace pgmigrate::core
{

// The SQLSTATEs of pg_migrate's own errors; docs/errors.md says of each when it is raised and what to do.
// Five characters each. Class MG is ours; the others are PostgreSQL's (src/backend/utils/errcodes.txt).
namespace sqlstate
{
inline constexpr std::string_view revision_not_found = "MG001";
inline constexpr std::string_view multiple_heads = "MG002";
inline constexpr std::string_view ambiguous_target = "MG003";
inline constexpr std::string_view invalid_target = "MG004";
inline constexpr std::string_view invalid_graph = "MG005";
inline constexpr std::string_view missing_revision = "MG006";
inline constexpr std::string_view revision_applied = "MG007";
inline constexpr std::string_view invalid_revision = "MG008";
inline constexpr std::string_view not_a_head = "MG009";
inline constexpr std::string_view no_down_script = "MG010";
inline constexpr std::string_view forbidden_statement = "MG011";
inline constexpr std::string_view running_already = "MG012";
inline constexpr std::string_view catalogue_damaged = "MG013";
inline constexpr std::string_view not_on_heads = "MG014";
inline constexpr std::string_view revision_referenced = "MG015";
inline constexpr std::string_view step_out_of_order = "MG016";
inline constexpr std::string_view unknown_format = "MG017";
inline constexpr std::string_view invalid_file = "MG018";
inline constexpr std::string_view worker_died = "MG019";
inline constexpr std::string_view unfinished_revision = "MG020";
inline constexpr std::string_view changed_since_begun = "MG021";
inline constexpr std::string_view statement_in_doubt = "MG022";
inline constexpr std::string_view unknown_run = "MG023";
inline constexpr std::string_view cyclic_dependency = "MG024";
inline constexpr std::string_view no_snapshot = "MG025";
inline constexpr std::string_view feature_not_supported = "0A000";
inline constexpr std::string_view dependent_objects = "2BP01";
inline constexpr std::string_view active_sql_transaction = "25001";
inline constexpr std::string_view read_only_sql_transaction = "25006";
inline constexpr std::string_view serialization_failure = "40001";
inline constexpr std::string_view duplicate_object = "42710";
inline constexpr std::string_view insufficient_privilege = "42501";
inline constexpr std::string_view invalid_parameter_value = "22023";
inline constexpr std::string_view null_value_not_allowed = "22004";
inline constexpr std::string_view invalid_schema_name = "3F000";
inline constexpr std::string_view configuration_limit_exceeded = "53400";
inline constexpr std::string_view lock_not_available = "55P03";
inline constexpr std::string_view query_canceled = "57014";
inline constexpr std::string_view object_in_use = "55006";
inline constexpr std::string_view internal_error = "XX000";
} // namespace sqlstate

// The only exception that the layers without a server throw. What it carries is what ereport() takes;
// src/pg/boundary.cpp turns one into the other.
class Error : public std::exception
{
  public:
    Error(std::string_view sqlstate, std::string message) : sqlstate_(sqlstate), message_(std::move(message)) {}

    Error &&detail(std::string text) &&
    {
        detail_ = std::move(text);
        return std::move(*this);
    }
    Error &&hint(std::string text) &&
    {
        hint_ = std::move(text);
        return std::move(*this);
    }
    // Marks the error as caused by a row of the version table that names `revision`: the caller, who can read that
    // table, adds who applied it and when.
    Error &&unknown_row(std::string revision) &&
    {
        unknown_row_ = std::move(revision);
        return std::move(*this);
    }

    void set_detail(std::string text) { detail_ = std::move(text); }
    void set_hint(std::string text) { hint_ = std::move(text); }
    // Where it comes from, for an error that another process has raised.
    void set_context(std::string text) { context_ = std::move(text); }

    const char *what() const noexcept override { return message_.c_str(); }
    const std::string &sqlstate() const noexcept { return sqlstate_; }
    const std::string &message() const noexcept { return message_; }
    const std::string &detail() const noexcept { return detail_; }
    const std::string &hint() const noexcept { return hint_; }
    const std::string &context() const noexcept { return context_; }
    const std::string &unknown_row() const noexcept { return unknown_row_; }

  private:
    std::string sqlstate_;
    std::string message_;
    std::string detail_;
    std::string hint_;
    std::string context_;
    std::string unknown_row_;
};

} // namespace pgmigrate::core
