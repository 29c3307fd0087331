// SPDX-License-Identifier: PostgreSQL
#pragma once

// All objects of a scope at one moment.

#include "model/object.hpp"

#include <array>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace pgmigrate::model
{

// Lists by number, one after the other.
template <class Value>
class Grouped
{
  public:
    // visit(add) calls add(group, value) for each value, in the same order each time.
    template <class Visit>
    void build(std::size_t groups, Visit visit)
    {
        begins_.assign(groups + 1, 0);
        visit([&](std::uint32_t group, const Value &) { ++begins_[group + 1]; });
        std::partial_sum(begins_.begin(), begins_.end(), begins_.begin());
        values_.resize(begins_.back());
        std::vector<std::uint32_t> ends(begins_.begin(), begins_.end() - 1);
        visit([&](std::uint32_t group, const Value &value) { values_[ends[group]++] = value; });
    }
    std::span<const Value> operator[](std::uint32_t group) const
    {
        return std::span(values_).subspan(begins_[group], begins_[group + 1] - begins_[group]);
    }

  private:
    std::vector<std::uint32_t> begins_; // of each group, and the end of the last
    std::vector<Value> values_;
};

class Snapshot
{
  public:
    static constexpr std::uint32_t none = UINT32_MAX;

    // The session that it was read by.
    struct Session {
        std::string role;                // whose an object is that it makes, quoted
        std::int32_t server_version = 0; // PG_VERSION_NUM
        std::string database_owner;      // quoted

        bool operator==(const Session &) const = default;
    };

    Snapshot() = default;
    // Without an object, and otherwise like `other`: session, notes, and names.
    static Snapshot like(const Snapshot &other);
    // In any order; needs and lookups refer to the order after finish().
    std::uint32_t add(Object object);
    // The same for one of another snapshot, which may be gone before this one.
    std::uint32_t adopt(Object object);
    void reserve(std::size_t objects) { objects_.reserve(objects); }
    // Sorts by kind and identity and makes the objects known by name. Two of the same kind and identity are an
    // internal error.
    void finish();

    // To be followed by finish().
    void set_needs(std::uint32_t index, std::vector<Need> needs) { objects_[index].needs = std::move(needs); }

    const std::vector<Object> &objects() const { return objects_; }
    const Object &operator[](std::uint32_t index) const { return objects_[index]; }
    std::uint32_t size() const { return static_cast<std::uint32_t>(objects_.size()); }
    std::uint32_t index_of(const Object &object) const { return static_cast<std::uint32_t>(&object - objects_.data()); }
    // Whether it is one of objects().
    bool owns(const Object &object) const;
    // nullptr if there is none.
    const Object *find(Kind kind, std::string_view identity) const;
    const Object *find(const Reference &reference) const { return find(reference.kind, reference.identity); }
    // The relation, type or domain that an object is a part of.
    const Object *parent_of(const Object &object) const;
    // The table, view, … of that name.
    const Object *find_relation(std::string_view identity) const;
    // Those of a kind that are parts of `parent`, by position and then by name.
    std::vector<const Object *> parts_of(const Object &parent, Kind kind) const;
    // Who needs it, each with the type of the dependency; valid after finish().
    std::span<const Need> dependents_of(std::uint32_t index) const { return dependents_[index]; }

    Session session;
    // What was met and is not compared, for the notes of a script; sorted.
    std::vector<std::string> unknown;

    // Keeps a name of an attribute that is not of static storage.
    std::string_view keep_name(std::string_view name);
    // The names that are kept for `other` live as long as this one, too: for whoever copies objects of it.
    void share_names(const Snapshot &other);

  private:
    struct NameHash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    using Names = std::unordered_set<std::string, NameHash, std::equal_to<>>;

    void sort();
    void learn_kinds();
    void learn_parents();
    // Of what an object can be a part of.
    std::uint32_t index_of_whole(std::string_view identity) const;

    std::vector<Object> objects_;
    std::array<std::uint32_t, kind_count + 1> begins_{}; // of each kind, and the end of the last
    std::vector<std::uint32_t> parents_;
    Grouped<std::uint32_t> parts_;
    Grouped<Need> dependents_;
    std::shared_ptr<Names> names_;
    std::vector<std::shared_ptr<const Names>> shared_names_;
};

// The binary form in which a snapshot is sent from a worker and kept in the catalogue. Addresses go with it.
std::string encode(const Snapshot &snapshot);
// Throws core::Error internal_error for what encode() has not made.
Snapshot decode(std::string_view wire);

} // namespace pgmigrate::model
