// SPDX-License-Identifier: PostgreSQL
#include "files/alembic.hpp"

#include "core/error.hpp"
#include "fake_printed_sql_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate::files
{

namespace
{

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Property;
using testing::SizeIs;
using testing::Throws;

AlembicImport import(const std::string &upgrade, const std::optional<std::string> &downgrade = std::nullopt)
{
    FakePrintedSqlReader reader;
    core::NoInterrupts interrupts;
    return import_alembic(upgrade, downgrade, reader, interrupts);
}

auto invalid(const std::string &message)
{
    return Throws<core::Error>(AllOf(Property(&core::Error::sqlstate, core::sqlstate::invalid_file),
                                     Property(&core::Error::message, HasSubstr(message))));
}

constexpr const char *create_versions = "BEGIN;\n\n"
                                        "CREATE TABLE alembic_version (\n"
                                        "    version_num VARCHAR(32) NOT NULL, \n"
                                        "    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)\n"
                                        ");\n\n";

std::string first_section(const std::string &body)
{
    return create_versions + ("-- Running upgrade  -> a1\n\n" + body) +
           "INSERT INTO alembic_version (version_num) VALUES ('a1') RETURNING alembic_version.version_num;\n\n";
}

std::string up_of_first(const std::string &body)
{
    return *import(first_section(body) + "COMMIT;\n\n").revisions.at(0).up;
}

TEST(Alembic, OneRevision)
{
    const AlembicImport result = import(first_section("CREATE TABLE t (\n    id SERIAL\n);\n\n") + "COMMIT;\n");
    ASSERT_THAT(result.revisions, SizeIs(1));
    const SourceRevision &revision = result.revisions[0];
    EXPECT_EQ(revision.id, "a1");
    EXPECT_EQ(revision.up, "CREATE TABLE t (\n    id SERIAL\n);");
    EXPECT_EQ(revision.down, std::nullopt);
    EXPECT_EQ(revision.down_revision, "base");
    EXPECT_EQ(revision.depends_on, "");
    EXPECT_EQ(revision.message, std::nullopt);
    EXPECT_EQ(revision.branch_label, std::nullopt);
    EXPECT_TRUE(revision.unsaid_stays);
    EXPECT_TRUE(revision.more_dependencies);
    EXPECT_EQ(revision.line, 8);
    EXPECT_THAT(result.warnings, IsEmpty());
    EXPECT_THAT(result.notices, ElementsAre(AllOf(Field(&ImportRemark::message,
                                                        "the text has no messages and no history of the revisions"),
                                                  Field(&ImportRemark::detail, HasSubstr("dependencies may be")))));
}

TEST(Alembic, WithoutStatements)
{
    EXPECT_EQ(up_of_first(""), "");
}

TEST(Alembic, CommentsStay)
{
    EXPECT_EQ(up_of_first("-- why\nSELECT 1;\n\n-- last\n\n"), "-- why\nSELECT 1;\n\n-- last");
}

TEST(Alembic, SemicolonsOfAnOwnTextDoNotDouble)
{
    EXPECT_EQ(up_of_first("SELECT 1;;\n\nSELECT 2; ;\n\n"), "SELECT 1;\n\nSELECT 2;");
}

TEST(Alembic, LinesThatOnlyLookLikeMarkersAndLogStayWithinStatements)
{
    const std::string body = "DO $$\n-- Running upgrade a1 -> b2\n\nINFO  [x] Running upgrade b2 -> c3, it's\n"
                             "-- Running upgrade b2 -> c3\n$$;\n\n";
    const AlembicImport result = import(first_section(body));
    ASSERT_THAT(result.revisions, SizeIs(1));
    EXPECT_EQ(*result.revisions[0].up + "\n\n", body);
    EXPECT_EQ(up_of_first("SELECT '\nINFO  [x] that''s' = '\n', 1;\n\n"), "SELECT '\nINFO  [x] that''s' = '\n', 1;");
    EXPECT_EQ(up_of_first("SELECT '\nINFO  [x] it' || 'x';\n\n"), "SELECT '\nINFO  [x] it' || 'x';")
        << "a line that ends a literal";
    EXPECT_EQ(up_of_first("SELECT '\nERROR [x] it''s\n-- Running upgrade a1 -> b2\n\nRev: a\nParent: b\n', 1;\n\n"),
              "SELECT '\nERROR [x] it''s\n-- Running upgrade a1 -> b2\n\nRev: a\nParent: b\n', 1;");
    EXPECT_EQ(up_of_first("SELECT 1\nINFO  [x] y;\n\n"), "SELECT 1\nINFO  [x] y;") << "within a statement";
}

TEST(Alembic, ParentsAndBothDirections)
{
    const AlembicImport result = import(first_section("SELECT 1;\n\n") +
                                            "-- Running upgrade a1 -> b2\n\n"
                                            "UPDATE alembic_version SET version_num='b2' WHERE version_num = 'a1';\n\n"
                                            "-- Running upgrade a1 -> c3\n\n"
                                            "INSERT INTO alembic_version (version_num) VALUES ('c3');\n\n"
                                            "-- Running upgrade b2, c3 -> d4\n\n"
                                            "DELETE FROM alembic_version WHERE version_num = 'b2';\n\n"
                                            "UPDATE alembic_version SET version_num='d4' WHERE version_num = 'c3';\n\n"
                                            "COMMIT;\n\n",
                                        "BEGIN;\n\n"
                                        "-- Running downgrade d4 -> c3, b2\n\n"
                                        "SELECT 4;\n\n"
                                        "INSERT INTO alembic_version (version_num) VALUES ('b2');\n\n"
                                        "UPDATE alembic_version SET version_num='c3' WHERE version_num = 'd4';\n\n"
                                        "-- Running downgrade c3 -> a1\n\n"
                                        "DELETE FROM alembic_version WHERE version_num = 'c3';\n\n"
                                        "-- Running downgrade a1 ->\n\n"
                                        "SELECT 11;\n\n"
                                        "DELETE FROM alembic_version WHERE version_num = 'a1';\n\n"
                                        "DROP TABLE alembic_version;\n\n"
                                        "COMMIT;\n\n");
    ASSERT_THAT(result.revisions, ElementsAre(Field(&SourceRevision::id, "a1"), Field(&SourceRevision::id, "b2"),
                                              Field(&SourceRevision::id, "c3"), Field(&SourceRevision::id, "d4")));
    EXPECT_EQ(result.revisions[0].down, "SELECT 11;");
    EXPECT_EQ(result.revisions[0].source, "upgrade_sql, line 8, and downgrade_sql, line 15");
    EXPECT_EQ(result.revisions[1].down, std::nullopt);
    EXPECT_EQ(result.revisions[2].down, "");
    EXPECT_EQ(result.revisions[3].down, "SELECT 4;");
    EXPECT_EQ(result.revisions[3].down_revision, "b2, c3");
    for (const SourceRevision &revision : result.revisions)
        EXPECT_EQ(revision.depends_on, "");
    EXPECT_THAT(result.warnings, IsEmpty());
    EXPECT_THAT(result.notices,
                ElementsAre(Field(&ImportRemark::message, "the text has no messages and no history of the revisions"),
                            Field(&ImportRemark::message, "revisions without a way back: b2")));
}

TEST(Alembic, DependenciesAreSeenInTheVersionRows)
{
    const std::string upgrade = first_section("SELECT 1;\n\n") +
                                "-- Running upgrade  -> b2\n\n"
                                "INSERT INTO alembic_version (version_num) VALUES ('b2');\n\n"
                                "-- Running upgrade b2 -> c3\n\n"
                                "DELETE FROM alembic_version WHERE version_num = 'a1';\n\n"
                                "UPDATE alembic_version SET version_num='c3' WHERE version_num = 'b2';\n\n";
    EXPECT_EQ(import(upgrade).revisions.at(2).depends_on, "a1");

    const std::string hidden = first_section("SELECT 1;\n\n") +
                               "-- Running upgrade  -> b2\n\n"
                               "INSERT INTO alembic_version (version_num) VALUES ('b2');\n\n"
                               "-- Running upgrade b2 -> c3\n\n"
                               "UPDATE alembic_version SET version_num='c3' WHERE version_num = 'b2';\n\n";
    EXPECT_EQ(import(hidden).revisions.at(2).depends_on, "");
    EXPECT_EQ(import(hidden, "-- Running downgrade c3 -> b2\n\n"
                             "INSERT INTO alembic_version (version_num) VALUES ('a1');\n\n"
                             "UPDATE alembic_version SET version_num='b2' WHERE version_num = 'c3';\n\n"
                             "-- Running downgrade b2 -> \n\n"
                             "DELETE FROM alembic_version WHERE version_num = 'b2';\n\n"
                             "-- Running downgrade a1 -> \n\n"
                             "DELETE FROM alembic_version WHERE version_num = 'a1';\n\n")
                  .revisions.at(2)
                  .depends_on,
              "a1");
}

TEST(Alembic, MessagesOfTheLog)
{
    const AlembicImport result =
        import("INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.\n"
               "INFO  [alembic.runtime.migration] Will assume transactional DDL.\n"
               "BEGIN;\n\n"
               "CREATE TABLE alembic_version (version_num VARCHAR(32));\n\n"
               "INFO  [alembic.runtime.migration] Running upgrade  -> a1, don't, and 'why\nsecond line\n"
               "-- Running upgrade  -> a1\n\n"
               "SELECT 1;\n\n"
               "DEBUG [alembic.runtime.migration] new branch insert a1\n"
               "INSERT INTO alembic_version (version_num) VALUES ('a1');\n\n"
               "2026-01-01 10:00:00,000 alembic.runtime.migration - Running upgrade a1 -> b2\n"
               "-- Running upgrade a1 -> b2\n\n"
               "UPDATE alembic_version SET version_num='b2' WHERE version_num = 'a1';\n\n"
               "COMMIT;\n\n",
               "INFO  [alembic.runtime.migration] Running downgrade b2 -> a1\n"
               "-- Running downgrade b2 -> a1\n\n"
               "UPDATE alembic_version SET version_num='a1' WHERE version_num = 'b2';\n\n"
               "INFO  [alembic.runtime.migration] Running downgrade a1 -> , don't, and 'why\nsecond line\n"
               "-- Running downgrade a1 -> \n\n"
               "SELECT 2;\n\n"
               "DELETE FROM alembic_version WHERE version_num = 'a1';\n\n");
    ASSERT_THAT(result.revisions, SizeIs(2));
    EXPECT_EQ(result.revisions[0].message, "don't, and 'why\nsecond line");
    EXPECT_EQ(result.revisions[0].up, "SELECT 1;");
    EXPECT_EQ(result.revisions[0].down, "SELECT 2;");
    EXPECT_EQ(result.revisions[1].message, "");
    EXPECT_THAT(result.notices, ElementsAre(Field(&ImportRemark::message, "the text has no history of the revisions")));
}

std::string with_message(const std::string &message)
{
    return std::string(create_versions) + "INFO  [alembic] Running upgrade  -> a1, " + message +
           "\n-- Running upgrade  -> a1\n\nSELECT 1;\n\nINSERT INTO alembic_version (version_num) VALUES ('a1');\n\n"
           "COMMIT;\n\n";
}

// A paragraph ends with an empty line; one that has blanks belongs to it.
TEST(Alembic, MessagesWithBlankLines)
{
    const AlembicImport result = import(with_message("Drop it:\n    \nDROP TABLE customers;"));
    EXPECT_EQ(result.revisions.at(0).message, "Drop it:\n\nDROP TABLE customers;");
    EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;");
    EXPECT_THAT(result.warnings, IsEmpty());
    // An editor has stripped the blanks: then the text cannot tell.
    const AlembicImport stripped =
        import(first_section("SELECT 1;\n\n") +
               "INFO  [alembic] Running upgrade a1 -> b2, Drop it:\n\nDROP TABLE customers;\n"
               "-- Running upgrade a1 -> b2\n\n"
               "UPDATE alembic_version SET version_num='b2' WHERE version_num = 'a1';\n\nCOMMIT;\n\n");
    EXPECT_EQ(stripped.revisions.at(0).up, "SELECT 1;");
    EXPECT_THAT(stripped.warnings,
                ElementsAre(AllOf(
                    Field(&ImportRemark::message, HasSubstr("line 16: a statement that stands behind revision \"a1\"")),
                    Field(&ImportRemark::detail, "The statement is: DROP TABLE customers"))));
}

TEST(Alembic, LogsInColour)
{
    const AlembicImport result = import("\x1b[32mINFO \x1b[0m [x] it's\n" + with_message("m\x1b[0m"));
    EXPECT_EQ(result.revisions.at(0).message, "m");
    EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;");
}

TEST(Alembic, AByteOrderMark)
{
    EXPECT_THAT(import("\xef\xbb\xbf" + first_section("") + "COMMIT;\n").revisions, SizeIs(1));
    EXPECT_EQ(
        import("\xef\xbb\xbfRev: a1 (head)\nParent: <base>\nPath: /x\n\n    one\n\n" + first_section("") + "COMMIT;\n")
            .revisions.at(0)
            .message,
        "one");
}

constexpr const char *history = "Rev: c3 (head)\n"
                                "Parent: b2\n"
                                "Also depends on: a1\n"
                                "Branch names: left, two\n"
                                "Path: /x/c3.py\n\n"
                                "    third\n    line\n    \n    Revision ID: c3\n    Create Date: 2026-01-01\n\n"
                                "Rev: b2\n"
                                "Parent: <base>\n"
                                "Branch names: left\n"
                                "Path: /x/b2.py\n\n"
                                "    second\n    \n    Revision ID: b2\n\n"
                                "Rev: a1 (head)\n"
                                "Parent: <base>\n"
                                "Path: /x/a1.py\n\n"
                                "    it's\n    \n    Revision ID: a1\n\n";

TEST(Alembic, TheHistorySaysAll)
{
    const AlembicImport result = import(std::string(history) + first_section("SELECT 1;\n\n") +
                                        "-- Running upgrade  -> b2\n\n"
                                        "INSERT INTO alembic_version (version_num) VALUES ('b2');\n\n"
                                        "-- Running upgrade b2 -> c3\n\nSELECT 3;\n\n"
                                        "UPDATE alembic_version SET version_num='c3' WHERE version_num = 'b2';\n\n"
                                        "COMMIT;\n\n");
    ASSERT_THAT(result.revisions, SizeIs(3));
    EXPECT_EQ(result.revisions[0].message, "it's");
    EXPECT_EQ(result.revisions[0].branch_label, "");
    EXPECT_EQ(result.revisions[1].message, "second");
    EXPECT_EQ(result.revisions[1].branch_label, "left");
    EXPECT_EQ(result.revisions[1].depends_on, "");
    EXPECT_EQ(result.revisions[2].message, "third\nline");
    EXPECT_EQ(result.revisions[2].branch_label, "two");
    EXPECT_EQ(result.revisions[2].depends_on, "a1");
    EXPECT_EQ(result.revisions[2].up, "SELECT 3;");
    EXPECT_THAT(result.notices, ElementsAre(Field(&ImportRemark::message,
                                                  "labels are given to the first revision that has them: left (b2)")));
    EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(Alembic, TheHistoryCanStandAnywhereAndTwice)
{
    const std::string upgrade = first_section("SELECT 1;\n\n") + "COMMIT;\n\n";
    const std::string one =
        "Rev: a1 (head)\nParent: <base>\nPath: /x\n\n    one\n        \n    and: more\n    \n    Revision ID: a1\n\n";
    for (const std::string &text : {upgrade + one, one + upgrade + one + upgrade}) {
        const AlembicImport result = import(text);
        EXPECT_EQ(result.revisions.at(0).message, "one\n\nand: more");
        EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;");
        EXPECT_THAT(result.notices, IsEmpty());
    }
}

TEST(Alembic, TheHistoryHasMore)
{
    EXPECT_THAT(import(std::string(history) + first_section("SELECT 1;\n\n") + "COMMIT;\n").warnings,
                ElementsAre(Field(&ImportRemark::message, "revisions of the history are not in upgrade_sql: b2, c3")));
}

// One transaction for each revision, and a version table of another name.
TEST(Alembic, TransactionPerMigration)
{
    const AlembicImport result = import("BEGIN;\n\n"
                                        "CREATE TABLE audit.versions (version_num VARCHAR(32));\n\n"
                                        "-- Running upgrade  -> a1\n\n"
                                        "SELECT 1;\n\n"
                                        "INSERT INTO audit.versions (version_num) VALUES ('a1');\n\n"
                                        "COMMIT;\n\n"
                                        "BEGIN;\n\n"
                                        "-- Running upgrade a1 -> b2\n\n"
                                        "SELECT 2;\n\n"
                                        "UPDATE audit.versions SET version_num='b2' WHERE version_num = 'a1';\n\n"
                                        "COMMIT;\n\n");
    ASSERT_THAT(result.revisions, SizeIs(2));
    EXPECT_EQ(result.revisions[0].up, "SELECT 1;");
    EXPECT_EQ(result.revisions[1].up, "SELECT 2;");
    EXPECT_THAT(result.warnings, IsEmpty());
}

// Not from base: the table is never created.
TEST(Alembic, APartOfTheHistory)
{
    const AlembicImport result = import("BEGIN;\n\n"
                                        "-- Running upgrade a1 -> b2\n\n"
                                        "UPDATE things SET a = 1;\n\n"
                                        "UPDATE v SET version_num='b2' WHERE version_num = 'a1';\n\n"
                                        "COMMIT;\n\n");
    ASSERT_THAT(result.revisions, SizeIs(1));
    EXPECT_EQ(result.revisions[0].up, "UPDATE things SET a = 1;");
    EXPECT_EQ(result.revisions[0].down_revision, "a1");
}

TEST(Alembic, TablesOfMigrationsStay)
{
    const std::string body = "DROP TABLE other;\n\nINSERT INTO other (version_num) VALUES ('a1');\n\n"
                             "ALTER TABLE other ADD x int;\n\n";
    EXPECT_EQ(up_of_first(body) + "\n\n", body);
}

TEST(Alembic, WhatMigrationsDoToTheVersionTableIsLeftOutAndSaid)
{
    const AlembicImport result =
        import(first_section("ALTER TABLE alembic_version ALTER version_num TYPE varchar(100);\n\nSELECT 1;\n\n"
                             "DELETE FROM alembic_version WHERE version_num = 'old';\n\n") +
               "COMMIT;\n\n");
    EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;");
    EXPECT_EQ(result.revisions.at(0).depends_on, "");
    EXPECT_THAT(
        result.warnings,
        ElementsAre(AllOf(Field(&ImportRemark::message, HasSubstr("upgrade_sql, line 10: revision \"a1\" uses the")),
                          Field(&ImportRemark::detail, HasSubstr("ALTER TABLE alembic_version ALTER version_num"))),
                    Field(&ImportRemark::message, HasSubstr("line 14"))));
}

std::string step(const std::string &from, const std::string &to, const std::string &body)
{
    return "-- Running upgrade " + from + " -> " + to + "\n\n" + body + "UPDATE alembic_version SET version_num='" +
           to + "' WHERE version_num = '" + from + "';\n\n";
}

TEST(Alembic, AlembicsOwnChangesAreTheLast)
{
    const AlembicImport result = import(
        first_section("INSERT INTO alembic_version (version_num) VALUES ('a1');\n\n"
                      "DROP TABLE alembic_version;\n\n"
                      "CREATE TABLE alembic_version (version_num text);\n\n") +
        "-- Running upgrade  -> b2\n\nINSERT INTO alembic_version (version_num) VALUES ('b2');\n\n" +
        step("b2", "c3", "DELETE FROM alembic_version WHERE version_num = 'a1';\n\nSELECT 3;\n\n") + "COMMIT;\n\n");
    EXPECT_EQ(result.revisions.at(0).up, "");
    EXPECT_EQ(result.revisions.at(2).up, "SELECT 3;");
    EXPECT_EQ(result.revisions.at(2).depends_on, "");
    const auto used = [](const std::string &line) {
        return Field(&ImportRemark::message, HasSubstr(line + ": revision"));
    };
    EXPECT_THAT(result.warnings, ElementsAre(used("line 10"), used("line 12"), used("line 14"), used("line 24")));
}

TEST(Alembic, WhatOnlyNamesTheVersionTableStaysAndIsSaid)
{
    const std::string body =
        "GRANT SELECT ON ALEMBIC_VERSION TO public;\n\nUPDATE public.alembic_version SET x = 1;\n\n"
        "SELECT my_alembic_version;\n\n";
    const AlembicImport result = import(first_section(body) + "COMMIT;\n\n");
    EXPECT_EQ(*result.revisions.at(0).up + "\n\n", body);
    EXPECT_THAT(result.warnings, ElementsAre(Field(&ImportRemark::message,
                                                   "upgrade_sql, line 10: revision \"a1\" names the version table "
                                                   "of Alembic; this stays in its script"),
                                             Field(&ImportRemark::message, HasSubstr("line 12"))));
}

// A table of the migration's own with such a column, and no CREATE TABLE that tells.
TEST(Alembic, TheVersionTableIsTheLastOne)
{
    const AlembicImport result = import(
        "BEGIN;\n\n" + step("a1", "b2", "INSERT INTO releases (version_num) VALUES ('b2');\n\n") + "COMMIT;\n\n");
    EXPECT_EQ(result.revisions.at(0).up, "INSERT INTO releases (version_num) VALUES ('b2');");
}

auto behind(const std::string &revision)
{
    return Field(&ImportRemark::message,
                 HasSubstr("a statement that stands behind revision \"" + revision + "\" is left out"));
}

TEST(Alembic, WhatEnvPyPrintsBehindTheRevisionsIsNobodys)
{
    const std::string first = first_section("SELECT 1;\n\n");
    const std::string second = step("a1", "b2", "SELECT 2;\n\n");
    const AlembicImport before_commit = import(first + second + "GRANT x TO y;\n\nCOMMIT;\n\n");
    EXPECT_EQ(before_commit.revisions.at(1).up, "SELECT 2;");
    EXPECT_THAT(before_commit.warnings, ElementsAre(behind("b2")));
    const AlembicImport behind_commit = import(first + second + "COMMIT;\n\nRESET ROLE;\n\n");
    EXPECT_EQ(behind_commit.revisions.at(1).up, "SELECT 2;");
    EXPECT_THAT(behind_commit.warnings, ElementsAre(behind("b2")));
    // Above the first revision of the next output.
    const AlembicImport two = import(first + "COMMIT;\n\nBEGIN;\n\nSET ROLE app;\n\n" + second + "COMMIT;\n\n");
    EXPECT_EQ(two.revisions.at(0).up, "SELECT 1;");
    EXPECT_EQ(two.revisions.at(1).up, "SELECT 2;");
    EXPECT_THAT(two.warnings, ElementsAre(behind("a1")));
}

TEST(Alembic, TwoHeadsWithWhatEnvPyPrints)
{
    const std::string upgrade =
        first_section("SELECT 1;\n\n") + step("a1", "b2", "") +
        "-- Running upgrade a1 -> c3\n\nINSERT INTO alembic_version (version_num) VALUES ('c3');\n\nCOMMIT;\n\n";
    const auto back = [](const std::string &head) {
        return "BEGIN;\n\nSET search_path TO x;\n\n-- Running downgrade " + head +
               " -> a1\n\nUPDATE alembic_version SET version_num='a1' WHERE version_num = '" + head +
               "';\n\n-- Running downgrade a1 -> \n\nSELECT -1;\n\nDELETE FROM alembic_version WHERE version_num = "
               "'a1';\n\n"
               "DROP TABLE alembic_version;\n\nRESET search_path;\n\nCOMMIT;\n\n";
    };
    const AlembicImport result = import(upgrade, back("b2") + back("c3"));
    EXPECT_EQ(result.revisions.at(0).down, "SELECT -1;");
    EXPECT_THAT(result.warnings, SizeIs(4));
    EXPECT_THAT(result.warnings, testing::Contains(behind("a1")).Times(3));
}

// on_version_apply: behind each step, also the last.
TEST(Alembic, CallbacksAreTheRevisions)
{
    const AlembicImport result =
        import(first_section("SELECT 1;\n\n") + "NOTIFY a1;\n\n" + step("a1", "b2", "SELECT 2;\n\n") +
               "NOTIFY b2;\n\nGRANT x TO y;\n\nCOMMIT;\n\n");
    EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;\n\nNOTIFY a1;");
    EXPECT_EQ(result.revisions.at(1).up, "SELECT 2;\n\nNOTIFY b2;");
    EXPECT_THAT(result.warnings, ElementsAre(behind("b2")));
}

// Two outputs of one revision each, or transaction_per_migration with callbacks: the text cannot tell.
TEST(Alembic, WhatCanBeACallbackOrNotIsSaid)
{
    const AlembicImport result = import(first_section("SELECT 1;\n\n") + "GRANT x TO y;\n\nCOMMIT;\n\nBEGIN;\n\n" +
                                        step("a1", "b2", "SELECT 2;\n\n") + "GRANT x TO y;\n\nCOMMIT;\n\n");
    EXPECT_EQ(result.revisions.at(0).up, "SELECT 1;");
    EXPECT_EQ(result.revisions.at(1).up, "SELECT 2;");
    EXPECT_THAT(result.warnings, ElementsAre(behind("a1"), behind("b2")));
}

TEST(Alembic, ManyStatementsThatAreLeftOut)
{
    std::string text = first_section("") + "COMMIT;\n\n";
    for (int number = 0; number < 30; ++number)
        text += "GRANT x TO y;\n\n";
    const AlembicImport result = import(text);
    ASSERT_THAT(result.warnings, SizeIs(11));
    EXPECT_EQ(result.warnings.back().message,
              "upgrade_sql, line 34: this statement and 19 more that stand behind revisions are left out");
}

TEST(Alembic, AWayBackThatRaisesAnError)
{
    const std::string upgrade = first_section("") + step("a1", "b2", "") + step("b2", "c3", "") + "COMMIT;\n\n";
    const std::string stopped = "BEGIN;\n\n-- Running downgrade c3 -> b2\n\nSELECT -3;\n\n"
                                "UPDATE alembic_version SET version_num='b2' WHERE version_num = 'c3';\n\n"
                                "-- Running downgrade b2 -> a1\n\n";
    const std::string rest =
        "BEGIN;\n\n-- Running downgrade a1 -> \n\nSELECT -1;\n\n"
        "DELETE FROM alembic_version WHERE version_num = 'a1';\n\nDROP TABLE alembic_version;\n\nCOMMIT;\n\n";
    const std::string trace =
        "Traceback (most recent call last):\n  File \"x\", line 1, in downgrade\n    raise X('it')\n"
        "NotImplementedError: it's gone\n";
    for (const std::string &downgrade :
         {stopped + rest, stopped + trace + rest, rest + stopped, rest + stopped + trace,
          rest + stopped + "FAILED: it's gone\n", stopped + "SELECT 'half';\n\n" + trace + rest}) {
        const AlembicImport result = import(upgrade, downgrade);
        EXPECT_EQ(result.revisions.at(0).down, "SELECT -1;");
        EXPECT_EQ(result.revisions.at(1).down, std::nullopt);
        EXPECT_EQ(result.revisions.at(2).down, "SELECT -3;");
        EXPECT_THAT(result.warnings, IsEmpty());
        EXPECT_THAT(
            result.notices,
            testing::Contains(AllOf(
                Field(&ImportRemark::message, "revision \"b2\" is imported without a way back: Alembic stops there"),
                Field(&ImportRemark::detail, downgrade.find("gone") == std::string::npos ? HasSubstr("Nothing stands")
                                                                                         : HasSubstr("it's gone")),
                Field(&ImportRemark::hint, HasSubstr("alembic downgrade a1:base --sql")))));
    }
    EXPECT_THAT(import(upgrade, stopped).notices,
                testing::Contains(Field(&ImportRemark::message, "revisions without a way back: a1")));
    EXPECT_THAT([&] { import(upgrade, stopped + "SELECT 'half';\n\n"); },
                invalid("downgrade_sql, line 9: the statement that records revision \"b2\" is missing"));
    // What it has printed before, or env.py above the next output.
    const AlembicImport half = import(upgrade, stopped + "SELECT 'half';\n\n" + rest);
    EXPECT_EQ(half.revisions.at(0).down, "SELECT -1;");
    EXPECT_EQ(half.revisions.at(1).down, std::nullopt);
    EXPECT_THAT(half.warnings, ElementsAre(behind("b2")));
    EXPECT_THAT([&] { import(upgrade, stopped + rest.substr(8)); }, invalid("downgrade_sql, line 9"))
        << "a text that has lost something within an output";
    EXPECT_THAT(import(upgrade, "FAILED: no such revision\n" + rest).warnings,
                ElementsAre(AllOf(Field(&ImportRemark::message, "downgrade_sql, line 1: Alembic has failed"),
                                  Field(&ImportRemark::detail, "FAILED: no such revision"))));
}

TEST(Alembic, AWayBackThatIsNoSql)
{
    const std::string upgrade = first_section("") + step("a1", "b2", "") + "COMMIT;\n\n";
    const auto back = [](const std::string &body) {
        return "BEGIN;\n\n-- Running downgrade b2 -> a1\n\nSELECT -2;\n\nUPDATE alembic_version SET version_num='a1' "
               "WHERE version_num = 'b2';\n\n"
               "-- Running downgrade a1 -> \n\n" +
               body +
               "DELETE FROM alembic_version WHERE version_num = 'a1';\n\nDROP TABLE alembic_version;\n\nCOMMIT;\n\n";
    };
    const AlembicImport result = import(upgrade, back("SELECT 1;\n\n-- why\nBROKEN SQL;\n\nSELECT 3;\n\n"));
    EXPECT_EQ(result.revisions.at(0).down, "SELECT 1;\n\n-- why\nBROKEN SQL;\n\nSELECT 3;");
    EXPECT_EQ(result.revisions.at(1).down, "SELECT -2;");
    EXPECT_THAT([&] { import(upgrade, "BROKEN x;\n\n" + back("")); }, invalid("downgrade_sql: broken")) << "nobody's";
    EXPECT_THAT([&] { import(upgrade, back("") + "BROKEN x;\n\n"); }, invalid("downgrade_sql: broken")) << "nobody's";
    EXPECT_THAT([&] { import(upgrade, back("BROKEN x\n\n")); }, invalid("records revision \"a1\" is missing"));
    EXPECT_THAT([&] { import(first_section("BROKEN SQL;\n\n") + "COMMIT;\n\n"); }, invalid("upgrade_sql: broken"));
}

TEST(Alembic, ACommentThatHidesTheEndOfAStatement)
{
    const std::string body = "SELECT setval('s', 10) -- reset;\n\nDELETE FROM u WHERE i=1;\n\n";
    EXPECT_THAT([&] { up_of_first(body); }, invalid("upgrade_sql, line 10: a comment hides the end of a statement"));
    EXPECT_THAT([&] { import(first_section("") + "COMMIT;\n", "-- Running downgrade a1 -> \n\n" + body); },
                invalid("downgrade_sql, line 3: a comment hides the end of a statement"));
}

TEST(Alembic, DoubledBackslashesAreSaid)
{
    std::string body = "INSERT INTO t VALUES ('C:\\\\temp');\n\nINSERT INTO t VALUES (E'C:\\\\temp');\n\n";
    EXPECT_THAT(import(first_section(body) + "COMMIT;\n").warnings,
                ElementsAre(AllOf(Field(&ImportRemark::message,
                                        "upgrade_sql: literals with two backslashes side by side, in 1 line (10)"),
                                  Field(&ImportRemark::hint, HasSubstr("_backslash_escapes = False")))));
    for (int number = 0; number < 9; ++number)
        body += "INSERT INTO t VALUES ('\\\\');\n\n";
    EXPECT_THAT(import(first_section(body) + "COMMIT;\n").warnings,
                ElementsAre(Field(&ImportRemark::message, HasSubstr("in 10 lines (10, 14, 16, 18, 20, ...)"))));
}

TEST(Alembic, CommentsBeforeTheSemicolonStay)
{
    EXPECT_EQ(up_of_first("SELECT 1 /* keep me */;\n\nSELECT 2 -- and me\n;\n\n"),
              "SELECT 1 /* keep me */;\n\nSELECT 2 -- and me\n;");
}

TEST(Alembic, CommentsLikeMarkers)
{
    const std::string comment = "-- Running upgrade v1 -> v2\nSELECT 2;\n\n";
    EXPECT_EQ(up_of_first(comment), "-- Running upgrade v1 -> v2\nSELECT 2;");
    EXPECT_EQ(up_of_first("SELECT 1;\n\n" + comment + comment),
              "SELECT 1;\n\n-- Running upgrade v1 -> v2\nSELECT 2;\n\n-- Running upgrade v1 -> v2\nSELECT 2;");
    // Of a revision that comes later, and where only the changes tell the version table.
    const AlembicImport result =
        import(step("a1", "b2", "-- Running upgrade b2 -> c3\nSELECT 2;\n\n") + step("b2", "c3", ""));
    EXPECT_EQ(result.revisions.at(0).up, "-- Running upgrade b2 -> c3\nSELECT 2;");
    EXPECT_EQ(result.revisions.at(1).up, "");
    EXPECT_THAT([&] { import(first_section("SELECT 1;\n\n") + comment); },
                invalid("upgrade_sql, line 14: the statement that records revision \"v2\" is missing"))
        << "behind the record: it can be a revision that has been cut off";
}

TEST(Alembic, LongTextsAreNotSlow)
{
    class Counter final : public core::InterruptCheck
    {
      public:
        void check() override { ++count; }
        int count = 0;
    };
    std::string text;
    for (int number = 0; number < 50000; ++number)
        text += "-- Running upgrade a" + std::to_string(number) + " -> a" + std::to_string(number + 1) + "\n";
    FakePrintedSqlReader reader;
    Counter interrupts;
    EXPECT_THAT([&] { import_alembic(text, std::nullopt, reader, interrupts); },
                invalid("line 1: the statement that records"));
    EXPECT_GT(interrupts.count, 40);
    text = first_section("");
    for (int number = 0; number < 20000; ++number)
        text += "UPDATE alembic_version SET x = 1;\n\n";
    EXPECT_THAT(import(text).warnings, SizeIs(12));
}

TEST(Alembic, WhatPrecedesTheFirstRevisionIsSaid)
{
    EXPECT_THAT(
        import("SET search_path = x;\n\n" + first_section("") + "COMMIT;").warnings,
        ElementsAre(AllOf(Field(&ImportRemark::message,
                                "upgrade_sql, line 1: a statement that stands before the first revision is left out"),
                          Field(&ImportRemark::detail, "The statement is: SET search_path = x"))));
}

TEST(Alembic, AutocommitBlocks)
{
    const auto block = [](const std::string &statements) { return "COMMIT;\n\n" + statements + "BEGIN;\n\n"; };
    EXPECT_EQ(up_of_first("SELECT 1;\n\n" + block("VACUUM t;\n\n") + "SELECT 2;\n\n"),
              "SELECT 1;\n\nVACUUM t;\n\nSELECT 2;")
        << "committed by itself anyway";
    EXPECT_EQ(up_of_first("SELECT 1;\n\n" + block("UPDATE t SET a = 1;\n\nUPDATE t SET a = 2;\n\n") + "SELECT 2;\n\n"),
              "SELECT 1;\n\n-- pg_migrate: commit\nUPDATE t SET a = 1;\n\n"
              "-- pg_migrate: commit\nUPDATE t SET a = 2;\n\n-- pg_migrate: commit\nSELECT 2;");
    EXPECT_EQ(up_of_first(block("UPDATE t SET a = 1;\n\n") + "SELECT 2;\n\nSELECT 3;\n\n"),
              "UPDATE t SET a = 1;\n\n-- pg_migrate: commit\nSELECT 2;\n\nSELECT 3;")
        << "nothing to be committed before the first";
    EXPECT_EQ(
        up_of_first("SELECT 1;\n\n" + block("VACUUM t;\n\nUPDATE t SET a = 1;\n\nVACUUM t;\n\n") + "SELECT 2;\n\n"),
        "SELECT 1;\n\nVACUUM t;\n\nUPDATE t SET a = 1;\n\nVACUUM t;\n\nSELECT 2;");
    EXPECT_EQ(up_of_first("SELECT 1;\n\n" + block("-- all\nCALL p();\n\n") + "CALL p();\n\n"),
              "SELECT 1;\n\n-- all\n-- pg_migrate: no-transaction\nCALL p();\n\nCALL p();");
    EXPECT_EQ(up_of_first(block("SET lock_timeout = 1;\n\nVACUUM t;\n\n") + "SELECT 2;\n\n"),
              "SET lock_timeout = 1;\n\nVACUUM t;\n\nSELECT 2;");
    EXPECT_EQ(up_of_first("COMMIT;\n\nVACUUM t;\n\n"), "VACUUM t;") << "an op.execute('COMMIT')";
}

TEST(Alembic, TwiceTheSameIsOnce)
{
    const std::string upgrade = first_section("SELECT 1;\n\n") + "COMMIT;\n\n";
    EXPECT_THAT(import(upgrade + upgrade).revisions, SizeIs(1));
    EXPECT_THAT([&] { import(upgrade + first_section("SELECT 2;\n\n")); },
                invalid("upgrade_sql, line 23: revision \"a1\" is there twice, and not the same"));
}

TEST(Alembic, Errors)
{
    const std::string upgrade = first_section("SELECT 1;\n\n");
    EXPECT_THAT([&] { import(""); }, invalid("upgrade_sql: there is no revision in the text"));
    EXPECT_THAT([&] { import("SELECT 1;"); }, invalid("upgrade_sql: there is no revision in the text"));
    EXPECT_THAT([&] { import("-- Running stamp_revision  -> a1\n"); },
                invalid("upgrade_sql, line 1: this is the output of \"alembic stamp\""));
    EXPECT_THAT([&] { import("BEGIN;\n-- Running downgrade a1 -> \n"); },
                invalid("upgrade_sql, line 2: this is the output of a downgrade"));
    EXPECT_THAT([&] { import(upgrade, upgrade); }, invalid("downgrade_sql, line 8: this is the output of an upgrade"));
    EXPECT_THAT([&] { import("-- Running upgrade a1 -> \n"); }, invalid("line 1: the comment names no revision"));
    EXPECT_THAT([&] { import("-- Running upgrade a1 -> b2, c3\n"); }, invalid("line 1: the comment names no revision"));
    EXPECT_THAT([&] { import(upgrade, "-- Running downgrade b2 -> a1\nDELETE FROM v WHERE version_num = 'b2';"); },
                invalid("downgrade_sql, line 1: revision \"b2\" is not in upgrade_sql"));
    EXPECT_THAT([&] { import(upgrade, "-- Running downgrade a1 -> b2\nDELETE FROM v WHERE version_num = 'a1';"); },
                invalid("downgrade_sql, line 1: revision \"a1\" has other parents than in upgrade_sql"));
}

TEST(Alembic, TextsThatAreCutOff)
{
    const std::string upgrade = first_section("SELECT 1;\n\n");
    EXPECT_THAT([&] { import(upgrade + "-- Running upgrade a1 -> b2\n\nSELECT 2;\n\n"); },
                invalid("upgrade_sql, line 14: the statement that records revision \"b2\" is missing"));
    EXPECT_THAT([] { import("-- Running upgrade  -> a1\n\nSELECT 1;\n\n"); },
                invalid("upgrade_sql, line 1: the statement that records revision \"a1\" is missing"));
    EXPECT_THAT(import(upgrade).warnings,
                ElementsAre(Field(&ImportRemark::message, "upgrade_sql: the text ends within a transaction")));
}

TEST(Alembic, CommentsThatAreNoMarkers)
{
    EXPECT_EQ(up_of_first("-- Running late\n-- Running upgrade of all\nSELECT 1;\n\n"),
              "-- Running late\n-- Running upgrade of all\nSELECT 1;");
}

} // namespace

} // namespace pgmigrate::files
