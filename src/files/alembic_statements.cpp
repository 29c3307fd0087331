// SPDX-License-Identifier: PostgreSQL
#include "files/alembic_statements.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace pgmigrate::files
{

namespace
{

class StatementReader
{
  public:
    StatementReader(const std::string &text, const std::string &name, AlembicText &printed, PrintedSqlReader &reader,
                    core::InterruptCheck &interrupts)
        : text_(text), name_(name), printed_(printed), reader_(reader), interrupts_(interrupts)
    {
    }

    AlembicStatements read_all()
    {
        AlembicStatements statements{reader_.statements(printed_.sql, name_), std::nullopt};
        // Within BEGIN ATOMIC ... END only the grammar knows that the statement goes on.
        if (restore_lines_within(statements.all))
            statements.all = reader_.statements(printed_.sql, name_);
        return statements;
    }

    AlembicStatements read_by_parts(const core::Error &error)
    {
        AlembicStatements statements{{}, error};
        if (printed_.markers.empty() || !add(0, printed_.markers.front().offset, statements.all))
            throw error;
        bool any = false;
        for (std::size_t index = 0; index < printed_.markers.size(); ++index) {
            interrupts_.check();
            const std::size_t start = printed_.markers[index].end;
            const std::size_t end =
                index + 1 < printed_.markers.size() ? printed_.markers[index + 1].offset : printed_.sql.size();
            if (add(start, end, statements.all))
                continue;
            any = true;
            add_one_by_one(start, end, statements.all);
        }
        if (!any)
            throw error;
        return statements;
    }

  private:
    bool restore_lines_within(const std::vector<PrintedStatement> &statements)
    {
        return std::erase_if(printed_.blanked, [&](const TextRange &range) {
                   const bool within = is_within_statement(statements, range.offset, range.end);
                   if (within)
                       printed_.sql.replace(range.offset, range.end - range.offset, text_, range.offset,
                                            range.end - range.offset);
                   return within;
               }) > 0;
    }

    // False, and nothing added, where this is no SQL.
    bool add(std::size_t start, std::size_t end, std::vector<PrintedStatement> &statements)
    {
        std::vector<PrintedStatement> found;
        try {
            found = reader_.statements(printed_.sql.substr(start, end - start), name_);
        } catch (const core::Error &error) {
            if (error.sqlstate() != core::sqlstate::invalid_file)
                throw;
            return false;
        }
        for (PrintedStatement &statement : found) {
            statement.offset += start;
            statement.end += start;
            statements.push_back(std::move(statement));
        }
        return true;
    }

    void add_one_by_one(std::size_t start, std::size_t end, std::vector<PrintedStatement> &statements)
    {
        const std::vector<std::size_t> &ends = printed_.statement_ends;
        auto next = std::upper_bound(ends.begin(), ends.end(), start);
        while (start < end) {
            interrupts_.check();
            const std::size_t behind = next != ends.end() && *next < end ? *next++ : end;
            if (!add(start, behind, statements))
                statements.push_back(broken(start, behind));
            start = behind;
        }
    }

    PrintedStatement broken(std::size_t start, std::size_t end) const
    {
        const std::string_view whole = std::string_view(printed_.sql).substr(start, end - start);
        std::string_view text = trimmed(whole);
        PrintedStatement statement;
        statement.is_broken = true;
        statement.offset = start + static_cast<std::size_t>(text.data() - whole.data());
        statement.end = end;
        while (text.ends_with(';'))
            text = trimmed(text.substr(0, text.size() - 1));
        statement.length = text.size();
        return statement;
    }

    const std::string &text_;
    const std::string &name_;
    AlembicText &printed_;
    PrintedSqlReader &reader_;
    core::InterruptCheck &interrupts_;
};

} // namespace

AlembicStatements read_alembic_statements(const std::string &text, const std::string &name, PrintedDirection direction,
                                          AlembicText &printed, PrintedSqlReader &reader,
                                          core::InterruptCheck &interrupts)
{
    StatementReader statements(text, name, printed, reader, interrupts);
    if (direction == PrintedDirection::upgrade)
        return statements.read_all();
    try {
        return statements.read_all();
    } catch (const core::Error &error) {
        if (error.sqlstate() != core::sqlstate::invalid_file)
            throw;
        return statements.read_by_parts(error);
    }
}

bool is_within_statement(const std::vector<PrintedStatement> &statements, std::size_t start, std::size_t end)
{
    const auto next = std::upper_bound(
        statements.begin(), statements.end(), end,
        [](std::size_t wanted, const PrintedStatement &statement) { return wanted <= statement.offset; });
    return next != statements.begin() && std::prev(next)->offset + std::prev(next)->length > start;
}

} // namespace pgmigrate::files
