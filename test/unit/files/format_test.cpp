// SPDX-License-Identifier: PostgreSQL
#include "files/format.hpp"

#include "unit/files/loading.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace pgmigrate::files
{
namespace
{

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string exported = "SELECT migrate_revision(revision => 'a1', down_revision => 'base', message => 'first', "
                             "up => $up$CREATE TABLE t ()$up$, down => NULL);\n";

TEST(Format, UnknownNameListsTheKnownOnes)
{
    const core::Error error = error_of({}, "flyweight");
    EXPECT_EQ(error.sqlstate(), core::sqlstate::unknown_format);
    EXPECT_EQ(error.message(), "format of migration files \"flyweight\" is not known");
    EXPECT_EQ(error.hint(),
              "Known formats: pg_migrate, dbmate, diesel, flyway, golang-migrate, goose, node-pg-migrate, "
              "sqlx.");
}

TEST(Format, AlembicHasAFunctionOfItsOwn)
{
    EXPECT_THAT(error_of({}, "alembic").hint(), HasSubstr("migrate_import_alembic()"));
    EXPECT_THAT(error_of({{"env.py", ""}, {"versions/1975ea83b712_account.py", ""}}).hint(),
                HasSubstr("migrate_import_alembic()"));
    EXPECT_THAT(error_of({{"README", ""}}).hint(), HasSubstr("Name the format"));
}

TEST(Format, NoFormatFits)
{
    const core::Error error = error_of({{"README", ""}, {"a.sql", "SELECT 1"}});
    EXPECT_EQ(error.sqlstate(), core::sqlstate::unknown_format);
    EXPECT_EQ(error.message(), "the migration files fit no known format");
    EXPECT_EQ(error.detail(), "pg_migrate: no file *.sql calls migrate_revision\n"
                              "dbmate: there is no file <version>_<name>.sql with a line \"-- migrate:up\"\n"
                              "diesel: there is no directory <version>_<name> with a file up.sql\n"
                              "flyway: there is no file V<version>__<description>.sql\n"
                              "golang-migrate: there is no file <version>_<name>.up.sql\n"
                              "goose: there is no file <version>_<name>.sql with a line \"-- +goose Up\"\n"
                              "node-pg-migrate: there is no file <version>_<name>.sql with a line \"-- Up Migration\" "
                              "or \"-- Down Migration\"\n"
                              "sqlx: there is no file <version>_<name>.sql");
}

TEST(Format, SeveralFormatsFit)
{
    const std::vector<File> files{{"a.sql", exported}, {"1_x/up.sql", ""}};
    const core::Error error = error_of(files);
    EXPECT_EQ(error.sqlstate(), core::sqlstate::unknown_format);
    EXPECT_EQ(error.message(), "the migration files fit several formats");
    EXPECT_THAT(error.detail(),
                AllOf(HasSubstr("pg_migrate: fits\n"), HasSubstr("diesel: fits\n"), HasSubstr("flyway: there is no")));
    EXPECT_THAT(fitting(files), ElementsAre("pg_migrate", "diesel"));
    EXPECT_THAT(ids(load(files, "diesel")), ElementsAre("1"));
}

TEST(Format, NamedFormatMustFindSomething)
{
    for (const Format &format : formats()) {
        const core::Error error = error_of({{"notes.txt", ""}}, std::string(format.name));
        EXPECT_EQ(error.sqlstate(), core::sqlstate::unknown_format);
        EXPECT_FALSE(error.detail().empty());
    }
}

class Unreadable : public FileSource
{
  public:
    explicit Unreadable(std::string seen = {}) : seen_(std::move(seen)) {}
    std::string read() override { throw core::Error("22021", "cannot be read"); }
    std::string look() override { return seen_; }

  private:
    std::string seen_;
};

TEST(Format, WhatIsNoMigrationIsNotRead)
{
    const bool is_directory = true;
    const auto with_neighbours = [is_directory](std::vector<File> files) {
        for (const std::string path : {"seed.sql", "sub/x.sql", "sub/1_x.up.sql", "1_a.sql.conf", "metadata.toml", "x"})
            files.emplace_back(path, std::make_shared<Unreadable>());
        files.emplace_back("closed", std::make_shared<Unreadable>(), is_directory);
        return files;
    };
    EXPECT_THAT(ids(load(with_neighbours({{"1_a.up.sql", ""}}))), ElementsAre("1"));
    EXPECT_THAT(ids(load(with_neighbours({{"1_a.sql", ""}}))), ElementsAre("1"));
    EXPECT_THAT(ids(load(with_neighbours({{"1_a.sql", "-- migrate:up\n"}}))), ElementsAre("1"));
    EXPECT_THAT(ids(load(with_neighbours({{"1_a.sql", "-- +goose Up\n"}}))), ElementsAre("1"));
    EXPECT_THAT(ids(load({{"V1__a.sql", ""}, {"x/y.sql", std::make_shared<Unreadable>()}})), ElementsAre("1"));
    // A migration that was recognised by what could be seen of it.
    for (const std::string content : {"-- migrate:up\n", "-- +goose Up\n", "SELECT 1"})
        EXPECT_EQ(error_of({{"1_a.sql", std::make_shared<Unreadable>(content)}}).message(), "cannot be read");
    // Where migrations may be in the directories within, one that is not searched may have some.
    const File closed{"closed", std::make_shared<Unreadable>(), is_directory};
    EXPECT_EQ(error_of({closed, {"V1__a.sql", ""}}).message(), "cannot be read");
    EXPECT_EQ(error_of({closed, {"1_x/up.sql", ""}}).message(), "cannot be read");
    EXPECT_EQ(error_of({closed, {"a.sql", exported}}).message(), "cannot be read");
}

TEST(FormatPgMigrate, ReadsCallsOfAllSqlFiles)
{
    const std::vector<SourceRevision> revisions =
        load({{"z/b.sql", "\nSELECT migrate_revision(revision => 'b2', down_revision => 'a1,x', branch_label => 'l,m', "
                          "depends_on => 'd', message => 'second', up => '', splice => NULL);\n"
                          "SELECT migrate_revision(revision => 'c3', message => NULL, down => $$x$$);\n"},
              {"a.sql", exported},
              {"README.md", "not SQL"},
              {".git/x.sql", "not read"},
              {"z/.hidden.sql", "not read"}});
    ASSERT_THAT(ids(revisions), ElementsAre("a1", "b2", "c3"));
    EXPECT_EQ(revisions[0].message, "first");
    EXPECT_EQ(revisions[0].down_revision, "base");
    EXPECT_EQ(revisions[0].up, "CREATE TABLE t ()");
    EXPECT_EQ(revisions[0].down, std::nullopt);
    EXPECT_EQ(revisions[0].branch_label, std::nullopt);
    EXPECT_EQ(revisions[1].down_revision, "a1,x");
    EXPECT_EQ(revisions[1].branch_label, "l,m");
    EXPECT_EQ(revisions[1].depends_on, "d");
    EXPECT_EQ(revisions[1].up, "");
    EXPECT_EQ(revisions[1].source, "z/b.sql");
    EXPECT_EQ(revisions[1].line, 2);
    EXPECT_EQ(revisions[2].line, 3);
    EXPECT_EQ(revisions[2].message, std::nullopt);
    EXPECT_EQ(revisions[2].down_revision, "head");
    EXPECT_EQ(revisions[2].down, "x");
    EXPECT_TRUE(revisions[2].up_in_transaction);
}

TEST(FormatPgMigrate, AnIdIsNeededOnce)
{
    expect_invalid({{"a.sql", "\nSELECT migrate_revision(message => 'm');"}}, "a.sql", "in line 2 has no revision");
    expect_invalid({{"a.sql", "SELECT migrate_revision(revision => '');"}}, "a.sql", "has no revision");
    expect_invalid({{"a.sql", exported}, {"b.sql", "\n" + exported}}, "b.sql",
                   "revision \"a1\" in line 2 is already in \"a.sql\", line 1");
}

TEST(FormatPgMigrate, AFileOfAnotherKindIsTheReadersError)
{
    expect_invalid({{"a.sql", exported}, {"b.sql", "DROP TABLE t;"}}, "b.sql", "cannot be read");
}

TEST(FormatDiesel, IsALineInVersionOrder)
{
    const std::vector<SourceRevision> revisions = load({
        {"2026-07-30-140000-0000_add_users_username_index/up.sql", "up3"},
        {"2026-07-30-140000-0000_add_users_username_index/metadata.toml", "# why\nrun_in_transaction = false\n"},
        {"2024-10-25-112826_make-unique-version/up.sql", "up2"},
        {"2024-10-25-112826_make-unique-version/down.sql", ""},
        {"2024-10-25-112826_make-unique-version/metadata.toml", "run_in_transaction = true"},
        {"20270101000000_last/up.sql", "up4"},
        {"00000000000000_diesel_initial_setup/up.sql", "up1\r\n"},
        {"00000000000000_diesel_initial_setup/down.sql", "down1"},
        {"data.sql", "ignored"},
        {".diesel_lock", ""},
        {"20270101000000_last/.gitkeep", ""},
    });
    ASSERT_THAT(ids(revisions),
                ElementsAre("00000000000000", "20241025112826", "202607301400000000", "20270101000000"));
    EXPECT_EQ(revisions[0].down_revision, "base");
    EXPECT_EQ(revisions[1].down_revision, "00000000000000");
    EXPECT_EQ(revisions[2].down_revision, "20241025112826");
    EXPECT_EQ(revisions[3].down_revision, "202607301400000000");
    EXPECT_EQ(revisions[0].message, "diesel initial setup");
    EXPECT_EQ(revisions[1].message, "make unique version");
    EXPECT_EQ(revisions[0].up, "up1\r\n");
    EXPECT_EQ(revisions[0].down, "down1");
    EXPECT_EQ(revisions[1].down, "");
    EXPECT_EQ(revisions[2].down, std::nullopt);
    EXPECT_TRUE(revisions[0].up_in_transaction);
    EXPECT_TRUE(revisions[1].up_in_transaction);
    EXPECT_FALSE(revisions[2].up_in_transaction);
    EXPECT_EQ(revisions[2].source, "2026-07-30-140000-0000_add_users_username_index");
}

TEST(FormatDiesel, BadDirectories)
{
    const File good{"1_a/up.sql", ""};
    expect_invalid({good, {"x1_b/up.sql", ""}}, "x1_b", "must be digits");
    expect_invalid({good, {"--_b/up.sql", ""}}, "--_b", "does not start with a version");
    expect_invalid({good, {"20240101/up.sql", ""}}, "20240101", "is not <version>_<name>");
    expect_invalid({good, {"2_b/down.sql", ""}}, "2_b", "there is no up.sql");
    expect_invalid({good, {"2_b/up.sql", ""}, {"2_b/Up.sql", ""}}, "2_b/Up.sql", "no part of a diesel migration");
    expect_invalid({good, {"2_b/c/up.sql", ""}}, "2_b/c/up.sql", "no directories within");
    expect_invalid({good, {"1_b/up.sql", ""}}, "1_b", "version 1 is also that of \"1_a\"");
    expect_invalid({good, {"2024-01_b/up.sql", ""}, {"20-2401_c/up.sql", ""}}, "2024-01_b",
                   "version 202401 is also that of \"20-2401_c\"");
    expect_invalid({good, good}, "1_a/up.sql", "twice");
}

TEST(FormatDiesel, BadMetadata)
{
    const auto expect_error = [](const std::string &toml, const std::string &part) {
        expect_invalid({{"1_a/up.sql", ""}, {"1_a/metadata.toml", toml}}, "1_a/metadata.toml", part);
    };
    expect_error("# x\nrun_in_transaction = maybe", "line 2, column 22: ");
    expect_error("run_in_transaction = \"false\"", "line 1, column 22: run_in_transaction must be true or false");
    expect_error("\n run_in_transactions = false", "line 2, column 24: key \"run_in_transactions\" is not known");
    expect_error("[table]\n", "key \"table\" is not known");
    expect_error("run_in_transaction = true\nrun_in_transaction = false", "line 2");
    expect_error("\xff\xfe", "line 1");
    expect_error("run\xcf\x99 = true", "line 1, column 4");
    // toml++ asserts that a digit follows the T.
    expect_error("a = 1979-05-27T:07", "not valid TOML");
}

TEST(FormatDiesel, CommentsInMetadata)
{
    const auto revisions =
        load({{"1_a/up.sql", ""},
              {"1_a/metadata.toml", "\xEF\xBB\xBF# \xcf\x99\xdf\x82\nrun_in_transaction = false # \xff"}});
    EXPECT_FALSE(revisions.at(0).up_in_transaction);
}

std::vector<File> read_directory(const std::filesystem::path &root)
{
    std::vector<File> files;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file())
            continue;
        std::ostringstream content;
        content << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        files.push_back({std::filesystem::relative(entry.path(), root).generic_string(), content.str()});
    }
    return files;
}

