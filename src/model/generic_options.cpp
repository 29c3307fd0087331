// SPDX-License-Identifier: PostgreSQL
#include "model/generic_options.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <vector>

namespace pgmigrate::model
{

namespace
{

std::string_view name_of(std::string_view option)
{
    return option.substr(0, option.find('='));
}

// Names in OPTIONS are labels: quoting them all spares a list of key words.
std::string quoted_name(std::string_view option)
{
    std::string quoted = "\"";
    for (const char each : name_of(option)) {
        if (each == '"')
            quoted += each;
        quoted += each;
    }
    return quoted + '"';
}

std::string definition(std::string_view option)
{
    const std::size_t equals = option.find('=');
    return cat(quoted_name(option), " ", literal(equals == std::string_view::npos ? "" : option.substr(equals + 1)));
}

std::string in_parentheses(const std::vector<std::string> &list)
{
    return list.empty() ? std::string() : cat(" OPTIONS (", join(list, ", "), ")");
}

bool has(std::span<const std::string> options, std::string_view name)
{
    return std::any_of(options.begin(), options.end(), [&](const std::string &each) { return name_of(each) == name; });
}

} // namespace

std::string generic_options(std::span<const std::string> options)
{
    std::vector<std::string> list;
    for (const std::string &each : options)
        list.push_back(definition(each));
    return in_parentheses(list);
}

std::string generic_options_change(std::span<const std::string> was, std::span<const std::string> is)
{
    std::vector<std::string> list;
    for (const std::string &each : was)
        if (!has(is, name_of(each)))
            list.push_back(cat("DROP ", quoted_name(each)));
    for (const std::string &each : is)
        if (!has(was, name_of(each)))
            list.push_back(cat("ADD ", definition(each)));
        else if (std::find(was.begin(), was.end(), each) == was.end())
            list.push_back(cat("SET ", definition(each)));
    return in_parentheses(list);
}

} // namespace pgmigrate::model
