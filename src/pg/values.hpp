// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Values on their way into the server: the parameters of a statement, or a row of a result. Allocated in the memory
// context that is current when they are added.
class Values
{
  public:
    static constexpr int capacity = 24;

    Values &text(std::string_view value);
    Values &text(const std::string &value) { return text(std::string_view(value)); }
    Values &text(const char *value) { return text(std::string_view(value)); }
    Values &text(const std::optional<std::string> &value);
    Values &text_or_null(const std::string &value); // empty is null
    Values &name(const std::optional<std::string> &value);
    Values &text_array(const std::vector<std::string> &values);
    Values &bytes(std::string_view value);
    Values &oid_array(const std::vector<Oid> &values);
    Values &boolean(bool value) { return add(BoolGetDatum(value)); }
    Values &integer(std::int32_t value) { return add(Int32GetDatum(value)); }
    Values &oid(Oid value) { return add(ObjectIdGetDatum(value)); }
    Values &bigint(std::int64_t value) { return add(Int64GetDatum(value)); }
    Values &timestamptz(std::optional<std::int64_t> value) { return value ? add(Int64GetDatum(*value)) : null(); }
    Values &interval_microseconds(std::int64_t value);
    Values &null();

    int size() const { return size_; }
    Datum *datums() { return datums_; }
    bool *nulls() { return nulls_; }
    // In the form that SPI takes: 'n' for null.
    const char *null_flags() const { return flags_; }

  private:
    Values &add(Datum value);
    void check_space() const;

    int size_ = 0;
    Datum datums_[capacity] = {};
    bool nulls_[capacity] = {};
    char flags_[capacity + 1] = {};
};

// The text of a text datum, copied.
std::string text_of(Datum value);
std::vector<std::string> text_array_of(Datum value);
// The bytes of a bytea datum, copied.
std::string bytes_of(Datum value);

// The arguments of an SQL function.
class Arguments
{
  public:
    explicit Arguments(FunctionCallInfo fcinfo) : fcinfo_(fcinfo) {}
    bool is_null(int index) const { return fcinfo_->nargs <= index || fcinfo_->args[index].isnull; }
    std::optional<std::string> text(int index) const;
    std::optional<std::string> name(int index) const;
    // Throws null_value_not_allowed naming the parameter.
    std::string required_text(int index, const char *parameter) const;
    std::int64_t required_bigint(int index, const char *parameter) const;
    // Of an interval; months count as 30 days, as in EXTRACT(epoch).
    std::optional<std::int64_t> interval_microseconds(int index) const;
    bool boolean(int index, bool when_null) const;

  private:
    FunctionCallInfo fcinfo_;
};

// The result of a set-returning function, materialized.
class ResultSet
{
  public:
    enum class Shape { rows, scalars };
    explicit ResultSet(FunctionCallInfo fcinfo, Shape shape = Shape::rows);
    void add(Values &row);
    Datum finish() const { return static_cast<Datum>(0); }

  private:
    ReturnSetInfo *info_;
};

// The result of an SQL function, allocated where it outlives every scope object.
Datum return_text(const std::string &text);
Datum return_bytes(const std::string &bytes);

} // namespace pgmigrate::pg
