// SPDX-License-Identifier: PostgreSQL
#include "unit/files/loading.hpp"

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SourceRevision one(const std::string &content)
{
    const std::vector<SourceRevision> revisions = load({{"1_a.sql", content}}, "node-pg-migrate");
    EXPECT_EQ(revisions.size(), 1u);
    return revisions.at(0);
}

TEST(FormatNodePgMigrate, IsALineInTheOrderOfTimes)
{
    const std::vector<SourceRevision> revisions = load(
        {
            {"1704067200001_after-new-year.sql", "-- Up Migration\nup3\n-- Down Migration\ndown3\n"},
            {"20240101000000000_new_year.sql", "-- Up Migration\nup2\n"},
            {"20231231235959999_eve.sql", "up1"},
            {"0002_two.sql", "-- Up Migration"},
            {"README.md", ""},
            {"1_lib/1_x.sql", ""},
            {"1_lib/x.js", ""},
        },
        "node-pg-migrate");
    ASSERT_THAT(ids(revisions), ElementsAre("0002", "20231231235959999", "20240101000000000", "1704067200001"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("two", "eve", "new year", "after new year"));
    EXPECT_EQ(revisions[1].up, "up1");
    EXPECT_EQ(revisions[1].down, std::nullopt);
    EXPECT_EQ(revisions[2].up, "up2\n");
    EXPECT_EQ(revisions[2].down, std::nullopt);
    EXPECT_EQ(revisions[3].up, "up3\n");
    EXPECT_EQ(revisions[3].down, "down3\n");
}

TEST(FormatNodePgMigrate, MarkersAreThoseOfTheTool)
{
    for (const std::string marker : {"-- Up Migration", "--up migration", "  ---- - UP \t MIGRATIONS of today"}) {
        const SourceRevision revision = one("-- a comment\n\n/* a -- /* comment\n; */ */\n" + marker + "\r\nup\r\n");
        EXPECT_EQ(revision.up, "up\r\n") << marker;
    }
    for (const std::string no_marker :
         {"-- Add up migration here", "-- Upmigration", "-- Up", "Up Migration", "-- up: migration"})
        EXPECT_THAT(fitting({{"1_a.sql", no_marker + "\n"}}), ElementsAre("sqlx")) << no_marker;
    SourceRevision revision = one("-- Down Migration\ndown\n-- Up Migration\nup\n-- Down Migration\nmore\n");
    EXPECT_EQ(revision.up, "up\n-- Down Migration\nmore\n") << "the first of each kind counts";
    EXPECT_EQ(revision.down, "down\n");
    EXPECT_EQ(revision.up_line, 4);
    EXPECT_EQ(revision.down_line, 2);
    revision = one("-- Up Migration\n-- Down Migration\n");
    EXPECT_EQ(revision.up, "");
    EXPECT_EQ(revision.down, "");
}

TEST(FormatNodePgMigrate, ReadsPairs)
{
    const std::vector<File> files{{"1_a.down.sql", "-- Up Migration\ndown1"},
                                  {"1_a.up.sql", "up1"},
                                  {"1_a.x.sql", "-- Up Migration\nup"},
                                  {"2_b.up.sql", "up2"}};
    expect_invalid(files, "1_a.x.sql", "what it begins with is also that of \"1_a.up.sql\"", "node-pg-migrate");
    const std::vector<SourceRevision> revisions = load({files[0], files[1], files[3]}, "node-pg-migrate");
    ASSERT_THAT(ids(revisions), ElementsAre("1", "2"));
    EXPECT_EQ(revisions[0].up, "up1");
    EXPECT_EQ(revisions[0].down, "-- Up Migration\ndown1");
    EXPECT_EQ(revisions[1].down, std::nullopt);
}

TEST(FormatNodePgMigrate, NothingAboveAMarkerIsLost)
{
    for (const std::string above : {"SELECT 1;\n", "/* open\n", "/* */ SELECT 1;\n", "-- fine\n;\n", "*/\n"}) {
        expect_invalid({{"1_a.sql", above + "-- Up Migration\nup\n"}}, "1_a.sql", "statements above the first marker",
                       "node-pg-migrate");
        expect_invalid({{"1_a.sql", above + "-- Down Migration\ndown\n-- Up Migration\nup\n"}}, "1_a.sql",
                       "statements above the first marker", "node-pg-migrate");
    }
}

// What sqlx runs as a whole may have a comment that reads like a marker.
TEST(FormatNodePgMigrate, AFileIsNotDividedOnAGuess)
{
    const std::vector<File> files{
        {"1709288100000_a.sql", "-- Up Migration\nCREATE TABLE a ();\n-- Down Migration\nDROP TABLE a;\n"},
        {"20240302101500000_b.sql", "CREATE TABLE b ();\n"}};
    EXPECT_THAT(fitting(files), ElementsAre("node-pg-migrate"));
    const auto with = [&files](const std::string &path, const std::string &content) {
        std::vector<File> more = files;
        more.push_back({path, content});
        return more;
    };
    for (const File &doubtful :
         {File{"1709288100001_c.sql", "CREATE TABLE c ();\n-- Up Migration\nINSERT INTO c VALUES (1);\n"},
          File{"1709288100001_c.sql", "-- Up migration of the data\nINSERT INTO c VALUES (1);\n"},
          File{"1709288100001_c.sql", "-- Up Migration\nup\n-- Down migration: drop table c\n"},
          File{"3_c.sql", "-- Up Migration\nINSERT INTO c VALUES (1);\n"}, File{"3_c.sql", "SELECT 1"}}) {
        const std::vector<File> all = with(doubtful.path, doubtful.content());
        EXPECT_THAT(fitting(all), ::testing::IsEmpty()) << doubtful.content();
        EXPECT_THAT(error_of(all).detail(), HasSubstr("node-pg-migrate: file \"" + doubtful.path + "\" "));
    }
    // Named, the format is the user's word.
    EXPECT_EQ(load(with("3_c.sql", "-- Up migration of the data\nup\n"), "node-pg-migrate").at(0).up, "up\n");
    const File whole{"1_a.sql", "CREATE TABLE a ();\n-- up migration of the data\nINSERT INTO a VALUES (1);\n"};
    EXPECT_EQ(load({whole}, "sqlx").at(0).up, whole.content());
}

TEST(FormatNodePgMigrate, EveryFileIsAStepOfTheTool)
{
    const File good{"1709288100000_a.sql", "-- Up Migration\n"};
    for (const std::string name : {"init.sql", "_seed.sql", "1709288100001-b.sql", "1709288100001.sql", "x_1.sql"})
        for (const std::string content : {"SELECT 1", "-- Up Migration\nSELECT 1"})
            expect_invalid({good, {name, content}}, name, "is not a number");
    expect_invalid({good, {"b.js", ""}}, "b.js", "in JavaScript or TypeScript cannot be loaded");
}

TEST(FormatNodePgMigrate, ProgramsAloneAreRefusedToo)
{
    const File plain{"1709288100000_a.sql", "SELECT 1"};
    for (const std::string ending : {".js", ".ts", ".cjs", ".mjs", ".mts", ".cts"}) {
        const File program{"1709288100001_b" + ending, ""};
        for (const std::vector<File> &files :
             {std::vector<File>{program}, {plain, program}, {{"1_a.up.sql", ""}, {"1_a.down.sql", ""}, program}}) {
            EXPECT_THAT(fitting(files), ElementsAre("node-pg-migrate"));
            expect_invalid(files, program.path, "in JavaScript or TypeScript cannot be loaded");
        }
        // A tool that marks its files has told whose they are.
        EXPECT_THAT(fitting({{"1_a.sql", "-- migrate:up\n"}, program}), ElementsAre("dbmate"));
        EXPECT_THAT(fitting({{"1_a.sql", "-- +goose Up\n"}, program}), ElementsAre("goose"));
        EXPECT_THAT(fitting({{"V1__a.sql", ""}, program}), ElementsAre("flyway"));
        EXPECT_THAT(fitting({{"1_a/up.sql", ""}, program}), ElementsAre("diesel"));
        EXPECT_THAT(ids(load({plain, program}, "sqlx")), ElementsAre("1709288100000"));
    }
}

TEST(FormatNodePgMigrate, BadFiles)
{
    const File good{"1704067200001_a.sql", "-- Up Migration\n"};
    expect_invalid({good, {"1704067200002_b.sql", "-- Down Migration\n"}}, "1704067200002_b.sql",
                   "but none \"-- Up Migration\"");
    expect_invalid({good, {"20240101000000001_b.sql", "-- Up Migration\n"}}, "20240101000000001_b.sql",
                   "what it begins with is also that of \"1704067200001_a.sql\"");
    expect_invalid({good, {"2_b.down.sql", ""}}, "2_b.down.sql", "there is no *.up.sql beside it", "node-pg-migrate");
    for (const std::string time : {"20241301000000000", "20240230000000000", "20240101240000000", "20240101006000000",
                                   "20240101000060000", "00000000000000000"})
        expect_invalid({good, {time + "_b.sql", ""}}, time + "_b.sql", "are not a time");
    for (const std::string ending : {".js", ".ts", ".cjs", ".mjs", ".mts", ".cts"})
        expect_invalid({good, {"2_b" + ending, ""}}, "2_b" + ending, "in JavaScript or TypeScript cannot be loaded");
    EXPECT_THAT(error_of({good, {"2_b.js", ""}, {"3_c.ts", ""}}).detail(), HasSubstr("2_b.js, 3_c.ts."));
}

} // namespace
} // namespace pgmigrate::files
