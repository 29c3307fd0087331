// SPDX-License-Identifier: PostgreSQL
// golang-migrate and sqlx, whose files may look alike.
#include "unit/files/loading.hpp"

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(FormatGolangMigrate, IsALineInNumericOrder)
{
    const std::vector<SourceRevision> revisions = load({
        {"000010_ten.up.sql", "up10"},
        {"000010_ten.down.sql", ""},
        {"2_second_of_all.up.sql", "up2"},
        {"000001_create_users.up.sql", "up1\r\n"},
        {"000001_create_users.down.sql", "down1"},
        {"0_zero.up.sql", "up0"},
        {"9223372036854775807_last.up.sql", "last"},
        {"000003_only.down.sql", "down3"},
        {"README.md", ""},
        {"schema.sql", "SELECT 1"},
        {"seed/000004_x.up.sql", "not read"},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("0", "1", "2", "3", "10", "9223372036854775807"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("zero", "create users", "second of all", "only", "ten", "last"));
    EXPECT_EQ(revisions[0].down, std::nullopt);
    EXPECT_EQ(revisions[1].up, "up1\r\n");
    EXPECT_EQ(revisions[1].down, "down1");
    EXPECT_EQ(revisions[1].source, "000001_create_users.up.sql");
    EXPECT_EQ(revisions[3].up, std::nullopt);
    EXPECT_EQ(revisions[3].down, "down3");
    EXPECT_EQ(revisions[4].down, "");
    for (const SourceRevision &revision : revisions)
        EXPECT_TRUE(revision.up_in_transaction && revision.down_in_transaction);
}

TEST(FormatGolangMigrate, NamesAreReadAsTheToolReadsThem)
{
    // The last .up. or .down. is the one that counts; both scripts may have names of their own.
    const std::vector<SourceRevision> revisions = load({
        {"1_a.down.up.sql", "up1"},
        {"1_another.down.sql", "down1"},
        {"2_b.up.down.sql", "down2"},
        {"2_b.up.sql", "up2"},
        {"3_.up.sql", "up3"},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("1", "2", "3"));
    EXPECT_THAT(messages(revisions), ElementsAre("a.down", "b", ""));
    EXPECT_EQ(revisions[0].down, "down1");
    EXPECT_EQ(revisions[1].down, "down2");
}

TEST(FormatGolangMigrate, BadFiles)
{
    const File good{"1_a.up.sql", ""};
    expect_invalid({good, {"01_b.up.sql", ""}}, "1_a.up.sql", "version 1 is also that of \"01_b.up.sql\"");
    expect_invalid({good, {"1_a.down.sql", ""}, {"1_b.down.sql", ""}}, "1_b.down.sql", "version 1 is also that of");
    expect_invalid({good, {"9223372036854775808_b.up.sql", ""}}, "9223372036854775808_b.up.sql",
                   "larger than 9223372036854775807");
    expect_invalid({good, {"2_b.up.json", ""}}, "2_b.up.json", "not *.sql");
    expect_invalid({good, {"2_b.up.sql.tmpl", ""}}, "2_b.up.sql.tmpl", "not *.sql");
    EXPECT_THAT(error_of({good, {"2_b.up.SQL", ""}}).hint(), HasSubstr("rename it"));
    // Not its migrations at all.
    const std::vector<File> others{{"2_b.UP.sql", ""}, {"2.up.sql", ""}, {"a_2.up.sql", ""}, {"2_x/2_b.up.sql", ""}};
    EXPECT_THAT(fitting({good, others[1], others[2], others[3]}), ElementsAre("golang-migrate"));
    EXPECT_THAT(ids(load({good, others[0], others[1], others[2], others[3]}, "golang-migrate")), ElementsAre("1"));
}

TEST(FormatSqlx, ReadsFilesWithAndWithoutAWayBack)
{
    const std::vector<SourceRevision> revisions = load({
        {"20240102000000_add_email.sql", "-- no-transaction\nup2"},
        {"20240101000000_create-users.sql", "up1"},
        {"20240103000000_both.up.sql", "up3"},
        {"20240103000000_both.down.sql", "-- no-transaction\r\ndown3"},
        {"0004_small.up.sql", " -- no-transaction\nup4"},
        {"0004_small.down.sql", ""},
        {"README.md", ""},
        {"schema.sql", "no '_', no migration"},
        {"1_fixtures/1_x.sql", "not read"},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("4", "20240101000000", "20240102000000", "20240103000000"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("small", "create-users", "add email", "both"));
    EXPECT_EQ(revisions[0].down, "");
    EXPECT_EQ(revisions[1].down, std::nullopt);
    EXPECT_EQ(revisions[2].down, std::nullopt);
    EXPECT_EQ(revisions[3].down, "-- no-transaction\r\ndown3");
    EXPECT_TRUE(revisions[0].up_in_transaction) << "the comment has to be the very first bytes";
    EXPECT_TRUE(revisions[1].up_in_transaction);
    EXPECT_FALSE(revisions[2].up_in_transaction);
    EXPECT_TRUE(revisions[3].up_in_transaction);
    EXPECT_FALSE(revisions[3].down_in_transaction);
}

TEST(FormatSqlx, BadFiles)
{
    const File good{"1_a.sql", ""};
    expect_invalid({good, {"x_b.sql", ""}}, "x_b.sql", "must be digits", "sqlx");
    expect_invalid({good, {"_b.sql", ""}}, "_b.sql", "must be digits");
    expect_invalid({good, {"2x_b.sql", ""}}, "2x_b.sql", "must be digits");
    expect_invalid({good, {"1_b.sql", ""}}, "1_b.sql", "version 1 is also that of \"1_a.sql\"");
    expect_invalid({good, {"1_a.up.sql", ""}}, "1_a.up.sql", "version 1 is also that of \"1_a.sql\"", "sqlx");
    expect_invalid({good, {"2_b.down.sql", ""}}, "2_b.down.sql", "there is no up script of version 2", "sqlx");
    expect_invalid({good, {"99999999999999999999_b.sql", ""}}, "99999999999999999999_b.sql", "larger than");
}

TEST(FormatSqlx, IsToldFromGolangMigrate)
{
    const File up{"1_a.up.sql", ""};
    const File down{"1_a.down.sql", ""};
    EXPECT_THAT(fitting({down, up}), ElementsAre("golang-migrate"));
    EXPECT_THAT(fitting({down, {"1_a.up.sql", "-- no-transaction\n"}}), ElementsAre("sqlx"));
    EXPECT_THAT(fitting({{"1_a.sql", ""}}), ElementsAre("sqlx"));
    // golang-migrate would pass over the third file, and sqlx run it.
    const core::Error error = error_of({down, up, {"2_b.sql", ""}});
    EXPECT_EQ(error.sqlstate(), core::sqlstate::unknown_format);
    EXPECT_THAT(error.detail(), HasSubstr("golang-migrate: fits\n"));
    EXPECT_THAT(error.detail(), HasSubstr("sqlx: fits"));
    // Either name reads pairs alike.
    EXPECT_THAT(ids(load({down, up}, "sqlx")), ElementsAre("1"));
    EXPECT_EQ(load({down, up}, "sqlx")[0].down, "");
}

// What golang-migrate passes over may be a step of another tool.
TEST(FormatGolangMigrate, IsNotGuessedBesideFilesOfOthers)
{
    const File pair{"1_a.up.sql", ""};
    for (const std::string mark : {"-- Up Migration\n", "CREATE TABLE t ();\n-- up migration of the data\n"})
        EXPECT_THAT(fitting({pair, {"2_b.sql", mark}}), IsEmpty());
    EXPECT_THAT(fitting({pair, {"2_b.sql", "-- migrate:up\n"}}), ElementsAre("dbmate"));
}

TEST(FormatSqlx, FilesOfOthersAreNotItsOwn)
{
    EXPECT_THAT(fitting({{"1_a.sql", "-- migrate:up\n"}}), ElementsAre("dbmate"));
    EXPECT_THAT(fitting({{"1_a.sql", "-- +goose Up\n"}}), ElementsAre("goose"));
    EXPECT_THAT(fitting({{"1709288100000_a.sql", "-- Up Migration\n"}}), ElementsAre("node-pg-migrate"));
    EXPECT_THAT(fitting({{"1_a.sql", "-- Up Migration\n"}}), IsEmpty());
    EXPECT_THAT(fitting({{"1_a.sql", "SELECT migrate_revision(revision => '1')"}}), ElementsAre("pg_migrate"));
    EXPECT_THAT(fitting({{"1_x/1_a.sql", ""}}), IsEmpty());
    EXPECT_THAT(fitting({{"a_1.sql", ""}}), IsEmpty());
}

} // namespace
} // namespace pgmigrate::files
