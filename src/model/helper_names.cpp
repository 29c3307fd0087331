// SPDX-License-Identifier: PostgreSQL
#include "model/helper_names.hpp"

#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

std::string slot(std::string_view around, std::string_view name)
{
    return cat(around, ".", unquoted(name));
}

} // namespace

void HelperNames::learn()
{
    if (!taken_.empty())
        return;
    taken_.emplace(); // there is no such name
    for (const Snapshot *side : {&was_, &is_})
        for (const Object &object : side->objects()) {
            if (object.kind == Kind::default_value)
                continue;
            const bool of_column = object.kind == Kind::column;
            if (!of_column)
                taken_.insert(slot(object.schema, object.name));
            if (of_column || object.kind == Kind::constraint)
                taken_.insert(slot(object.parent, object.name));
            if (object.has("multirange_name"))
                taken_.insert(slot(object.schema, object.text("multirange_name")));
        }
}

std::string HelperNames::next_to(std::string_view schema, std::string_view identity, std::string_view name,
                                 std::string_view suffix)
{
    return within({schema}, identity, name, suffix);
}

std::string HelperNames::within(std::initializer_list<std::string_view> places, std::string_view identity,
                                std::string_view name, std::string_view suffix)
{
    const auto [given, is_new] = given_.try_emplace(cat(identity, " ", suffix));
    if (!is_new)
        return given->second;
    learn();
    std::string found = with_suffix(name, suffix);
    const std::string plain = found;
    // A long suffix, which has a name in it, leaves no room for the number.
    constexpr std::size_t long_suffix = 40;
    const auto is_taken = [&](std::string_view place) { return taken_.contains(slot(place, found)); };
    for (int i = 1; std::ranges::any_of(places, is_taken); ++i)
        found = suffix.size() > long_suffix ? with_suffix(plain, cat("_", std::to_string(i)))
                                            : with_suffix(name, cat(suffix, "_", std::to_string(i)));
    for (const std::string_view place : places)
        taken_.insert(slot(place, found));
    given->second = found;
    return found;
}

std::string HelperNames::constraint_for(const Object &column, std::string_view suffix)
{
    return next_to(column.parent, column.identity, column.name, suffix);
}

} // namespace pgmigrate::model
