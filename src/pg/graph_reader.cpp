// SPDX-License-Identifier: PostgreSQL
#include "pg/graph_reader.hpp"

#include "pg/compat.hpp"
#include "pg/scopes.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

extern "C" {
#include "access/tableam.h"
#include "access/xact.h" // CommandCounterIncrement
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/array.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
}

namespace pgmigrate::pg
{

namespace
{

// The first columns of migrate.revision, as the install script declares them.
struct Column {
    const char *name;
    Oid type;
};
constexpr std::array<Column, 3> columns = {
    {{"revision", TEXTOID}, {"down_revision", TEXTARRAYOID}, {"depends_on", TEXTARRAYOID}}};

void check_columns(Relation table)
{
    TupleDesc descriptor = RelationGetDescr(table);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Form_pg_attribute attribute =
            static_cast<int>(i) < descriptor->natts ? TupleDescAttr(descriptor, static_cast<int>(i)) : nullptr;
        if (attribute == nullptr || attribute->attisdropped || attribute->atttypid != columns[i].type ||
            std::strcmp(NameStr(attribute->attname), columns[i].name) != 0)
            throw core::Error(core::sqlstate::catalogue_damaged,
                              std::string("column \"") + columns[i].name +
                                  "\" of table \"migrate.revision\" is not the one that pg_migrate created");
    }
}

// What the scan collects, row after row: counts and texts one behind the other. Plain memory of the server, because a
// scan can fail at any row.
struct Buffer {
    char *data;
    std::size_t size;
    std::size_t capacity;
};

// The functions below run inside call().

void append(Buffer &buffer, const void *bytes, std::size_t length)
{
    if (buffer.size + length > buffer.capacity) {
        const std::size_t wanted = std::max(buffer.capacity * 2, buffer.size + length);
        buffer.data = static_cast<char *>(repalloc_huge(buffer.data, wanted));
        buffer.capacity = wanted;
    }
    std::memcpy(buffer.data + buffer.size, bytes, length);
    buffer.size += length;
}

void append_text(Buffer &buffer, struct varlena *value)
{
    const auto length = static_cast<std::uint32_t>(VARSIZE_ANY_EXHDR(value));
    append(buffer, &length, sizeof(length));
    append(buffer, VARDATA_ANY(value), length);
}

// An array without elements, told by its size, so that it need not be unpacked: most revisions have no dependencies.
bool is_empty_array(Datum value)
{
    constexpr std::size_t header_of_array = sizeof(ArrayType) - VARHDRSZ;
    auto *array = reinterpret_cast<struct varlena *>(DatumGetPointer(value));
    return VARATT_IS_SHORT(array) && VARSIZE_ANY_EXHDR(array) == header_of_array;
}

void append_array(Buffer &buffer, Datum value)
{
    if (is_empty_array(value)) {
        const std::uint32_t none = 0;
        append(buffer, &none, sizeof(none));
        return;
    }
    ArrayType *array = DatumGetArrayTypeP(value);
    const bool usable = ARR_NDIM(array) == 1 && !ARR_HASNULL(array) && ARR_ELEMTYPE(array) == TEXTOID;
    const auto count = static_cast<std::uint32_t>(usable ? ARR_DIMS(array)[0] : 0);
    append(buffer, &count, sizeof(count));
    char *position = ARR_DATA_PTR(array);
    for (std::uint32_t i = 0; i < count; ++i) {
        auto *element = reinterpret_cast<struct varlena *>(position);
        append_text(buffer, element);
        position = reinterpret_cast<char *>(
            att_align_nominal(reinterpret_cast<std::uintptr_t>(position + VARSIZE_ANY(position)), TYPALIGN_INT));
    }
}

std::uint64_t scan(Relation table, Snapshot snapshot, Buffer &buffer)
{
    std::uint64_t rows = 0;
    TupleTableSlot *slot = table_slot_create(table, nullptr);
    TableScanDesc scan = compat::begin_scan(table, snapshot);
    while (table_scan_getnextslot(scan, ForwardScanDirection, slot)) {
        CHECK_FOR_INTERRUPTS();
        slot_getsomeattrs(slot, static_cast<int>(columns.size()));
        if (slot->tts_isnull[0] || slot->tts_isnull[1] || slot->tts_isnull[2])
            continue; // the constraints do not allow it
        append_text(buffer, PG_DETOAST_DATUM_PACKED(slot->tts_values[0]));
        append_array(buffer, slot->tts_values[1]);
        append_array(buffer, slot->tts_values[2]);
        ++rows;
    }
    table_endscan(scan);
    ExecDropSingleTupleTableSlot(slot);
    return rows;
}

// Reads the buffer back.
class Reader
{
  public:
    explicit Reader(const char *position) : position_(position) {}

