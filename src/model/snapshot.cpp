// SPDX-License-Identifier: PostgreSQL
#include "model/snapshot.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace pgmigrate::model
{

std::uint32_t Snapshot::add(Object object)
{
    objects_.push_back(std::move(object));
    return static_cast<std::uint32_t>(objects_.size() - 1);
}

std::uint32_t Snapshot::adopt(Object object)
{
    Attributes own;
    own.reserve(object.attributes.size());
    for (const Attribute &each : object.attributes)
        own.append({keep_name(each.name), each.text, each.list});
    object.attributes = std::move(own);
    return add(std::move(object));
}

void Snapshot::finish()
{
    sort();
    learn_kinds();
    learn_parents();
    const auto count = static_cast<std::uint32_t>(objects_.size());
    dependents_.build(count, [&](const auto &add) {
        for (std::uint32_t i = 0; i < count; ++i)
            for (const Need &need : objects_[i].needs)
                add(need.object, Need{i, need.type});
    });
    std::sort(unknown.begin(), unknown.end());
}

void Snapshot::sort()
{
    // Apart from the objects, which are large.
    struct Key {
        std::string_view identity;
        Kind kind;
        std::uint32_t object;
    };
    const auto precedes = [](const Key &left, const Key &right) {
        return left.kind != right.kind ? left.kind < right.kind : left.identity < right.identity;
    };
    std::vector<Key> keys;
    keys.reserve(objects_.size());
    for (const Object &object : objects_)
        keys.push_back({object.identity, object.kind, static_cast<std::uint32_t>(keys.size())});
    std::vector<std::uint32_t> moved(objects_.size());
    if (!std::is_sorted(keys.begin(), keys.end(), precedes)) {
        std::sort(keys.begin(), keys.end(), precedes);
        std::vector<Object> sorted;
        sorted.reserve(objects_.size());
        for (const Key &key : keys) {
            moved[key.object] = static_cast<std::uint32_t>(sorted.size());
            sorted.push_back(std::move(objects_[key.object]));
        }
        objects_ = std::move(sorted);
    } else
        std::iota(moved.begin(), moved.end(), 0U);
    for (Object &object : objects_) {
        for (Need &need : object.needs)
            need.object = moved[need.object];
        std::sort(object.needs.begin(), object.needs.end(), [](const Need &a, const Need &b) {
            return a.object != b.object ? a.object < b.object : a.type < b.type;
        });
        object.needs.erase(std::unique(object.needs.begin(), object.needs.end()), object.needs.end());
    }
}

void Snapshot::learn_kinds()
{
    begins_.fill(0);
    for (std::uint32_t i = 0; i < objects_.size(); ++i) {
        const Object &object = objects_[i];
        ++begins_[static_cast<std::size_t>(object.kind) + 1];
        if (i > 0 && objects_[i - 1].kind == object.kind && objects_[i - 1].identity == object.identity)
            throw core::Error(core::sqlstate::internal_error, "two objects of the kind " +
                                                                  std::string(info(object.kind).name) +
                                                                  " have the identity " + object.identity);
    }
    std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
}

void Snapshot::learn_parents()
{
    const auto count = static_cast<std::uint32_t>(objects_.size());
    parents_.assign(count, none);
    // Most stand next to others of the same.
    std::string_view last;
    std::uint32_t parent = none;
    for (std::uint32_t i = 0; i < count; ++i) {
        const Object &object = objects_[i];
        if (object.parent.empty())
            continue;
        if (object.parent != last) {
            last = object.parent;
            parent = index_of_whole(last);
        }
        parents_[i] = parent;
    }
    parts_.build(count, [&](const auto &add) {
        for (std::uint32_t i = 0; i < count; ++i)
            if (parents_[i] != none)
                add(parents_[i], i);
    });
}

std::uint32_t Snapshot::index_of_whole(std::string_view identity) const
{
    const Object *found = find_relation(identity);
    if (found == nullptr)
        found = find(Kind::domain, identity);
    return found == nullptr ? none : index_of(*found);
}

bool Snapshot::owns(const Object &object) const
{
    const std::less<> before;
    return !before(&object, objects_.data()) && before(&object, objects_.data() + objects_.size());
}

const Object *Snapshot::find(Kind kind, std::string_view identity) const
{
    const auto end = objects_.begin() + begins_[static_cast<std::size_t>(kind) + 1];
    const auto found =
        std::lower_bound(objects_.begin() + begins_[static_cast<std::size_t>(kind)], end, identity,
                         [](const Object &object, std::string_view name) { return object.identity < name; });
    return found == end || found->identity != identity ? nullptr : &*found;
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
    const std::uint32_t parent = owns(object) ? parents_[index_of(object)] : index_of_whole(object.parent);
    return parent == none ? nullptr : &objects_[parent];
}

std::vector<const Object *> Snapshot::parts_of(const Object &parent, Kind kind) const
{
    std::vector<const Object *> parts;
    const std::uint32_t index = index_of_whole(parent.identity);
    if (index == none)
        return parts;
    for (const std::uint32_t part : parts_[index])
        if (objects_[part].kind == kind)
            parts.push_back(&objects_[part]);
    std::stable_sort(parts.begin(), parts.end(),
                     [](const Object *a, const Object *b) { return a->position < b->position; });
    return parts;
}

std::string_view Snapshot::keep_name(std::string_view name)
{
    if (names_ == nullptr)
        names_ = std::make_shared<Names>();
    const auto found = names_->find(name);
    return found != names_->end() ? *found : *names_->emplace(std::string(name)).first;
}

Snapshot Snapshot::like(const Snapshot &other)
{
    Snapshot snapshot;
    snapshot.session = other.session;
    snapshot.unknown = other.unknown;
    snapshot.share_names(other);
    return snapshot;
}

void Snapshot::share_names(const Snapshot &other)
{
    if (other.names_ != nullptr)
        shared_names_.push_back(other.names_);
    shared_names_.insert(shared_names_.end(), other.shared_names_.begin(), other.shared_names_.end());
}

} // namespace pgmigrate::model
