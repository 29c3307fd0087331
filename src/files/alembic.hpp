// SPDX-License-Identifier: PostgreSQL
#pragma once

// What `alembic upgrade base:heads --sql` and `alembic downgrade ...:base --sql` print, turned back into revisions.
// Follows alembic/runtime/migration.py: MigrationContext.run_migrations() for what is printed in which order, and
// HeadMaintainer for the statements on the version table.

#include "core/interrupt.hpp"
#include "files/format.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::files
{

// A statement of the printed text, as far as it matters whose it is: the migration's, or Alembic's own.
struct PrintedStatement {
    enum class Kind {
        other,
        begin,
        commit,
        creates_versions, // CREATE TABLE with a column version_num
        drops_table,
        adds_version,    // INSERT INTO table (version_num) VALUES ('to')
        moves_version,   // UPDATE table SET version_num = 'to' WHERE version_num = 'from'
        removes_version, // DELETE FROM table WHERE version_num = 'from'
        uses_table       // any other statement on a single table
    };

    std::size_t offset = 0; // of the first token, in bytes
    std::size_t length = 0; // up to the end of the last token
    std::size_t end = 0;    // behind its semicolon
    Kind kind = Kind::other;
    std::string table; // qualified as it is written; empty where the kind names none
    std::string from;
    std::string to;
    bool stands_alone = false;   // committed apart from what surrounds it, because the server demands it
    bool decides_itself = false; // CALL, DO: only its author knows whether it can run in a transaction
    bool changes_session = false;
    bool is_broken = false; // no SQL, as far as the server can tell
};

// Reads the text with the server's own parser, which this layer has not.
class PrintedSqlReader
{
  public:
    PrintedSqlReader() = default;
    PrintedSqlReader(const PrintedSqlReader &) = delete;
    PrintedSqlReader &operator=(const PrintedSqlReader &) = delete;
    virtual ~PrintedSqlReader() = default;

    // In their order. `name` is what errors call the text. Throws core::Error (invalid_file) where it is no SQL.
    virtual std::vector<PrintedStatement> statements(const std::string &text, const std::string &name) = 0;
};

struct ImportRemark {
    std::string message;
    std::string detail;
    std::string hint;
};

struct AlembicImport {
    std::vector<SourceRevision> revisions; // each after those that it names
    std::vector<ImportRemark> warnings;    // what the text has and the revisions have not
    std::vector<ImportRemark> notices;
};

// The revisions with both directions; without `downgrade` none has a way back.
//
// Ids and parents are those of the comments "-- Running upgrade a, b -> c". What these do not say is taken from where
// it can be had: dependencies from the rows of the version table that Alembic changes; messages from its log, if that
// is in the text (2>&1); and all of it, labels too, from the output of `alembic history --verbose`, if the text begins
// with that. Alembic's own statements are taken out. What an autocommit_block() has run by itself is committed by
// itself here. A revision that is there twice is taken once.
//
// Throws core::Error (invalid_file) with the line for a text that is not such an output.
AlembicImport import_alembic(const std::string &upgrade, const std::optional<std::string> &downgrade,
                             PrintedSqlReader &reader, core::InterruptCheck &interrupts);

} // namespace pgmigrate::files