    const char *position() const { return position_; }
    std::uint32_t number()
    {
        std::uint32_t value = 0;
        std::memcpy(&value, position_, sizeof(value));
        position_ += sizeof(value);
        return value;
    }
    std::string_view text()
    {
        const std::uint32_t length = number();
        const std::string_view value(position_, length);
        position_ += length;
        return value;
    }
    void skip_list()
    {
        for (std::uint32_t count = number(); count > 0; --count)
            text();
    }
    std::vector<std::string> list()
    {
        std::vector<std::string> values;
        const std::uint32_t count = number();
        values.reserve(count);
        for (std::uint32_t i = 0; i < count; ++i)
            values.emplace_back(text());
        return values;
    }

  private:
    const char *position_;
};

// The id with its first eight bytes as a number, which decides nearly every comparison.
struct SortKey {
    std::uint64_t prefix;
    std::string_view id;
    const char *rest; // of the row, behind the id

    bool operator<(const SortKey &other) const
    {
        return prefix != other.prefix ? prefix < other.prefix : id < other.id;
    }
};

std::uint64_t prefix_of(std::string_view id)
{
    std::uint64_t prefix = 0;
    for (std::size_t i = 0; i < sizeof(prefix); ++i)
        prefix = prefix << 8 | (i < id.size() ? static_cast<unsigned char>(id[i]) : 0);
    return prefix;
}

std::vector<core::RevisionInput> sorted_inputs(const Buffer &buffer, std::uint64_t rows,
                                               core::InterruptCheck &interrupts)
{
    std::vector<SortKey> keys;
    keys.reserve(rows);
    Reader reader(buffer.data);
    for (std::uint64_t row = 0; row < rows; ++row) {
        const std::string_view id = reader.text();
        keys.push_back({prefix_of(id), id, reader.position()});
        reader.skip_list();
        reader.skip_list();
    }
    interrupts.check();
    if (!std::is_sorted(keys.begin(), keys.end()))
        std::sort(keys.begin(), keys.end());
    interrupts.check();
    std::vector<core::RevisionInput> inputs;
    inputs.reserve(rows);
    for (const SortKey &key : keys) {
        Reader lists(key.rest);
        core::RevisionInput &input = inputs.emplace_back();
        input.id = key.id;
        input.down = lists.list();
        input.depends_on = lists.list();
    }
    return inputs;
}

} // namespace

std::vector<core::RevisionInput> read_revision_inputs(Relation table, Snapshot snapshot,
                                                      core::InterruptCheck &interrupts)
{
    check_columns(table);
    const MemoryScope memory;
    Buffer buffer = {nullptr, 0, 64UL * 1024};
    const std::uint64_t rows = call([&] {
        buffer.data = static_cast<char *>(palloc(buffer.capacity));
        if (snapshot != nullptr)
            return scan(table, snapshot, buffer);
        CommandCounterIncrement();
        Snapshot now = RegisterSnapshot(GetTransactionSnapshot());
        const std::uint64_t seen = scan(table, now, buffer);
        UnregisterSnapshot(now);
        return seen;
    });
    return sorted_inputs(buffer, rows, interrupts);
}

} // namespace pgmigrate::pg
