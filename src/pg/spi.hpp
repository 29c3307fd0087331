// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/values.hpp"

#include <functional>
#include <span>

extern "C" {
#include "executor/spi.h"
#include "utils/acl.h"
#include "utils/snapshot.h"
}

namespace pgmigrate::pg
{

// A connection to SPI, for as long as the object lives.
class SpiConnection
{
  public:
    SpiConnection();
    SpiConnection(const SpiConnection &) = delete;
    SpiConnection &operator=(const SpiConnection &) = delete;
    ~SpiConnection();
};

// A statement of pg_migrate's own, planned once per session, whatever its parameters. Only for objects with static
// storage and constant initialization.
struct Query {
    const char *text;
    int parameter_count;
    Oid parameter_types[16];
    SPIPlanPtr plan;
};

// One value of a result. Each reads the type that it names, and takes another for damage: the owner of a table can
// change the type of a column, and a value taken for one of another type reads memory at will.
class Cell
{
  public:
    Cell(Datum value, bool is_null, Oid type) : value_(value), is_null_(is_null), type_(type) {}

    bool is_null() const { return is_null_; }
    std::optional<std::string> optional_text() const; // text or name
    std::optional<std::string> optional_bytes() const;
    std::optional<std::int64_t> timestamptz() const;
    // Of null, these are what is empty, zero or false.
    std::string text() const { return optional_text().value_or(std::string()); }
    std::vector<std::string> text_array() const;
    std::int64_t bigint() const;
    Oid oid() const;
    std::int32_t integer() const;
    char character() const; // of "char"
    bool boolean() const;
    std::vector<std::int16_t> int2_array() const;
    std::span<const std::int16_t> int2vector() const;
    std::span<const Oid> oidvector() const;
    std::span<const AclItem> aclitems() const;

  private:
    bool has(Oid type) const; // false for null
    template <class Vector>
    const Vector *vector(Oid type) const;

    Datum value_;
    bool is_null_;
    Oid type_;
};

// A row of a result on its way.
class Row
{
  public:
    Row(TupleDesc description, const Datum *values, const bool *nulls)
        : description_(description), values_(values), nulls_(nulls)
    {
    }

    // Columns are counted from 1.
    Cell operator[](int column) const
    {
        return {values_[column - 1], nulls_[column - 1], TupleDescAttr(description_, column - 1)->atttypid};
    }
    // For those who read all columns of all rows, counted from 0.
    TupleDesc description() const { return description_; }
    const Datum *values() const { return values_; }
    const bool *nulls() const { return nulls_; }

  private:
    TupleDesc description_;
    const Datum *values_;
    const bool *nulls_;
};

// The rows that a Query returned.
class Rows
{
  public:
    Rows(SPITupleTable *table, std::uint64_t count) : table_(table), count_(count) {}
    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;
    ~Rows();

    std::uint64_t size() const { return count_; }
    Cell cell(std::uint64_t row, int column) const;
    bool is_null(std::uint64_t row, int column) const { return cell(row, column).is_null(); }
    std::string text(std::uint64_t row, int column) const { return cell(row, column).text(); }
    std::optional<std::string> optional_text(std::uint64_t row, int column) const
    {
        return cell(row, column).optional_text();
    }
    std::vector<std::string> text_array(std::uint64_t row, int column) const { return cell(row, column).text_array(); }
    std::optional<std::string> optional_bytes(std::uint64_t row, int column) const
    {
        return cell(row, column).optional_bytes();
    }
    std::int64_t bigint(std::uint64_t row, int column) const { return cell(row, column).bigint(); }
    std::optional<std::int64_t> timestamptz(std::uint64_t row, int column) const
    {
        return cell(row, column).timestamptz();
    }
    Oid oid(std::uint64_t row, int column) const { return cell(row, column).oid(); }
    std::int32_t integer(std::uint64_t row, int column) const { return cell(row, column).integer(); }
    bool boolean(std::uint64_t row, int column) const { return cell(row, column).boolean(); }

  private:
    SPITupleTable *table_;
    std::uint64_t count_;
};

// Runs `query` under the current snapshot rules of a volatile function, or under `snapshot` when one is given.
Rows run(Query &query, Values &parameters, Snapshot snapshot = nullptr);

// The same under `snapshot`, for a query that returns many rows: each is handed on as it comes, and none is kept.
// `each` runs no query of its own.
void stream(Query &query, Values &parameters, Snapshot snapshot, const std::function<void(const Row &)> &each);

} // namespace pgmigrate::pg
