// SPDX-License-Identifier: PostgreSQL
#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <array>

namespace pgmigrate::model
{

namespace
{

using List = std::span<const std::string>;

std::string_view keyword(const Object &object)
{
    return info(object.kind).keyword;
}

// ---- settings

// These have a list of names as their value, which is written as such: a single string would be a single name.
bool is_list_of_names(std::string_view setting)
{
    constexpr std::string_view lists[] = {"local_preload_libraries",  "search_path",      "session_preload_libraries",
                                          "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories"};
    return std::find(std::begin(lists), std::end(lists), setting) != std::end(lists);
}

// a, "B c" as 'a', 'B c'
std::string names_as_literals(std::string_view value)
{
    std::string result;
    std::string name;
    bool quoted = false;
    const auto finish = [&] {
        result += cat(result.empty() ? "" : ", ", literal(name));
        name.clear();
    };
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '"' && quoted && i + 1 < value.size() && value[i + 1] == '"')
            name += value[i++];
        else if (value[i] == '"')
            quoted = !quoted;
        else if (value[i] == ',' && !quoted)
            finish();
        else if (quoted || value[i] != ' ')
            name += value[i];
    }
    finish();
    return result;
}

std::string_view name_of(std::string_view setting)
{
    return setting.substr(0, setting.find('='));
}

std::string quoted_setting(std::string_view name)
{
    const bool plain = std::all_of(name.begin(), name.end(), [](char each) {
        return (each >= 'a' && each <= 'z') || each == '_' || each == '.' || (each >= '0' && each <= '9');
    });
    if (plain)
        return std::string(name);
    std::string quoted = "\"";
    for (const char each : name)
        quoted += each == '"' ? std::string("\"\"") : std::string(1, each);
    return quoted + '"';
}

std::string set(std::string_view setting)
{
    const std::string_view name = name_of(setting);
    const std::string_view value = setting.substr(std::min(name.size() + 1, setting.size()));
    return cat("SET ", quoted_setting(name), " TO ",
               is_list_of_names(name) ? names_as_literals(value) : literal(value));
}

// ---- making

constexpr std::string_view unless(bool condition, std::string_view text)
{
    return condition ? std::string_view() : text;
}

// cost and rows of a function that says nothing about them
std::string_view default_of(std::string_view attribute, const Object &object)
{
    if (attribute == "cost")
        return object.text("language") == "c" || object.text("language") == "internal" ? "1" : "100";
    return "1000";
}

std::string source(const Object &object)
{
    if (object.has("body"))
        return std::string(object.text("body"));
    if (object.has("library"))
        return cat("AS ", literal(object.text("library")), ", ", literal(object.text("source")));
    return cat("AS ", dollar_quoted(object.text("source")));
}

std::string options(const Object &object)
{
    std::string sql = cat("\n LANGUAGE ", object.text("language"));
    std::string transforms;
    for (const std::string &type : object.list("transforms"))
        transforms += cat(transforms.empty() ? "\n TRANSFORM " : ", ", "FOR TYPE ", type);
    sql += transforms;
    if (object.has("window"))
        sql += "\n WINDOW";
    if (object.has("volatility"))
        sql += cat("\n ", object.text("volatility"));
    if (object.has("leakproof"))
        sql += "\n LEAKPROOF";
    if (object.has("strict"))
        sql += "\n STRICT";
    if (object.has("security_definer"))
        sql += "\n SECURITY DEFINER";
    if (object.has("parallel"))
        sql += cat("\n PARALLEL ", object.text("parallel"));
    if (object.has("cost"))
        sql += cat("\n COST ", object.text("cost"));
    if (object.has("rows"))
        sql += cat("\n ROWS ", object.text("rows"));
    if (object.has("support"))
        sql += cat("\n SUPPORT ", object.text("support"));
    for (const std::string &setting : object.list("config"))
        sql += cat("\n ", set(setting));
    return sql;
}

std::string definition(const Object &object, std::string_view verb)
{
    std::string sql =
        cat(verb, keyword(object), " ", object.schema, ".", object.name, "(", object.text("arguments"), ")");
    if (object.has("result"))
        sql += cat("\n RETURNS ", object.text("result"));
    return cat(sql, options(object), "\n", source(object));
}

void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    statements.add(definition(object, "CREATE "));
}

void drop(const Object &object, const Comparison &comparison, Statements &statements)
{
    Statement &statement = statements.add(cat("DROP ", keyword(object), " ", object.identity));
    for (const Need &dependent : comparison.was.dependents_of(comparison.was.index_of(object)))
        if (const Object &table = comparison.was[dependent.object]; table.has("partition_key") &&
                                                                    comparison.fate_of_was(table) != Fate::dropped &&
                                                                    comparison.fate_of_was(table) != Fate::replaced)
            statement.may_fail = cat("the partition key of ", table.identity, " needs it, which cannot be altered");
}

// ---- altering

bool is_input(std::string_view mode)
{
    return mode == "i" || mode == "b" || mode == "v";
}

bool is_output(std::string_view mode)
{
    return mode == "o" || mode == "b" || mode == "t";
}

