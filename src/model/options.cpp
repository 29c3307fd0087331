// SPDX-License-Identifier: PostgreSQL
#include "model/options.hpp"

#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string_view name_of(std::string_view option)
{
    return option.substr(0, option.find('='));
}

std::string value_of(std::string_view option)
{
    const std::size_t at = option.find('=');
    return literal(at == std::string_view::npos ? std::string_view() : option.substr(at + 1));
}

// The names of foreign options are the wrapper's business: anything can be in them.
std::string quoted_name(std::string_view name)
{
    std::string quoted = "\"";
    bool plain = !name.empty() && (name[0] == '_' || (name[0] >= 'a' && name[0] <= 'z'));
    for (const char each : name) {
        plain = plain && (each == '_' || (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9'));
        quoted += each;
        if (each == '"')
            quoted += each;
    }
    return plain ? std::string(name) : quoted + '"';
}

bool has(OptionList options, std::string_view name)
{
    return std::any_of(options.begin(), options.end(), [&](std::string_view each) { return name_of(each) == name; });
}

std::string in_parentheses(const std::string &list)
{
    return list.empty() ? list : cat(" OPTIONS (", list, ")");
}

void append(std::string &list, std::string_view item)
{
    list += cat(list.empty() ? "" : ", ", item);
}

} // namespace

std::string parameters(OptionList options)
{
    std::string list;
    for (const std::string &each : options)
        append(list, cat(name_of(each), "=", value_of(each)));
    return list;
}

ParameterChanges parameter_changes(OptionList was, OptionList is)
{
    ParameterChanges changes;
    for (const std::string &each : is)
        if (std::find(was.begin(), was.end(), each) == was.end())
            append(changes.set, cat(name_of(each), "=", value_of(each)));
    for (const std::string &each : was)
        if (!has(is, name_of(each)))
            append(changes.reset, name_of(each));
    return changes;
}

std::string foreign_options(OptionList options)
{
    std::string list;
    for (const std::string &each : options)
        append(list, cat(quoted_name(name_of(each)), " ", value_of(each)));
    return in_parentheses(list);
}

std::string foreign_option_changes(OptionList was, OptionList is)
{
    std::string list;
    for (const std::string &each : was)
        if (!has(is, name_of(each)))
            append(list, cat("DROP ", quoted_name(name_of(each))));
    for (const std::string &each : is)
        if (std::find(was.begin(), was.end(), each) == was.end())
            append(list,
                   cat(has(was, name_of(each)) ? "SET " : "ADD ", quoted_name(name_of(each)), " ", value_of(each)));
    return in_parentheses(list);
}

} // namespace pgmigrate::model
