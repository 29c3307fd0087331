// SPDX-License-Identifier: PostgreSQL
#pragma once

// The objects of a schema while they are read: from rows of the queries of schema_queries.hpp, known by their
// addresses.

#include "model/snapshot.hpp"
#include "pg/by_address.hpp"
#include "pg/spi.hpp"

#include <map>

namespace pgmigrate::pg
{

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
    void pass_over(const model::Address &address) { passed_over_.emplace(address, true); }
    // A row for an object that is known adds to its attributes; one that has no more than an address is passed over if
    // it is not. `then`, if given, takes each object that a row was for, with the row.
    using Then = std::function<void(model::Object &, const Row &)>;
    void add(Query &query, Values &parameters, Snapshot snapshot, const Then &then = {});

    std::vector<model::Object> &all() { return objects_; }
    std::optional<std::uint32_t> index_of(const model::Address &address) const;
    // nullptr if it has not been read.
    model::Object *find(const model::Address &address);
    ColumnType column_type(Oid relation, std::int32_t number) const;

  private:
    struct Layout;
    struct Columns;

    model::Object *add(const Layout &layout, const Row &row);
    static void set_attributes(model::Object &object, const Columns &columns);
    bool fill(model::Object &object, const Columns &columns);
    bool put_below(model::Object &object, Oid relation);
    const std::string &type_name(Oid type, std::int32_t modifier);

    model::Snapshot &snapshot_;
    std::vector<model::Object> objects_;
    std::pair<Oid, std::uint32_t> last_relation_{InvalidOid, 0};
    ByAddress<std::uint32_t> known_;
    ByAddress<bool> passed_over_;
    std::vector<ColumnType> column_types_; // of each of objects_ up to the last column
    std::map<std::pair<Oid, std::int32_t>, std::string> type_names_;
};

} // namespace pgmigrate::pg
