// SPDX-License-Identifier: PostgreSQL
#include "pg/spi.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
}

namespace pgmigrate::pg
{

namespace
{

core::Error failure(const char *verb, const Query &query, int code)
{
    return core::Error(core::sqlstate::internal_error,
                       std::string("could not ") + verb + " \"" + query.text + "\": " + SPI_result_code_string(code));
}

} // namespace

SpiConnection::SpiConnection()
{
    const int code = call([] { return SPI_connect(); });
    if (code != SPI_OK_CONNECT)
        throw core::Error(core::sqlstate::internal_error, "SPI_connect failed");
}

SpiConnection::~SpiConnection()
{
    call_noexcept([] { SPI_finish(); });
}

void Rows::check_type(int column, Oid type) const
{
    if (SPI_gettypeid(table_->tupdesc, column) != type)
        throw core::Error(core::sqlstate::catalogue_damaged,
                          "a column of the catalogue of pg_migrate has another type than pg_migrate gave it");
}

Rows::~Rows()
{
    call_noexcept([&] { SPI_freetuptable(table_); });
}

Datum Rows::datum(std::uint64_t row, int column, bool &is_null) const
{
    return SPI_getbinval(table_->vals[row], table_->tupdesc, column, &is_null);
}

bool Rows::is_null(std::uint64_t row, int column) const
{
    bool null = false;
    datum(row, column, null);
    return null;
}

std::string Rows::text(std::uint64_t row, int column) const
{
    return optional_text(row, column).value_or(std::string());
}

std::optional<std::string> Rows::optional_text(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return std::nullopt;
    if (SPI_gettypeid(table_->tupdesc, column) == NAMEOID)
        return std::string(NameStr(*DatumGetName(value)));
    check_type(column, TEXTOID);
    return text_of(value);
}

std::optional<std::string> Rows::optional_bytes(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return std::nullopt;
    check_type(column, BYTEAOID);
    return bytes_of(value);
}

std::vector<std::string> Rows::text_array(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return {};
    check_type(column, TEXTARRAYOID);
    return text_array_of(value);
}

std::int64_t Rows::bigint(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return 0;
    check_type(column, INT8OID);
    return DatumGetInt64(value);
}

std::optional<std::int64_t> Rows::timestamptz(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return std::nullopt;
    check_type(column, TIMESTAMPTZOID);
    return DatumGetInt64(value);
}

Oid Rows::oid(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return InvalidOid;
    if (SPI_gettypeid(table_->tupdesc, column) != REGCLASSOID)
        check_type(column, OIDOID);
    return DatumGetObjectId(value);
}

std::int32_t Rows::integer(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return 0;
    check_type(column, INT4OID);
    return DatumGetInt32(value);
}

char Rows::character(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return '\0';
    check_type(column, CHAROID);
    return DatumGetChar(value);
}

bool Rows::boolean(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    if (null)
        return false;
    check_type(column, BOOLOID);
    return DatumGetBool(value);
}

// These are never compressed, nor have they a short header: their type's storage is plain.
template <class Vector>
const Vector *Rows::vector(std::uint64_t row, int column, Oid type) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    check_type(column, type);
    return null ? nullptr : static_cast<const Vector *>(static_cast<const void *>(DatumGetPointer(value)));
}

std::span<const std::int16_t> Rows::int2vector(std::uint64_t row, int column) const
{
    const auto *found = vector<::int2vector>(row, column, INT2VECTOROID);
    return found == nullptr ? std::span<const std::int16_t>()
                            : std::span<const std::int16_t>(found->values, static_cast<std::size_t>(found->dim1));
}

std::span<const Oid> Rows::oidvector(std::uint64_t row, int column) const
{
    const auto *found = vector<::oidvector>(row, column, OIDVECTOROID);
    return found == nullptr ? std::span<const Oid>()
                            : std::span<const Oid>(found->values, static_cast<std::size_t>(found->dim1));
}

std::vector<std::int16_t> Rows::int2_array(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = datum(row, column, null);
    check_type(column, INT2ARRAYOID);
    if (null)
        return {};
    const ArrayType *array = call([&] { return DatumGetArrayTypeP(value); });
    const std::span<const char> bytes(ARR_DATA_PTR(array), VARSIZE(array) - ARR_DATA_OFFSET(array));
    if (ARR_NDIM(array) != 1 || ARR_HASNULL(array))
        return {};
    std::vector<std::int16_t> numbers(static_cast<std::size_t>(ARR_DIMS(array)[0]));
    std::memcpy(numbers.data(), bytes.data(), std::min(bytes.size(), numbers.size() * sizeof(std::int16_t)));
    return numbers;
}

Rows run(Query &query, Values &parameters, Snapshot snapshot)
{
    if (query.plan == nullptr) {
        query.plan = call([&] {
            SPIPlanPtr plan =
                SPI_prepare_cursor(query.text, query.parameter_count, query.parameter_types, CURSOR_OPT_GENERIC_PLAN);
            if (plan != nullptr)
                SPI_keepplan(plan);
            return plan;
        });
        if (query.plan == nullptr)
            throw failure("prepare", query, SPI_result);
    }
    const char *nulls = parameters.null_flags();
    Datum *datums = parameters.datums();
    const int code = call([&] {
        return snapshot == nullptr
                   ? SPI_execute_plan(query.plan, datums, nulls, false, 0)
                   : SPI_execute_snapshot(query.plan, datums, nulls, snapshot, InvalidSnapshot, true, false, 0);
    });
    if (code < 0)
        throw failure("run", query, code);
    return Rows(SPI_tuptable, SPI_processed);
}

} // namespace pgmigrate::pg
