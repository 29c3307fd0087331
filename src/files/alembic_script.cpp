// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_script.hpp"

#include "files/text.hpp"

#include <utility>

namespace pgmigrate::files
{

namespace
{

constexpr const char *no_transaction_mark = "-- pg_migrate: no-transaction\n";
constexpr const char *commit_mark = "-- pg_migrate: commit\n";

// Alembic puts a semicolon behind a text that has its own.
std::string_view without_semicolons(std::string_view gap)
{
    while (gap.starts_with(';'))
        gap = trimmed(gap.substr(1));
    return gap;
}

} // namespace

void AlembicScript::add(const PrintedStatement &statement, bool in_transaction)
{
    const std::string_view gap = gap_before(statement);
    std::string piece = gap.empty() ? "" : std::string(gap) + "\n";
    piece += mark(statement, in_transaction);
    append(piece + std::string(whole(statement)) + ";");
}

std::string AlembicScript::finish()
{
    return std::exchange(script_, {});
}

std::string_view AlembicScript::gap_before(const PrintedStatement &statement)
{
    const std::string_view gap = without_semicolons(trimmed(sql_.substr(read_, statement.offset - read_)));
    read_ = statement.end;
    return gap;
}

// With the comments that stand before the semicolon; a new line behind one of these is needed.
std::string_view AlembicScript::whole(const PrintedStatement &statement) const
{
    const std::string_view text = sql_.substr(statement.offset, statement.end - statement.offset);
    const bool has_comment = text.ends_with(';') && text.size() > statement.length &&
                             !trimmed(text.substr(statement.length, text.size() - 1 - statement.length)).empty();
    return text.substr(0, has_comment ? text.size() - 1 : statement.length);
}

void AlembicScript::append(std::string_view piece)
{
    if (!piece.empty())
        script_ += (script_.empty() ? "" : "\n\n") + std::string(piece);
}

// A statement of an autocommit_block() is committed by itself. Most that stand there need that, and are recognised when
// they are registered.
const char *AlembicScript::mark(const PrintedStatement &statement, bool in_transaction)
{
    if (statement.stands_alone || (!in_transaction && statement.decides_itself)) {
        has_work_ = was_by_itself_ = false;
        return statement.stands_alone ? "" : no_transaction_mark;
    }
    const bool by_itself = !in_transaction && !statement.changes_session;
    const bool commits_before = has_work_ && (by_itself || was_by_itself_);
    was_by_itself_ = by_itself;
    has_work_ = true;
    return commits_before ? commit_mark : "";
}

} // namespace pgmigrate::files