// Whether an argument keeps its name as far as the server insists on it.
bool names_agree(const Object &was, const Object &is)
{
    const List modes = was.list("argument_modes");
    const List before = was.list("argument_names");
    const List after = is.list("argument_names");
    // The row that is returned has the names of the outputs, unless it is a single value.
    const bool returns_row =
        std::count_if(modes.begin(), modes.end(), is_output) > (was.kind == Kind::procedure ? 0 : 1);
    for (std::size_t i = 0; i < modes.size(); ++i) {
        if (before[i] == after[i])
            continue;
        if (is_input(modes[i]) && !before[i].empty())
            return false;
        if (is_output(modes[i]) && returns_row)
            return false;
    }
    return true;
}

bool is_polymorphic(const Object &object)
{
    for (const std::string &type : object.list("argument_types"))
        if (type.starts_with("any"))
            return true;
    return false;
}

int defaults_of(const Object &object)
{
    int number = 0;
    for (const char digit : object.text("defaults"))
        number = number * 10 + (digit - '0');
    return number;
}

bool can_be_replaced_in_place(const Object &was, const Object &is)
{
    for (const std::string_view fixed : {"window", "result", "argument_modes", "argument_types"})
        if (!was.attributes.same(is.attributes, fixed))
            return false;
    if (defaults_of(is) < defaults_of(was) || !names_agree(was, is))
        return false;
    // The type of a default must not change, which is not always that of the argument.
    return !is_polymorphic(was) || defaults_of(was) == 0 || was.attributes.same(is.attributes, "arguments");
}

// What ALTER FUNCTION makes of the settings, and how; empty if the order in which they are kept came out wrong.
std::string change_settings(List was, List is)
{
    std::string changes;
    std::vector<std::string> result(was.begin(), was.end());
    const auto position = [](List list, std::string_view name) {
        return std::find_if(list.begin(), list.end(), [&](const std::string &each) { return name_of(each) == name; }) -
               list.begin();
    };
    for (const std::string &setting : was)
        if (position(is, name_of(setting)) == std::ssize(is)) {
            changes += cat(" RESET ", quoted_setting(name_of(setting)));
            std::erase(result, setting);
        }
    for (const std::string &setting : is) {
        const auto at = position(result, name_of(setting));
        if (at < std::ssize(result) && result[static_cast<std::size_t>(at)] == setting)
            continue;
        changes += cat(" ", set(setting));
        if (at < std::ssize(result))
            result[static_cast<std::size_t>(at)] = setting;
        else
            result.push_back(setting);
    }
    if (std::equal(result.begin(), result.end(), is.begin(), is.end()))
        return changes;
    changes = " RESET ALL";
    for (const std::string &setting : is)
        changes += cat(" ", set(setting));
    return changes;
}

// ALTER FUNCTION for what it can change; empty if there is anything else.
std::string changes(const Object &was, const Object &is)
{
    constexpr std::string_view by_alter[] = {
        "acl",      "comment", "config",           "cost",   "leakproof", "owner",
        "parallel", "rows",    "security_definer", "strict", "support",   "volatility"};
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    for (const Object *object : {&was, &is})
        for (const Attribute &each : object->attributes)
            if (differs(each.name) &&
                std::find(std::begin(by_alter), std::end(by_alter), each.name) == std::end(by_alter))
                return {};
    if (differs("support") && !is.has("support"))
        return {};
    std::string sql;
    const auto value = [&](std::string_view name, std::string_view other) {
        return is.has(name) ? is.text(name) : other;
    };
    if (differs("volatility"))
        sql += cat(" ", value("volatility", "VOLATILE"));
    if (differs("leakproof"))
        sql += cat(unless(is.has("leakproof"), " NOT"), " LEAKPROOF");
    if (differs("strict"))
        sql += is.has("strict") ? " STRICT" : " CALLED ON NULL INPUT";
    if (differs("security_definer"))
        sql += is.has("security_definer") ? " SECURITY DEFINER" : " SECURITY INVOKER";
    if (differs("parallel"))
        sql += cat(" PARALLEL ", value("parallel", "UNSAFE"));
    for (const auto &[name, word] : {std::pair{"cost", " COST "}, std::pair{"rows", " ROWS "}})
        if (differs(name))
            sql += cat(word, value(name, default_of(name, is)));
    if (differs("support"))
        sql += cat(" SUPPORT ", is.text("support"));
    if (differs("config"))
        sql += change_settings(was.list("config"), is.list("config"));
    return sql;
}

void alter(const Object &was, const Object &is, const Comparison &, Alteration &alteration)
{
    if (!can_be_replaced_in_place(was, is)) {
        alteration.replace = true;
        return;
    }
    if (const std::string change = changes(was, is); !change.empty()) {
        alteration.statements.add(cat("ALTER ", keyword(is), " ", is.identity, change));
        return;
    }
    alteration.statements.add(definition(is, "CREATE OR REPLACE "));
    alteration.rewrites = true;
}

} // namespace

constinit const Rules routine_rules{.make = make, .drop = drop, .alter = alter};

} // namespace pgmigrate::model
