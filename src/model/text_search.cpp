// SPDX-License-Identifier: PostgreSQL

// Text search parsers, templates, dictionaries and configurations.

#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace pgmigrate::model
{

namespace
{

void replace(const Object &, const Object &, const Comparison &, Alteration &alteration)
{
    alteration.replace = true;
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP ", info(object.kind).keyword, " ", object.identity));
}

// Parsers and templates are nothing but functions.
void make_of_functions(const Object &object, Parts, const Comparison &, Statements &statements)
{
    constexpr std::pair<std::string_view, std::string_view> functions[] = {
        {"start", "START"},       {"gettoken", "GETTOKEN"}, {"end", "END"},      {"headline", "HEADLINE"},
        {"lextypes", "LEXTYPES"}, {"init", "INIT"},         {"lexize", "LEXIZE"}};
    std::string list;
    for (const auto &[attribute, keyword] : functions)
        if (object.has(attribute))
            list += cat(list.empty() ? "" : ", ", keyword, " = ", object.text(attribute));
    statements.add(cat("CREATE ", info(object.kind).keyword, " ", object.identity, " (", list, ")"));
}

// ---- dictionaries: "settings" is as the server writes it, name = 'value', name = 1

std::vector<std::string> options_of(const Object &dictionary)
{
    std::vector<std::string> options;
    std::string option;
    char quote = 0;
    for (const char each : dictionary.text("settings")) {
        if (quote != 0 ? each == quote : each == '\'' || each == '"')
            quote = quote != 0 ? char{0} : each;
        if (quote == 0 && each == ',') {
            options.push_back(std::exchange(option, {}));
            continue;
        }
        if (each != ' ' || !option.empty())
            option += each;
    }
    if (!option.empty())
        options.push_back(option);
    return options;
}

std::string_view name_of(std::string_view option)
{
    return option.substr(0, length_of_name(option));
}

void make_dictionary(const Object &object, Parts, const Comparison &, Statements &statements)
{
    const std::string_view settings = object.text("settings");
    statements.add(cat("CREATE TEXT SEARCH DICTIONARY ", object.identity, " (TEMPLATE = ", object.text("template"),
                       settings.empty() ? "" : ", ", settings, ")"));
}

// What is set again comes behind what is not: so all are, and come in their order.
void alter_dictionary(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "template")) {
        alteration.replace = true;
        return;
    }
    const std::vector<std::string> after = options_of(is);
    std::vector<std::string> list;
    for (const std::string &each : options_of(was))
        if (std::none_of(after.begin(), after.end(),
                         [&](std::string_view other) { return name_of(other) == name_of(each); }))
            list.emplace_back(name_of(each));
    list.insert(list.end(), after.begin(), after.end());
    alteration.statements.add(cat("ALTER TEXT SEARCH DICTIONARY ", is.identity, " (", join(list, ", "), ")"));
}

// ---- configurations: "mappings" has "token WITH dictionary, dictionary"

class Mapping
{
  public:
    explicit Mapping(std::string_view text) : text_(text), end_(length_of_name(text)) {}
    std::string_view token() const { return text_.substr(0, end_); }
    std::string_view dictionaries() const { return text_.substr(end_); } // " WITH a, b"

  private:
    std::string_view text_;
    std::size_t end_;
};

// Those that go to the same dictionaries by one statement.
void map(const Object &object, std::string_view verb, std::vector<Mapping> mappings, Statements &statements)
{
    std::stable_sort(mappings.begin(), mappings.end(),
                     [](const Mapping &a, const Mapping &b) { return a.dictionaries() < b.dictionaries(); });
    for (auto first = mappings.begin(); first != mappings.end();) {
        const auto end = std::find_if(
            first, mappings.end(), [&](const Mapping &each) { return each.dictionaries() != first->dictionaries(); });
        std::vector<std::string> tokens;
        std::transform(first, end, std::back_inserter(tokens),
                       [](const Mapping &each) { return std::string(each.token()); });
        statements.add(cat("ALTER TEXT SEARCH CONFIGURATION ", object.identity, " ", verb, " MAPPING FOR ",
                           join(tokens, ", "), first->dictionaries()));
        first = end;
    }
}

void make_configuration(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(
        cat("CREATE TEXT SEARCH CONFIGURATION ", object.identity, " (PARSER = ", object.text("parser"), ")"));
    map(object, "ADD", {object.list("mappings").begin(), object.list("mappings").end()}, statements);
}

void alter_configuration(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!was.attributes.same(is.attributes, "parser")) {
        alteration.replace = true;
        return;
    }
    const std::vector<Mapping> before(was.list("mappings").begin(), was.list("mappings").end());
    const std::vector<Mapping> after(is.list("mappings").begin(), is.list("mappings").end());
    const auto find = [](const std::vector<Mapping> &list, std::string_view token) {
        return std::find_if(list.begin(), list.end(), [&](const Mapping &each) { return each.token() == token; });
    };
    std::vector<std::string> gone;
    for (const Mapping &each : before)
        if (find(after, each.token()) == after.end())
            gone.emplace_back(each.token());
    if (!gone.empty())
        alteration.statements.add(
            cat("ALTER TEXT SEARCH CONFIGURATION ", is.identity, " DROP MAPPING FOR ", join(gone, ", ")));
    std::vector<Mapping> changed;
    std::vector<Mapping> added;
    for (const Mapping &each : after)
        if (const auto found = find(before, each.token()); found == before.end())
            added.push_back(each);
        else if (found->dictionaries() != each.dictionaries())
            changed.push_back(each);
    map(is, "ALTER", std::move(changed), alteration.statements);
    map(is, "ADD", std::move(added), alteration.statements);
    alteration.rewrites = true;
}

} // namespace

constinit const Rules text_search_parser_rules{.make = make_of_functions, .drop = drop, .alter = replace};
constinit const Rules text_search_template_rules{.make = make_of_functions, .drop = drop, .alter = replace};
constinit const Rules text_search_dictionary_rules{.make = make_dictionary, .drop = drop, .alter = alter_dictionary};
constinit const Rules text_search_configuration_rules{
    .make = make_configuration, .drop = drop, .alter = alter_configuration};

} // namespace pgmigrate::model