TEST(FormatDiesel, MigrationsOfCratesIo)
{
    const char *const data = std::getenv("PG_MIGRATE_TEST_DATA");
    if (data == nullptr)
        GTEST_SKIP() << "PG_MIGRATE_TEST_DATA does not name the directory of the test data";
    const std::vector<SourceRevision> revisions = load(read_directory(std::filesystem::path(data) / "cratesio"));
    ASSERT_EQ(revisions.size(), 285u);
    EXPECT_EQ(revisions.front().id, "00000000000000");
    EXPECT_EQ(revisions.front().message, "diesel initial setup");
    size_t outside = 0;
    for (size_t i = 0; i < revisions.size(); ++i) {
        outside += revisions[i].up_in_transaction ? 0 : 1;
        EXPECT_TRUE(revisions[i].up && revisions[i].down) << revisions[i].source;
        if (i > 0) {
            EXPECT_LT(revisions[i - 1].id, revisions[i].id);
            EXPECT_EQ(revisions[i].down_revision, revisions[i - 1].id);
        }
    }
    EXPECT_EQ(outside, 7u);
}

TEST(Format, TableAndNamesAgree)
{
    for (const Format &format : formats())
        EXPECT_NE(format.mismatch({}), std::nullopt) << format.name;
    EXPECT_THAT(formats(), testing::Not(IsEmpty()));
}

} // namespace
} // namespace pgmigrate::files
