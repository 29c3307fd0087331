// SPDX-License-Identifier: PostgreSQL
#include "model/expression.hpp"

#include "model/text.hpp"
#include "model/tokens.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace pgmigrate::model
{

namespace
{

// Behind the type whose name begins at `at`, without [].
std::size_t end_of_type(const Tokens &tokens, std::size_t at)
{
    constexpr std::array<std::string_view, 6> more{"varying", "precision", "with", "without", "time", "zone"};
    const auto token = [&](std::size_t i) { return i < tokens.size() ? tokens[i] : std::string_view(); };
    const auto pass_words = [&] {
        while (std::find(more.begin(), more.end(), token(at)) != more.end())
            ++at;
    };
    ++at;
    while (token(at) == ".")
        at += 2;
    pass_words();
    if (token(at) == "(")
        while (at < tokens.size() && tokens[at++] != ")")
            ;
    pass_words();
    return std::min(at, tokens.size());
}

class Canonicalizer
{
  public:
    explicit Canonicalizer(const Tokens &tokens) : tokens_(tokens), closings_(closings_of(tokens))
    {
        text_.reserve(tokens.size() * 6);
    }

    std::string run() &&
    {
        write(0, tokens_.size());
        return std::move(text_);
    }

  private:
    static constexpr std::size_t none = no_token;
    // Arrays within arrays beyond this are left as they are: the text may be anybody's, the stack is ours.
    static constexpr int deepest = 100;

    std::string_view token(std::size_t index) const
    {
        return index < tokens_.size() ? tokens_[index] : std::string_view();
    }

    void put(std::string_view token)
    {
        if (!text_.empty())
            text_ += ' ';
        text_ += token;
    }

    void write(std::size_t begin, std::size_t end)
    {
        for (std::size_t i = begin; i < end;) {
            const std::size_t then = token(i) == "(" && depth_ < deepest ? write_cast_array(i, end) : none;
            if (then != none) {
                i = then;
                continue;
            }
            put(tokens_[i]);
            ++i;
            if (token(i - 1) == "::")
                i = write_type_as_name(i, end);
        }
    }

    // 'x'::text AS text in a list of results: without AS it gets that name when it is parsed (FigureColname() in
    // parse_target.c), and is deparsed with it only then. Returns where the type ends, or the name.
    std::size_t write_type_as_name(std::size_t type, std::size_t end)
    {
        std::size_t type_end = end_of_type(tokens_, type);
        if (type_end > end)
            return type;
        while (token(type_end) == "[" && token(type_end + 1) == "]")
            type_end += 2;
        if (token(type_end) != "AS" || type_end + 2 > end ||
            unquoted(token(type_end + 1)) != unquoted(name_of_type(type, type_end)))
            return type;
        write(type, type_end);
        return type_end + 2;
    }

    // The name in pg_type of what the grammar has other words for.
    std::string_view name_of_type(std::size_t type, std::size_t type_end) const
    {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names{{{"bigint", "int8"},
                                                                                      {"boolean", "bool"},
                                                                                      {"character", "bpchar"},
                                                                                      {"double", "float8"},
                                                                                      {"integer", "int4"},
                                                                                      {"real", "float4"},
                                                                                      {"smallint", "int2"}}};
        const auto has = [&](std::string_view word) {
            return std::find(tokens_.begin() + static_cast<std::ptrdiff_t>(type),
                             tokens_.begin() + static_cast<std::ptrdiff_t>(type_end),
                             word) != tokens_.begin() + static_cast<std::ptrdiff_t>(type_end);
        };
        if (has("varying"))
            return token(type) == "bit" ? "varbit" : "varchar";
        if (has("with"))
            return token(type) == "time" ? "timetz" : "timestamptz";
        const auto found = std::ranges::find(names, token(type), &std::pair<std::string_view, std::string_view>::first);
        if (found != names.end())
            return found->second;
        std::size_t last = type;
        while (token(last + 1) == ".")
            last += 2;
        return token(last);
    }

    // The bracket that closes the one at `open`.
    std::size_t closing(std::size_t open) const { return closings_[open]; }

    // (ARRAY[a, b])::type[] becomes ARRAY[(a)::type, (b)::type]. Returns where it ends, or `none` if it is something
    // else.
    std::size_t write_cast_array(std::size_t open, std::size_t end)
    {
        if (token(open + 1) != "ARRAY" || token(open + 2) != "[")
            return none;
        const std::size_t close = closing(open + 2);
        if (close == none || close == open + 3 || token(close + 1) != ")" || token(close + 2) != "::")
            return none;
        const std::size_t type = close + 3;
        const std::size_t type_end = end_of_element_type(type);
        if (type_end == none || type_end + 2 > end)
            return none;
        write_array(open + 1, close, {type, type_end});
        return type_end + 2;
    }

    struct Range {
        std::size_t begin;
        std::size_t end;
    };

    // `array` is at ARRAY, `close` at its closing bracket.
    void write_array(std::size_t array, std::size_t close, Range type)
    {
        ++depth_;
        put("ARRAY");
        put("[");
        for (std::size_t begin = array + 2; begin < close;) {
            std::size_t end = begin;
            while (end < close && token(end) != ",") {
                const bool opens = token(end) == "(" || token(end) == "[";
                const std::size_t closes = opens ? closing(end) : end;
                end = closes == none ? close : closes + 1;
            }
            if (begin != array + 2)
                put(",");
            write_element({begin, end}, type);
            begin = end + 1;
        }
        put("]");
        --depth_;
    }

    void write_element(Range element, Range type)
    {
        if (token(element.begin) == "ARRAY" && token(element.begin + 1) == "[" &&
            closing(element.begin + 1) + 1 == element.end && depth_ < deepest) {
            write_array(element.begin, element.end - 1, type);
            return;
        }
        put("(");
        write(element.begin, element.end);
        put(")");
        put("::");
        write(type.begin, type.end);
    }

    // Where the [] of an array type begins, whose name begins at `begin`.
    std::size_t end_of_element_type(std::size_t begin) const
    {
        int depth = 0;
        for (std::size_t i = begin; i < tokens_.size(); ++i) {
            const std::string_view at = tokens_[i];
            if (at == "[" && depth == 0)
                return i > begin && token(i + 1) == "]" ? i : none;
            if (at == "(")
                ++depth;
            else if (at == ")")
                --depth;
            else if (at != "." && at != "," && at.front() != '"' && !starts_name(at.front()) && !is_digit(at.front()))
                return none;
            if (depth < 0)
                return none;
        }
        return none;
    }

    const Tokens &tokens_;
    std::vector<std::size_t> closings_; // of each bracket that opens
    std::string text_;
    int depth_ = 0;
};

// One of two texts that are compared without the casts that the other one has not.
class Uncast
{
  public:
    explicit Uncast(std::string_view text) : tokens_(tokens_of(text)) {}

    bool done() const { return at_ == tokens_.size(); }
    std::string_view here(std::size_t ahead = 0) const
    {
        return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : std::string_view();
    }
    void advance() { ++at_; }

    // 'x'::type, behind the literal; (name)::type, which leaves the name.
    bool pass_cast(std::string_view other)
    {
        if (here() == "::" && at_ > 0 && tokens_[at_ - 1].ends_with('\'')) {
            at_ = end_of_type(at_ + 1);
            passed_name_ = false;
            return true;
        }
        if (here() != "(" || here(1) != other || here(2) != ")" || here(3) != "::")
            return false;
        at_ = end_of_type(at_ + 4);
        passed_name_ = true;
        return true;
    }
    // Whether the cast that was passed took its name with it.
    bool passed_name() const { return passed_name_; }

  private:
    std::size_t end_of_type(std::size_t at) const
    {
        at = model::end_of_type(tokens_, at);
        while (here(at - at_) == "[")
            at += 2;
        return std::min(at, tokens_.size());
    }

    Tokens tokens_;
    std::size_t at_ = 0;
    bool passed_name_ = false;
};

constexpr std::array<std::string_view, 11> deparsed_attributes = {
    "arguments",  "body",      "check", "condition", "default_expression", "definition",
    "expression", "predicate", "query", "using",     "with_check"};

} // namespace

std::string canonical(std::string_view deparsed)
{
    const Tokens tokens = tokens_of(deparsed);
    return Canonicalizer(tokens).run();
}

bool same_but_for_casts(std::string_view was, std::string_view is)
{
    Uncast left(was);
    Uncast right(is);
    while (!left.done() || !right.done()) {
        if (left.here() == right.here()) {
            left.advance();
            right.advance();
        } else if (left.pass_cast(right.here())) {
            if (left.passed_name())
                right.advance();
        } else if (right.pass_cast(left.here())) {
            if (right.passed_name())
                left.advance();
        } else {
            return false;
        }
    }
    return true;
}

std::size_t closing_parenthesis(std::string_view sql, std::size_t open)
{
    std::size_t depth = 0;
    for (const std::string_view token : tokens_of(sql.substr(std::min(open, sql.size())))) {
        if (token == "(")
            ++depth;
        else if (token == ")" && --depth == 0)
            return static_cast<std::size_t>(token.data() - sql.data());
    }
    return std::string_view::npos;
}

bool is_deparsed(std::string_view attribute)
{
    return std::find(deparsed_attributes.begin(), deparsed_attributes.end(), attribute) != deparsed_attributes.end();
}

} // namespace pgmigrate::model
