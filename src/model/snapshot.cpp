// SPDX-License-Identifier: PostgreSQL
#include "model/snapshot.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <array>
#include <numeric>

namespace pgmigrate::model
{

std::uint32_t Snapshot::add(Object object)
{
    objects_.push_back(std::move(object));
    return static_cast<std::uint32_t>(objects_.size() - 1);
}

void Snapshot::finish()
{
    std::vector<std::uint32_t> order(objects_.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const Object &left = objects_[a];
        const Object &right = objects_[b];
        return left.kind != right.kind ? left.kind < right.kind : left.identity < right.identity;
    });
    std::vector<std::uint32_t> moved(objects_.size());
    std::vector<Object> sorted;
    sorted.reserve(objects_.size());
    for (std::uint32_t i = 0; i < order.size(); ++i) {
        moved[order[i]] = i;
        sorted.push_back(std::move(objects_[order[i]]));
    }
    objects_ = std::move(sorted);

    for (auto &names : by_identity_)
        names.clear();
    by_parent_.clear();
    dependents_.assign(objects_.size(), {});
    for (std::uint32_t i = 0; i < objects_.size(); ++i) {
        Object &object = objects_[i];
        if (!by_identity_[static_cast<int>(object.kind)].emplace(object.identity, i).second)
            throw core::Error(core::sqlstate::internal_error, "two objects of the kind " +
                                                                  std::string(info(object.kind).name) +
                                                                  " have the identity " + object.identity);
        if (!object.parent.empty())
            by_parent_[object.parent].push_back(i);
        for (Need &need : object.needs)
            need.object = moved[need.object];
        std::sort(object.needs.begin(), object.needs.end(), [](const Need &a, const Need &b) {
            return a.object != b.object ? a.object < b.object : a.type < b.type;
        });
        object.needs.erase(std::unique(object.needs.begin(), object.needs.end()), object.needs.end());
        for (const Need &need : object.needs)
            dependents_[need.object].push_back({i, need.type});
    }
    std::sort(unknown.begin(), unknown.end());
}

const Object *Snapshot::find(Kind kind, std::string_view identity) const
{
    const auto &names = by_identity_[static_cast<int>(kind)];
    const auto found = names.find(identity);
    return found == names.end() ? nullptr : &objects_[found->second];
}

const Object *Snapshot::find_relation(std::string_view identity) const
{
    for (const Kind kind :
         {Kind::table, Kind::view, Kind::materialized_view, Kind::foreign_table, Kind::sequence, Kind::composite_type})
        if (const Object *found = find(kind, identity))
            return found;
    return nullptr;
}

const Object *Snapshot::parent_of(const Object &object) const
{
    if (object.parent.empty())
        return nullptr;
    if (const Object *found = find_relation(object.parent))
        return found;
    return find(Kind::domain, object.parent);
}

std::vector<const Object *> Snapshot::parts_of(const Object &parent, Kind kind) const
{
    std::vector<const Object *> parts;
    const auto found = by_parent_.find(parent.identity);
    if (found == by_parent_.end())
        return parts;
    for (const std::uint32_t index : found->second)
        if (objects_[index].kind == kind)
            parts.push_back(&objects_[index]);
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Object *a, const Object *b) { return a->position < b->position; });
    return parts;
}

std::string_view Snapshot::keep_name(std::string_view name)
{
    if (names_ == nullptr)
        names_ = std::make_shared<std::set<std::string, std::less<>>>();
    const auto found = names_->find(name);
    return found != names_->end() ? *found : *names_->emplace(name).first;
}

void Snapshot::share_names(const Snapshot &other)
{
    if (other.names_ != nullptr)
        shared_names_.push_back(other.names_);
    shared_names_.insert(shared_names_.end(), other.shared_names_.begin(), other.shared_names_.end());
}

} // namespace pgmigrate::model
