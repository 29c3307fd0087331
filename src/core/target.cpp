// SPDX-License-Identifier: PostgreSQL
#include "core/target.hpp"

#include "core/error.hpp"
#include "core/graph_errors.hpp"
#include "core/resolver.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace pgmigrate::core
{

namespace
{

bool is_blank_or_control(char character)
{
    const auto byte = static_cast<unsigned char>(character);
    return byte <= 0x20u || byte == 0x7fu;
}

Error not_an_identifier(std::string_view kind, std::string message)
{
    return Error(sqlstate::invalid_revision, std::move(message))
        .hint("A " + std::string(kind) +
              " has 1 to 255 bytes, no blanks or control characters, none of @ - + : and comma, and is none of the "
              "words head, heads, base and current.");
}

std::vector<std::string> split(std::string_view text, bool quotes)
{
    std::vector<std::string> elements;
    if (trim(text).empty())
        return elements;
    for (std::size_t start = 0;;) {
        const std::size_t comma = quotes ? find_unquoted(text, ',', start) : text.find(',', start);
        const std::string_view element = trim(text.substr(start, comma - start));
        if (element.empty())
            throw Error(sqlstate::invalid_parameter_value, "The list '" + std::string(text) + "' has an empty element")
                .hint("Separate the elements by one comma each.");
        elements.emplace_back(element);
        if (comma == std::string_view::npos)
            return elements;
        start = comma + 1;
    }
}

} // namespace

void check_identifier(std::string_view kind, std::string_view text)
{
    constexpr std::size_t longest = 255;
    constexpr std::array<std::string_view, 4> words = {"head", "heads", "base", "current"};
    const std::string name(kind);
    const std::string quoted = "'" + std::string(text) + "'";
    if (text.empty())
        throw not_an_identifier(kind, "A " + name + " must not be empty");
    if (text.size() > longest)
        throw not_an_identifier(kind, "The " + name + " is longer than 255 bytes");
    if (std::any_of(text.begin(), text.end(), is_blank_or_control))
        throw not_an_identifier(kind, "Blanks and control characters are not allowed in " + name + " " + quoted);
    std::set<char> illegal;
    for (const char character : text) {
        if (std::string_view("@-+:,").find(character) != std::string_view::npos)
            illegal.insert(character);
    }
    std::string list;
    for (const char character : illegal)
        list.append(list.empty() ? "" : ", ").push_back(character);
    if (!list.empty())
        throw not_an_identifier(kind, "Character(s) '" + list + "' not allowed in " + name + " " + quoted);
    if (std::find(words.begin(), words.end(), text) != words.end())
        throw not_an_identifier(kind, "The word " + quoted + " is not allowed as a " + name);
}

std::vector<std::string> split_list(std::string_view text)
{
    return split(text, false);
}

std::vector<std::string> split_names(std::string_view text)
{
    return split(text, true);
}

std::size_t find_unquoted(std::string_view text, char wanted, std::size_t start)
{
    bool quoted = false;
    for (; start < text.size(); ++start) {
        if (text[start] == '"')
            quoted = !quoted;
        if (text[start] == wanted && !quoted)
            return start;
    }
    return std::string_view::npos;
}

std::vector<Index> resolve_revisions(const RevisionGraph &graph, std::string_view text,
                                     const std::vector<std::string> *rows, InterruptCheck &interrupts)
{
    Resolver resolver(graph, interrupts);
    const std::vector<std::string> elements = split_list(text);
    if (elements.empty())
        return resolver.revisions("");
    std::vector<Index> result;
    for (const std::string &element : elements) {
        const std::vector<Index> found =
            rows && element == "current" ? revisions_of_rows(graph, *rows) : resolver.revisions(element);
        result.insert(result.end(), found.begin(), found.end());
    }
    return result;
}

std::vector<Index> resolve_parents(const RevisionGraph &graph, std::string_view text, bool splice,
                                   InterruptCheck &interrupts)
{
    Resolver resolver(graph, interrupts, Resolver::Asker::author);
    std::vector<std::string> elements = split_list(text);
    if (elements.empty())
        elements.emplace_back();
    std::vector<Index> parents;
    for (const std::string &element : elements)
        for (const Index parent : resolver.revisions(element)) {
            if (std::find(parents.begin(), parents.end(), parent) != parents.end())
                throw Error(sqlstate::invalid_target, "Duplicate head revisions specified")
                    .detail("Revision " + graph.id(parent) + " is named more than once.");
            parents.push_back(parent);
        }
    for (const Index parent : parents)
        if (!splice && !graph.is_head(parent))
            throw Error(
                sqlstate::not_a_head,
                "Revision " + graph.id(parent) +
                    " is not a head revision; please specify --splice to create a new branch from this revision")
                .detail("It is the parent of: " + join_ids(graph, graph.next(parent)) + ".")
                .hint("Pass splice => true to start a new branch from it.");
    return parents;
}

std::string resolve_dependency(const RevisionGraph &graph, std::string_view text, InterruptCheck &interrupts)
{
    const std::string_view name = trim(text);
    Resolver resolver(graph, interrupts);
    const std::optional<Index> revision = resolver.revision(name);
    if (!revision)
        throw cannot_locate(name, "A revision cannot depend on base.", "Name a revision or a branch label.");
    return graph.find_label(name) ? std::string(name) : graph.id(*revision);
}

} // namespace pgmigrate::core
