// SPDX-License-Identifier: PostgreSQL
#include "model/made_again.hpp"

#include "model/inheritance.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

class Search
{
  public:
    Search(const Comparison &comparison, Kinds kinds)
        : comparison_(comparison), was_(comparison.was), kinds_(kinds), found_(comparison.was.size(), false)
    {
    }

    std::vector<bool> run() &&
    {
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            found_[i] = was_[i].kind == Kind::table && kinds_.contains(Kind::table) && has_moved(was_[i]);
        while (keep_above())
            ;
        for (std::uint32_t i = 0; i < was_.size(); ++i)
            found_[i] = found_[i] || (was_[i].kind == Kind::column && is_column_made_again(was_[i]));
        return std::move(found_);
    }

  private:
    bool has_moved(const Object &object) const
    {
        const Object *is = comparison_.is_of(object);
        return is != nullptr && object.address != is->address;
    }

    bool keep_above()
    {
        bool any = false;
        for (std::uint32_t i = 0; i < was_.size(); ++i) {
            if (!found_[i])
                continue;
            const std::vector<const Object *> below = tables_below(was_[i], was_);
            if (std::ranges::all_of(below, [&](const Object *each) {
                    return found_[was_.index_of(*each)] || comparison_.is_of(*each) == nullptr;
                }))
                continue;
            found_[i] = false;
            any = true;
        }
        return any;
    }

    // One of a table or type that is made again itself is a part of that, one of a typed table follows the type. What
    // is generated is generated again.
    bool is_column_made_again(const Object &column) const
    {
        const Object *parent = was_.parent_of(column);
        if (!kinds_.contains(Kind::column) || parent == nullptr || !has_moved(column) || has_moved(*parent) ||
            (parent->kind != Kind::table && parent->kind != Kind::composite_type) || parent->has("of_type"))
            return false;
        return !column.has("generated") || !comparison_.is_of(column)->has("generated");
    }

    const Comparison &comparison_;
    const Snapshot &was_;
    Kinds kinds_;
    std::vector<bool> found_;
};

} // namespace

std::vector<bool> made_again(const Comparison &comparison, Kinds kinds)
{
    return kinds.empty() ? std::vector<bool>(comparison.was.size(), false) : Search(comparison, kinds).run();
}

std::vector<std::string> names_made_again(const Snapshot &was, const Snapshot &is, Kinds kinds)
{
    const Comparison comparison(was, is, {});
    const std::vector<bool> found = made_again(comparison, kinds);
    std::vector<std::string> names;
    for (std::uint32_t i = 0; i < was.size(); ++i)
        if (found[i])
            names.push_back(cat(info(was[i].kind).name, " ", was[i].identity));
    return names;
}

} // namespace pgmigrate::model
