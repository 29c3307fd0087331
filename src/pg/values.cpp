// SPDX-License-Identifier: PostgreSQL
#include "pg/values.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "catalog/pg_type.h" // TEXTOID
#include "utils/array.h"     // construct_array, ArrayType
#include "utils/builtins.h"  // cstring_to_text_with_len
#include "utils/timestamp.h" // Interval
#include "utils/tuplestore.h"
}

namespace pgmigrate::pg
{

void Values::check_space() const
{
    if (size_ >= capacity)
        throw core::Error(core::sqlstate::internal_error, "too many values in a row");
}

Values &Values::add(Datum value)
{
    check_space();
    datums_[size_] = value;
    nulls_[size_] = false;
    flags_[size_] = ' ';
    ++size_;
    return *this;
}

Values &Values::null()
{
    check_space();
    datums_[size_] = 0;
    nulls_[size_] = true;
    flags_[size_] = 'n';
    ++size_;
    return *this;
}

Values &Values::text(std::string_view value)
{
    return add(
        call([&] { return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size()))); }));
}

Values &Values::text(const std::optional<std::string> &value)
{
    return value ? text(std::string_view(*value)) : null();
}

Values &Values::text_or_null(const std::string &value)
{
    return value.empty() ? null() : text(std::string_view(value));
}

Values &Values::name(const std::optional<std::string> &value)
{
    if (!value)
        return null();
    const char *text = value->c_str();
    return add(call([&] { return DirectFunctionCall1(namein, CStringGetDatum(text)); }));
}

Values &Values::text_array(const std::vector<std::string> &values)
{
    const std::size_t count = values.size();
    auto *elements = call([&] { return static_cast<Datum *>(palloc(sizeof(Datum) * (count + 1))); });
    for (std::size_t i = 0; i < count; ++i) {
        const std::string &value = values[i];
        elements[i] = call(
            [&] { return PointerGetDatum(cstring_to_text_with_len(value.data(), static_cast<int>(value.size()))); });
    }
    return add(call([&] {
        return PointerGetDatum(construct_array(elements, static_cast<int>(count), TEXTOID, -1, false, TYPALIGN_INT));
    }));
}

Values &Values::bytes(std::string_view value)
{
    // A bytea and a text are the same but for what may be in them.
    return text(value);
}

Values &Values::oid_array(const std::vector<Oid> &values)
{
    const std::size_t count = values.size();
    auto *elements = call([&] { return static_cast<Datum *>(palloc(sizeof(Datum) * (count + 1))); });
    for (std::size_t i = 0; i < count; ++i)
        elements[i] = ObjectIdGetDatum(values[i]);
    return add(call([&] {
        return PointerGetDatum(
            construct_array(elements, static_cast<int>(count), OIDOID, sizeof(Oid), true, TYPALIGN_INT));
    }));
}

Values &Values::interval_microseconds(std::int64_t value)
{
    return add(call([&] {
        auto *interval = static_cast<Interval *>(palloc0(sizeof(Interval)));
        interval->time = value;
        return IntervalPGetDatum(interval);
    }));
}

std::string bytes_of(Datum value)
{
    return text_of(value);
}

std::string text_of(Datum value)
{
    const auto *stored = static_cast<const text *>(static_cast<const void *>(DatumGetPointer(value)));
    if (VARATT_IS_COMPRESSED(stored) || VARATT_IS_EXTERNAL(stored))
        stored = call([&] { return DatumGetTextPP(value); });
    return std::string(VARDATA_ANY(stored), VARSIZE_ANY_EXHDR(stored));
}

std::vector<std::string> text_array_of(Datum value)
{
    ArrayType *array = call([&] { return DatumGetArrayTypeP(value); });
    std::vector<std::string> elements;
    if (ARR_NDIM(array) != 1 || ARR_HASNULL(array))
        return elements;
    const int count = ARR_DIMS(array)[0];
    elements.reserve(static_cast<std::size_t>(count));
    const char *position = ARR_DATA_PTR(array);
    for (int i = 0; i < count; ++i) {
        elements.emplace_back(VARDATA_ANY(position), VARSIZE_ANY_EXHDR(position));
        position += VARSIZE_ANY(position);
        position =
            reinterpret_cast<const char *>(att_align_nominal(reinterpret_cast<std::uintptr_t>(position), TYPALIGN_INT));
    }
    return elements;
}

std::optional<std::string> Arguments::text(int index) const
{
    if (is_null(index))
        return std::nullopt;
    return text_of(fcinfo_->args[index].value);
}

std::optional<std::string> Arguments::name(int index) const
{
    if (is_null(index))
        return std::nullopt;
    return std::string(NameStr(*DatumGetName(fcinfo_->args[index].value)));
}

std::string Arguments::required_text(int index, const char *parameter) const
{
    if (is_null(index))
        throw core::Error(core::sqlstate::null_value_not_allowed,
                          std::string("parameter ") + parameter + " must not be null");
    return text_of(fcinfo_->args[index].value);
}

std::int64_t Arguments::required_bigint(int index, const char *parameter) const
{
    if (is_null(index))
        throw core::Error(core::sqlstate::null_value_not_allowed,
                          std::string("parameter ") + parameter + " must not be null");
    return DatumGetInt64(fcinfo_->args[index].value);
}

std::optional<std::int64_t> Arguments::interval_microseconds(int index) const
{
    if (is_null(index))
        return std::nullopt;
    const Interval *interval = DatumGetIntervalP(fcinfo_->args[index].value);
    constexpr double days_per_month = 30;
    const double days = static_cast<double>(interval->day) + days_per_month * static_cast<double>(interval->month);
    const double microseconds = static_cast<double>(interval->time) + days * static_cast<double>(USECS_PER_DAY);
    constexpr double longest = 9e15; // some 285 years
    return static_cast<std::int64_t>(std::clamp(microseconds, 0.0, longest));
}

bool Arguments::boolean(int index, bool when_null) const
{
    return is_null(index) ? when_null : DatumGetBool(fcinfo_->args[index].value);
}

ResultSet::ResultSet(FunctionCallInfo fcinfo, Shape shape)
{
    // A function that returns a set of scalars has no row type to look up; what the caller expects is that one column.
    const std::uint32_t flags = shape == Shape::scalars ? MAT_SRF_USE_EXPECTED_DESC : 0;
    call([&] { InitMaterializedSRF(fcinfo, flags); });
    info_ = reinterpret_cast<ReturnSetInfo *>(fcinfo->resultinfo);
    if (info_->setDesc->natts > Values::capacity)
        throw core::Error(core::sqlstate::internal_error, "too many result columns");
}

void ResultSet::add(Values &row)
{
    if (row.size() != info_->setDesc->natts)
        throw core::Error(core::sqlstate::internal_error, "a result row has " + std::to_string(row.size()) +
                                                              " columns where " +
                                                              std::to_string(info_->setDesc->natts) + " are declared");
    call([&] { tuplestore_putvalues(info_->setResult, info_->setDesc, row.datums(), row.nulls()); });
}

Datum return_text(const std::string &text)
{
    // Not in the current context: that may be SPI's, which is gone when the function returns.
    MemoryContext outer = MemoryContextSwitchTo(boundary::error_home());
    try {
        const Datum result =
            call([&] { return PointerGetDatum(cstring_to_text_with_len(text.data(), static_cast<int>(text.size()))); });
        MemoryContextSwitchTo(outer);
        return result;
    } catch (...) {
        MemoryContextSwitchTo(outer);
        throw;
    }
}

Datum return_bytes(const std::string &bytes)
{
    return return_text(bytes);
}

} // namespace pgmigrate::pg
