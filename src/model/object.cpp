// SPDX-License-Identifier: PostgreSQL
#include "model/object.hpp"

#include "model/expression.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

// Lists that are made in the order in which they were given, which is no difference.
bool is_set(std::string_view attribute)
{
    return attribute == "options";
}

} // namespace

const Attribute *Attributes::find(std::string_view name) const
{
    for (const Attribute &each : attributes_)
        if (each.name == name)
            return &each;
    return nullptr;
}

Attribute &Attributes::place(std::string_view name)
{
    auto at = std::lower_bound(attributes_.begin(), attributes_.end(), name,
                               [](const Attribute &each, std::string_view wanted) { return each.name < wanted; });
    if (at == attributes_.end() || at->name != name)
        at = attributes_.insert(at, Attribute{name, {}, {}});
    return *at;
}

void Attributes::set(std::string_view name, std::string text)
{
    place(name).text = std::move(text);
}

void Attributes::set_list(std::string_view name, std::vector<std::string> list)
{
    place(name).list = std::move(list);
}

void Attributes::erase(std::string_view name)
{
    std::erase_if(attributes_, [&](const Attribute &each) { return each.name == name; });
}

std::string_view Attributes::text(std::string_view name) const
{
    const Attribute *found = find(name);
    return found != nullptr ? std::string_view(found->text) : std::string_view();
}

std::span<const std::string> Attributes::list(std::string_view name) const
{
    const Attribute *found = find(name);
    return found != nullptr ? std::span<const std::string>(found->list) : std::span<const std::string>();
}

bool Attributes::same(const Attributes &other, std::string_view name) const
{
    const Attribute *mine = find(name);
    const Attribute *theirs = other.find(name);
    if (mine == nullptr || theirs == nullptr)
        return mine == theirs;
    if (*mine == *theirs)
        return true;
    if (is_set(name))
        return std::is_permutation(mine->list.begin(), mine->list.end(), theirs->list.begin(), theirs->list.end());
    return is_deparsed(name) && canonical(mine->text) == canonical(theirs->text) &&
           std::equal(mine->list.begin(), mine->list.end(), theirs->list.begin(), theirs->list.end(),
                      [](const std::string &a, const std::string &b) { return canonical(a) == canonical(b); });
}

} // namespace pgmigrate::model
