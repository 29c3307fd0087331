// SPDX-License-Identifier: PostgreSQL
// The input is the output of an upgrade, NUL, that of a downgrade. Whatever the texts are, only core::Error may come
// out of the import; and no revision that comes out stands twice, or holds a statement that is not in the text.
#include "../unit/files/fake_printed_sql_reader.hpp"
#include "core/error.hpp"
#include "files/alembic.hpp"
#include "files/alembic_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace
{

using namespace pgmigrate;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void check_script(const std::string &script, const std::string &text)
{
    files::FakePrintedSqlReader reader;
    for (const files::PrintedStatement &statement : reader.statements(script, "script"))
        require(text.find(script.substr(statement.offset, statement.length)) != std::string::npos);
}

// One that is no SQL is kept, without the lines of the log; and where something in the text is none, the pieces that
// are kept can look like SQL together.
void check_way_back(const std::string &script, const std::string &text)
{
    try {
        core::NoInterrupts interrupts;
        const files::AlembicText printed =
            files::read_alembic_text(text, "text", files::PrintedDirection::downgrade, interrupts);
        files::FakePrintedSqlReader().statements(printed.sql, "text");
        check_script(script, text);
    } catch (const core::Error &error) {
        require(error.sqlstate() == core::sqlstate::invalid_file);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::string input(reinterpret_cast<const char *>(data), size);
    const std::size_t separator = input.find('\0');
    const std::string upgrade = input.substr(0, separator);
    std::optional<std::string> downgrade;
    if (separator != std::string::npos)
        downgrade = input.substr(separator + 1);
    files::AlembicImport result;
    try {
        files::FakePrintedSqlReader reader;
        core::NoInterrupts interrupts;
        result = files::import_alembic(upgrade, downgrade, reader, interrupts);
    } catch (const core::Error &error) {
        // The other one is of a label that cannot be.
        require(error.sqlstate() == core::sqlstate::invalid_file ||
                error.sqlstate() == core::sqlstate::invalid_revision);
        return 0;
    }
    std::set<std::string> ids;
    for (const files::SourceRevision &revision : result.revisions) {
        require(ids.insert(revision.id).second && revision.unsaid_stays && revision.up);
        check_script(*revision.up, upgrade);
        require(!revision.down || downgrade);
        if (revision.down)
            check_way_back(*revision.down, *downgrade);
    }
    return 0;
}
