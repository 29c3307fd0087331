// SPDX-License-Identifier: PostgreSQL
#include "pg/spi.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
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

void prepare(Query &query)
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
}

// What the executor hands its rows to. A C++ exception must not pass through it: it ends the query and is thrown again
// when that is done.
struct Receiver : DestReceiver {
    explicit Receiver(const std::function<void(const Row &)> &sink) : DestReceiver{}, each(sink)
    {
        receiveSlot = [](TupleTableSlot *slot, DestReceiver *self) {
            return static_cast<Receiver *>(self)->receive(slot);
        };
        rStartup = [](DestReceiver *, int, TupleDesc) {};
        rShutdown = [](DestReceiver *) {};
        rDestroy = [](DestReceiver *) {};
        mydest = DestTuplestore;
    }

    bool receive(TupleTableSlot *slot) noexcept
    {
        try {
            call([&] { slot_getallattrs(slot); });
            each(Row(slot->tts_tupleDescriptor, slot->tts_values, slot->tts_isnull));
        } catch (...) {
            failure = std::current_exception();
        }
        return failure == nullptr;
    }

    const std::function<void(const Row &)> &each;
    std::exception_ptr failure;
};

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

bool Cell::has(Oid type) const
{
    if (is_null_)
        return false;
    if (type_ != type)
        throw core::Error(core::sqlstate::catalogue_damaged,
                          "a column of the catalogue of pg_migrate has another type than pg_migrate gave it");
    return true;
}

std::optional<std::string> Cell::optional_text() const
{
    if (!is_null_ && type_ == NAMEOID)
        return std::string(NameStr(*DatumGetName(value_)));
    return has(TEXTOID) ? std::optional(text_of(value_)) : std::nullopt;
}

std::optional<std::string> Cell::optional_bytes() const
{
    return has(BYTEAOID) ? std::optional(bytes_of(value_)) : std::nullopt;
}

std::optional<std::int64_t> Cell::timestamptz() const
{
    return has(TIMESTAMPTZOID) ? std::optional<std::int64_t>(DatumGetInt64(value_)) : std::nullopt;
}

std::vector<std::string> Cell::text_array() const
{
    return has(TEXTARRAYOID) ? text_array_of(value_) : std::vector<std::string>();
}

std::int64_t Cell::bigint() const
{
    return has(INT8OID) ? DatumGetInt64(value_) : 0;
}

Oid Cell::oid() const
{
    return has(type_ == REGCLASSOID ? REGCLASSOID : OIDOID) ? DatumGetObjectId(value_) : InvalidOid;
}

std::int32_t Cell::integer() const
{
    return has(INT4OID) ? DatumGetInt32(value_) : 0;
}

char Cell::character() const
{
    return has(CHAROID) ? DatumGetChar(value_) : '\0';
}

bool Cell::boolean() const
{
    return has(BOOLOID) && DatumGetBool(value_);
}

// These are never compressed, nor have they a short header: their type's storage is plain.
template <class Vector>
const Vector *Cell::vector(Oid type) const
{
    return has(type) ? static_cast<const Vector *>(static_cast<const void *>(DatumGetPointer(value_))) : nullptr;
}

std::span<const std::int16_t> Cell::int2vector() const
{
    const auto *found = vector<::int2vector>(INT2VECTOROID);
    return found == nullptr ? std::span<const std::int16_t>()
                            : std::span<const std::int16_t>(found->values, static_cast<std::size_t>(found->dim1));
}

std::span<const Oid> Cell::oidvector() const
{
    const auto *found = vector<::oidvector>(OIDVECTOROID);
    return found == nullptr ? std::span<const Oid>()
                            : std::span<const Oid>(found->values, static_cast<std::size_t>(found->dim1));
}

std::vector<std::int16_t> Cell::int2_array() const
{
    if (!has(INT2ARRAYOID))
        return {};
    const ArrayType *array = call([&] { return DatumGetArrayTypeP(value_); });
    const std::span<const char> bytes(ARR_DATA_PTR(array), VARSIZE(array) - ARR_DATA_OFFSET(array));
    if (ARR_NDIM(array) != 1 || ARR_HASNULL(array))
        return {};
    std::vector<std::int16_t> numbers(static_cast<std::size_t>(ARR_DIMS(array)[0]));
    std::memcpy(numbers.data(), bytes.data(), std::min(bytes.size(), numbers.size() * sizeof(std::int16_t)));
    return numbers;
}

std::span<const AclItem> Cell::aclitems() const
{
    if (!has(ACLITEMARRAYOID))
        return {};
    const ::Acl *acl = call([&] { return DatumGetAclP(value_); });
    return {ACL_DAT(acl), static_cast<std::size_t>(ACL_NUM(acl))};
}

Rows::~Rows()
{
    call_noexcept([&] { SPI_freetuptable(table_); });
}

Cell Rows::cell(std::uint64_t row, int column) const
{
    bool null = false;
    const Datum value = SPI_getbinval(table_->vals[row], table_->tupdesc, column, &null);
    return {value, null, SPI_gettypeid(table_->tupdesc, column)};
}

Rows run(Query &query, Values &parameters, Snapshot snapshot)
{
    prepare(query);
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

void stream(Query &query, Values &parameters, Snapshot snapshot, const std::function<void(const Row &)> &each)
{
    prepare(query);
    const Datum *datums = parameters.datums();
    const bool *nulls = parameters.nulls();
    Receiver receiver(each);
    const int code = call([&] {
        ParamListInfo params = makeParamList(query.parameter_count);
        for (int i = 0; i < query.parameter_count; ++i)
            params->params[i] = {datums[i], nulls[i], PARAM_FLAG_CONST, query.parameter_types[i]};
        SPIExecuteOptions options = {};
        options.params = params;
        options.read_only = true;
        options.dest = &receiver;
        PushActiveSnapshot(snapshot);
        const int result = SPI_execute_plan_extended(query.plan, &options);
        PopActiveSnapshot();
        return result;
    });
    if (receiver.failure != nullptr)
        std::rethrow_exception(receiver.failure);
    if (code < 0)
        throw failure("run", query, code);
}

} // namespace pgmigrate::pg
