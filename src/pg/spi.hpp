// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "pg/values.hpp"

#include <span>

extern "C" {
#include "executor/spi.h"
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

// The rows that a Query returned.
class Rows
{
  public:
    Rows(SPITupleTable *table, std::uint64_t count) : table_(table), count_(count) {}
    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;
    ~Rows();

    std::uint64_t size() const { return count_; }
    bool is_null(std::uint64_t row, int column) const;
    std::string text(std::uint64_t row, int column) const; // text or name; null is an empty string
    std::optional<std::string> optional_text(std::uint64_t row, int column) const;
    std::vector<std::string> text_array(std::uint64_t row, int column) const;
    std::optional<std::string> optional_bytes(std::uint64_t row, int column) const;
    std::int64_t bigint(std::uint64_t row, int column) const;
    std::optional<std::int64_t> timestamptz(std::uint64_t row, int column) const;
    Oid oid(std::uint64_t row, int column) const;                              // InvalidOid for null
    std::int32_t integer(std::uint64_t row, int column) const;                 // 0 for null
    char character(std::uint64_t row, int column) const;                       // of "char"; '\0' for null
    bool boolean(std::uint64_t row, int column) const;                         // false for null
    std::vector<std::int16_t> int2_array(std::uint64_t row, int column) const; // empty for null
    std::span<const std::int16_t> int2vector(std::uint64_t row, int column) const;
    std::span<const Oid> oidvector(std::uint64_t row, int column) const;

    // For those who read all columns of all rows.
    TupleDesc description() const { return table_->tupdesc; }
    HeapTuple tuple(std::uint64_t row) const { return table_->vals[row]; }

  private:
    Datum datum(std::uint64_t row, int column, bool &is_null) const;
    template <class Vector>
    const Vector *vector(std::uint64_t row, int column, Oid type) const;
    // The owner of a table can change the type of a column; a value taken for one of another type reads memory at will.
    void check_type(int column, Oid type) const;

    SPITupleTable *table_;
    std::uint64_t count_;
};

// Runs `query` under the current snapshot rules of a volatile function, or under `snapshot` when one is given.
Rows run(Query &query, Values &parameters, Snapshot snapshot = nullptr);

} // namespace pgmigrate::pg
