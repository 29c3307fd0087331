// SPDX-License-Identifier: PostgreSQL
#include "pg/scratch_name.hpp"

#include <charconv>

extern "C" {
#include "catalog/pg_database.h"
}

namespace pgmigrate::pg
{

namespace
{

constexpr std::string_view prefix = "pg_migrate_scratch_";

template <class Number>
bool read(std::string_view digits, int base, Number &number)
{
    const char *end = digits.data() + digits.size();
    const std::from_chars_result result = std::from_chars(digits.data(), end, number, base);
    return result.ec == std::errc() && result.ptr == end;
}

} // namespace

std::string ScratchName::text() const
{
    char digits[16];
    const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number, 16);
    return std::string(prefix) + std::to_string(caller) + "_" + std::string(digits, end.ptr);
}

std::optional<ScratchName> ScratchName::parse(std::string_view text)
{
    if (!text.starts_with(prefix))
        return std::nullopt;
    text.remove_prefix(prefix.size());
    const std::size_t between = text.find('_');
    ScratchName name;
    if (between == std::string_view::npos || !read(text.substr(0, between), 10, name.caller) ||
        !read(text.substr(between + 1), 16, name.number) || std::string(prefix) + std::string(text) != name.text())
        return std::nullopt;
    return name;
}

LOCKTAG ScratchName::lock() const
{
    LOCKTAG tag;
    SET_LOCKTAG_OBJECT(tag, InvalidOid, DatabaseRelationId, number, scratch_sub_id);
    return tag;
}

} // namespace pgmigrate::pg
