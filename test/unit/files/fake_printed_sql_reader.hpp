// SPDX-License-Identifier: PostgreSQL
#pragma once

// Tells the statements of Alembic's output apart as far as the tests of the layer without a server need it.

#include "core/error.hpp"
#include "files/alembic.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pgmigrate::files
{

class FakePrintedSqlReader final : public PrintedSqlReader
{
  public:
    std::vector<PrintedStatement> statements(const std::string &text, const std::string &name) override
    {
        text_ = text;
        std::vector<PrintedStatement> found;
        for (std::size_t place = skip_blanks(0); place < text_.size(); place = skip_blanks(place)) {
            if (text_[place] == ';') {
                ++place;
                continue;
            }
            const std::size_t end = statement_end(place);
            if (end == std::string::npos)
                throw core::Error(core::sqlstate::invalid_file, name + ": unterminated");
            if (at(place, "BROKEN"))
                throw core::Error(core::sqlstate::invalid_file, name + ": broken");
            found.push_back(describe(place, end));
            place = found.back().end;
        }
        return found;
    }

  private:
    bool at(std::size_t place, std::string_view what) const
    {
        return std::string_view(text_).substr(place).starts_with(what);
    }

    std::size_t skip_blanks(std::size_t place) const
    {
        while (place < text_.size()) {
            if (at(place, "--"))
                place = std::min(text_.find('\n', place), text_.size());
            else if (text_[place] == ' ' || text_[place] == '\n')
                ++place;
            else
                break;
        }
        return place;
    }

    // Of the semicolon, or of the text; npos within a literal.
    std::size_t statement_end(std::size_t place) const
    {
        while (place < text_.size() && text_[place] != ';') {
            const std::string_view quote = at(place, "'") ? "'" : at(place, "$$") ? "$$" : "";
            if (quote.empty()) {
                ++place;
                continue;
            }
            const std::size_t closing = text_.find(quote, place + quote.size());
            if (closing == std::string::npos)
                return closing;
            place = closing + quote.size();
        }
        return place;
    }

    PrintedStatement describe(std::size_t start, std::size_t end) const
    {
        using Kind = PrintedStatement::Kind;
        PrintedStatement statement;
        statement.offset = start;
        statement.length = end - start;
        statement.end = std::min(end + 1, text_.size());
        const std::string body = text_.substr(start, end - start);
        const std::vector<std::string> words = words_of(body);
        const auto literal = [&](std::size_t number) { return literal_of(body, number); };
        const auto is = [&](std::string_view beginning) { return body.starts_with(beginning); };
        if (body == "BEGIN" || body == "COMMIT") {
            statement.kind = body == "BEGIN" ? Kind::begin : Kind::commit;
        } else if (is("CREATE TABLE ") && body.find("version_num") != std::string::npos) {
            statement.kind = Kind::creates_versions;
            statement.table = words[2];
        } else if (is("DROP TABLE ") && words.size() > 2) {
            statement.kind = Kind::drops_table;
            statement.table = words[2];
        } else if (is("INSERT INTO ") && words.size() > 2) {
            statement.kind = literal(0).empty() ? Kind::uses_table : Kind::adds_version;
            statement.table = words[2];
            statement.to = literal(0);
        } else if (is("UPDATE ") && words.size() > 1) {
            statement.kind = literal(1).empty() ? Kind::uses_table : Kind::moves_version;
            statement.table = words[1];
            statement.to = literal(1).empty() ? "" : literal(0);
            statement.from = literal(1);
        } else if (is("DELETE FROM ") && words.size() > 2) {
            statement.kind = literal(0).empty() ? Kind::uses_table : Kind::removes_version;
            statement.table = words[2];
            statement.from = literal(0);
        } else if (is("ALTER TABLE ") && words.size() > 2) {
            statement.kind = Kind::uses_table;
            statement.table = words[2];
        }
        statement.stands_alone = body.find("CONCURRENTLY") != std::string::npos || is("VACUUM");
        statement.decides_itself = is("CALL ") || is("DO ");
        statement.changes_session = is("SET ");
        return statement;
    }

    static std::vector<std::string> words_of(const std::string &body)
    {
        std::vector<std::string> words;
        std::string word;
        for (const char c : body + " ") {
            if (c != ' ' && c != '\n')
                word += c;
            else if (!word.empty())
                words.push_back(std::exchange(word, {}));
        }
        return words;
    }

    static std::string literal_of(const std::string &body, std::size_t number)
    {
        std::size_t place = 0;
        for (std::size_t left = number * 2 + 1; left > 0; --left) {
            place = body.find('\'', place);
            if (place == std::string::npos)
                return {};
            ++place;
        }
        return body.substr(place, body.find('\'', place) - place);
    }

    std::string text_;
};

} // namespace pgmigrate::files
