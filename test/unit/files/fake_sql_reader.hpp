// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"
#include "files/text.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::files
{

// Reads what the export writes, by the rules of the server's lexer for literals and by nothing else that it knows of
// the export: calls of a function with named arguments that are literals or NULL.
class FakeSqlReader final : public SqlReader
{
  public:
    // The setting under which plain literals are read.
    bool standard_conforming_strings = true;

    std::vector<RevisionCall> revision_calls(const File &file) override
    {
        path_ = file.path;
        text_ = file.content();
        at_ = 0;
        std::vector<RevisionCall> calls;
        for (skip_blanks(); at_ < text_.size(); skip_blanks())
            calls.push_back(call());
        return calls;
    }

  private:
    [[noreturn]] void fail() const { throw invalid_file(path_, "cannot be read at byte " + std::to_string(at_)); }

    void skip_blanks() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    bool accept(std::string_view token)
    {
        skip_blanks();
        if (!text_.substr(at_).starts_with(token))
            return false;
        at_ += token.size();
        return true;
    }

    void expect(std::string_view token)
    {
        if (!accept(token))
            fail();
    }

    std::string_view word()
    {
        skip_blanks();
        const std::size_t start = at_;
        while (at_ < text_.size() && (is_alpha(text_[at_]) || text_[at_] == '_'))
            ++at_;
        return text_.substr(start, at_ - start);
    }

    RevisionCall call()
    {
        RevisionCall result;
        result.line =
            1 + static_cast<int>(std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n'));
        expect("SELECT");
        expect("migrate_revision");
        expect("(");
        do {
            const std::string_view name = word();
            expect("=>");
            const auto parameter = std::find_if(revision_parameters.begin(), revision_parameters.end(),
                                                [name](const RevisionParameter &p) { return p.name == name; });
            if (parameter == revision_parameters.end())
                fail();
            result.*parameter->value = value();
        } while (accept(","));
        expect(")");
        expect(";");
        return result;
    }

    std::optional<std::string> value()
    {
        if (accept("NULL"))
            return std::nullopt;
        if (accept("E'"))
            return quoted(true);
        if (accept("'"))
            return quoted(!standard_conforming_strings);
        skip_blanks();
        return dollar_quoted();
    }

    std::string quoted(bool backslash_escapes)
    {
        std::string result;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            const bool doubled = c == '\'' && text_.substr(at_ + 1).starts_with('\'');
            if (c == '\'' && !doubled) {
                ++at_;
                return result;
            }
            if (doubled || (c == '\\' && backslash_escapes)) {
                // The export escapes a backslash by another, and uses no other escape.
                if (++at_ == text_.size() || text_[at_] != c)
                    fail();
            }
            result += c;
        }
        fail();
    }

    static bool is_tag_character(char c, bool first)
    {
        return is_alpha(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80 || (!first && is_digit(c));
    }

    // Length of the $tag$ at `from`, 0 if there is none: the lexer's {dolqdelim}.
    std::size_t delimiter_length(std::size_t from) const
    {
        if (from >= text_.size() || text_[from] != '$')
            return 0;
        std::size_t end = from + 1;
        while (end < text_.size() && is_tag_character(text_[end], end == from + 1))
            ++end;
        return end < text_.size() && text_[end] == '$' ? end + 1 - from : 0;
    }

    std::string dollar_quoted()
    {
        const std::size_t opening = delimiter_length(at_);
        if (opening == 0)
            fail();
        const std::string_view delimiter = text_.substr(at_, opening);
        at_ += opening;
        const std::size_t start = at_;
        while (at_ < text_.size()) {
            const std::size_t length = delimiter_length(at_);
            if (length != 0 && text_.substr(at_, length) == delimiter) {
                at_ += length;
                return std::string(text_.substr(start, at_ - length - start));
            }
            // Of another delimiter the final $ may start the right one.
            at_ += length == 0 ? 1 : length - 1;
        }
        fail();
    }

    std::string_view text_;
    std::string path_;
    std::size_t at_ = 0;
};

} // namespace pgmigrate::files
