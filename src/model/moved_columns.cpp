// SPDX-License-Identifier: PostgreSQL
#include "model/moved_columns.hpp"

#include "model/text.hpp"
#include "model/tokens.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace pgmigrate::model
{

namespace
{

// Lists within lists beyond this are left as they are: the text may be anybody's, the stack is ours.
constexpr int deepest = 100;

class Mover
{
  public:
    Mover(std::string_view text, const RowSource &source)
        : text_(text), tokens_(tokens_of(text)), source_(source), type_(tokens_of(source.type)),
          closings_(closings_of(tokens_))
    {
        for (const std::string &each : source.functions)
            functions_.push_back(tokens_of(each));
        for (const std::string &each : source.others)
            others_.push_back(tokens_of(each));
    }

    MovedColumns run() &&
    {
        for (std::size_t i = 0; i < tokens_.size(); ++i)
            look(i);
        write(0, tokens_.size());
        return std::move(result_);
    }

  private:
    static constexpr std::size_t none = no_token;
    using Range = std::pair<std::size_t, std::size_t>; // of tokens

    std::string_view token(std::size_t index) const
    {
        return index < tokens_.size() ? tokens_[index] : std::string_view();
    }
    // The server writes its words in capitals, and quotes names that have any.
    bool is_name(std::size_t index) const
    {
        const std::string_view at = token(index);
        return !at.empty() &&
               (at.front() == '"' || (starts_name(at.front()) && !(at.front() >= 'A' && at.front() <= 'Z')));
    }
    std::size_t closing(std::size_t open) const { return open < closings_.size() ? closings_[open] : none; }

    bool is_at(std::size_t begin, const Tokens &name) const
    {
        for (std::size_t i = 0; i < name.size(); ++i)
            if (token(begin + i) != name[i])
                return false;
        return (begin == 0 || tokens_[begin - 1] != ".") && token(begin + name.size()) != ".";
    }

    // The elements of the list that begins at a parenthesis.
    std::vector<Range> elements(std::size_t open) const
    {
        std::vector<Range> found;
        const std::size_t close = closings_[open];
        for (std::size_t begin = open + 1; begin < close;) {
            std::size_t end = begin;
            while (end < close && tokens_[end] != ",") {
                const bool opens = tokens_[end] == "(" || tokens_[end] == "[";
                end = opens && closings_[end] != none ? closings_[end] + 1 : end + 1;
            }
            found.emplace_back(begin, end);
            begin = end + 1;
        }
        return found;
    }

    void look(std::size_t at)
    {
        if (tokens_[at] == "ROW" && token(at + 1) == "(" && closing(at + 1) != none) {
            const std::size_t close = closings_[at + 1];
            if (token(close + 1) == "::" && is_at(close + 2, type_))
                mark(at + 1, 0, true);
            else if (token(close + 1) != "::" && has_columns(at + 1))
                result_.complete = false; // may be taken for a row of the type
        } else if (tokens_[at].ends_with('\'') && token(at + 1) == "::" && is_at(at + 2, type_)) {
            result_.complete = false;
        } else if (tokens_[at] == "(" && closings_[at] != none) {
            look_behind_parentheses(at);
        } else if (is_at(at, type_)) {
            mark_aliases(at + type_.size());
        } else {
            for (const Tokens &function : functions_)
                if (is_at(at, function) && closing(at + function.size()) != none)
                    mark_aliases(closings_[at + function.size()] + 1);
        }
    }

    // (a JOIN b) x(...), ROWS FROM (...) x(...): who knows which columns these are.
    void look_behind_parentheses(std::size_t open)
    {
        const std::size_t close = closings_[open];
        std::size_t name = close + 1;
        if (token(name) == "WITH" && token(name + 1) == "ORDINALITY")
            name += 2;
        if (!is_name(name) || token(name + 1) != "(" || closing(name + 1) == none)
            return;
        if (open > 0 && is_name(open - 1)) {
            if (!is_call_of(open, functions_) && !is_call_of(open, others_))
                look_at_unknown(name + 1, name > close + 1);
            return;
        }
        std::size_t first = open;
        while (token(first) == "(")
            ++first;
        constexpr std::string_view queries[] = {"SELECT", "VALUES", "WITH"};
        if (std::ranges::find(queries, token(first)) == std::end(queries))
            result_.complete = false;
    }

    // A function of the server's that may return such rows, unnest() for one: it does if the columns have their names.
    void look_at_unknown(std::size_t open, bool numbered)
    {
        const std::vector<Range> list = elements(open);
        const std::size_t more = numbered ? 1 : 0;
        if (list.size() != source_.names.size() + more)
            return;
        for (std::size_t i = 0; i < source_.names.size(); ++i)
            if (list[i].second != list[i].first + 1 || tokens_[list[i].first] != source_.names[i]) {
                result_.complete = false;
                return;
            }
        mark(open, more, false);
    }

    // Whether a list may be one of all columns.
    bool has_columns(std::size_t open) const { return elements(open).size() == source_.names.size(); }

    bool is_call_of(std::size_t open, const std::vector<Tokens> &functions) const
    {
        return std::ranges::any_of(functions, [&](const Tokens &function) {
            return open >= function.size() && is_at(open - function.size(), function);
        });
    }

    void mark_aliases(std::size_t at)
    {
        const bool numbered = token(at) == "WITH" && token(at + 1) == "ORDINALITY";
        if (numbered)
            at += 2;
        if (is_name(at) && token(at + 1) == "(" && closing(at + 1) != none)
            mark(at + 1, numbered ? 1 : 0, false);
    }

    // A list of all columns, with so many others behind them.
    void mark(std::size_t open, std::size_t more, bool values)
    {
        if (elements(open).size() == source_.names.size() + more)
            lists_.emplace(open, values);
        else
            result_.complete = false;
    }

    std::string_view with_space(std::size_t index) const
    {
        const auto begin = static_cast<std::size_t>(tokens_[index].data() - text_.data());
        const std::size_t end = index + 1 < tokens_.size()
                                    ? static_cast<std::size_t>(tokens_[index + 1].data() - text_.data())
                                    : text_.size();
        return text_.substr(begin, end - begin);
    }

    void write(std::size_t begin, std::size_t end)
    {
        if (begin == 0 && !tokens_.empty())
            result_.text += text_.substr(0, static_cast<std::size_t>(tokens_[0].data() - text_.data()));
        for (std::size_t i = begin; i < end; ++i) {
            result_.text += with_space(i);
            if (!lists_.contains(i))
                continue;
            if (depth_ == deepest) {
                result_.complete = false;
                continue;
            }
            write_list(i, lists_.at(i));
            i = closings_[i] - 1;
        }
    }

    void write_list(std::size_t open, bool values)
    {
        ++depth_;
        const std::vector<Range> list = elements(open);
        std::size_t count = 0;
        const auto separate = [&] { result_.text += count++ > 0 ? ", " : ""; };
        const auto put = [&](const Range &element) {
            separate();
            write(element.first, element.second);
            result_.text.erase(result_.text.find_last_not_of(" \t\r\n") + 1);
        };
        for (const RowSource::Place &column : source_.columns) {
            if (column.old != RowSource::added) {
                put(list[column.old]);
                continue;
            }
            separate();
            result_.text += values ? "NULL" : free_name(column.name, list);
        }
        for (std::size_t i = source_.names.size(); i < list.size(); ++i)
            put(list[i]);
        --depth_;
    }

    // As the server calls a column whose name the list has already.
    std::string free_name(const std::string &name, const std::vector<Range> &list) const
    {
        std::string free = name;
        for (int i = 1; std::ranges::any_of(list, [&](const Range &each) { return tokens_[each.first] == free; }); ++i)
            free = with_suffix(name, "_" + std::to_string(i));
        return free;
    }

    std::string_view text_;
    Tokens tokens_;
    const RowSource &source_;
    Tokens type_;
    std::vector<Tokens> functions_;
    std::vector<Tokens> others_;
    std::vector<std::size_t> closings_;           // of each bracket that opens
    std::unordered_map<std::size_t, bool> lists_; // where they open; whether of values
    MovedColumns result_;
    int depth_ = 0;
};

} // namespace

MovedColumns move_columns(std::string_view deparsed, const RowSource &source)
{
    return Mover(deparsed, source).run();
}

} // namespace pgmigrate::model
