// SPDX-License-Identifier: PostgreSQL
#pragma once

// The objects of a schema while they are read: from rows of the queries of schema_queries.hpp, known by their
// addresses.

#include "model/snapshot.hpp"
#include "pg/spi.hpp"

#include <map>
#include <unordered_map>
#include <unordered_set>

namespace pgmigrate::pg
{

struct AddressHash {
    std::size_t operator()(const model::Address &address) const
    {
        return (static_cast<std::size_t>(address.object_id) * 0x9E3779B97F4A7C15U) ^
               (static_cast<std::size_t>(address.class_id) << 17U) ^ static_cast<std::uint32_t>(address.sub_id);
    }
};

template <class Value>
using ByAddress = std::unordered_map<model::Address, Value, AddressHash>;

class SchemaObjects
{
  public:
    // What the columns of indexes are compared with.
    struct ColumnType {
        Oid type = InvalidOid;
        Oid collation = InvalidOid;
    };

    explicit SchemaObjects(model::Snapshot &snapshot) : snapshot_(snapshot) {}

    // About how many will be read.
    void reserve(std::size_t objects);
    // Neither this object nor what is a part of it is to be read: it is a member of an extension.
    void pass_over(const model::Address &address) { passed_over_.insert(address); }
    // A row for an object that is known adds to its attributes; one that has no more than an address is passed over if
    // it is not.
    void add(const Rows &rows);

    std::vector<model::Object> &all() { return objects_; }
    std::optional<std::uint32_t> index_of(const model::Address &address) const;
    // nullptr if it has not been read.
    model::Object *find(const model::Address &address);
    ColumnType column_type(Oid relation, std::int32_t number) const;

  private:
    struct Layout;
    struct Row;

    static void set_attributes(model::Object &object, const Layout &layout, const Row &row);
    bool fill(model::Object &object, const Layout &layout, const Row &row);
    bool put_below(model::Object &object, Oid relation);
    const std::string &type_name(Oid type, std::int32_t modifier);

    model::Snapshot &snapshot_;
    std::vector<model::Object> objects_;
    std::pair<Oid, std::uint32_t> last_relation_{InvalidOid, 0};
    ByAddress<std::uint32_t> known_;
    std::unordered_set<model::Address, AddressHash> passed_over_;
    ByAddress<ColumnType> column_types_;
    std::map<std::pair<Oid, std::int32_t>, std::string> type_names_;
};

} // namespace pgmigrate::pg
