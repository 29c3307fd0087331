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
    return import_alembic(upgrade, downgrade, reader);
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
    EXPECT_THAT(result.notices,
                ElementsAre(Field(&ImportRemark::message, "the text has no messages of the revisions")));
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
    EXPECT_THAT([] { up_of_first("SELECT '\nINFO  [x] it' || 'x';\n\n"); }, invalid("upgrade_sql: unterminated"))
        << "better no import than another one";
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
    EXPECT_EQ(result.revisions[1].down, std::nullopt);
    EXPECT_EQ(result.revisions[2].down, "");
    EXPECT_EQ(result.revisions[3].down, "SELECT 4;");
    EXPECT_EQ(result.revisions[3].down_revision, "b2, c3");
    for (const SourceRevision &revision : result.revisions)
        EXPECT_EQ(revision.depends_on, "");
    EXPECT_THAT(result.warnings, IsEmpty());
    EXPECT_THAT(result.notices, ElementsAre(Field(&ImportRemark::message, "the text has no messages of the revisions"),
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
    EXPECT_THAT(result.notices, IsEmpty());
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
    EXPECT_THAT(result.notices, IsEmpty());
    EXPECT_THAT(result.warnings, IsEmpty());
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
