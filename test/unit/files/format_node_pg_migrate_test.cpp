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
    const std::vector<SourceRevision> revisions = load({
        {"1704067200001_after-new-year.sql", "-- Up Migration\nup3\n-- Down Migration\ndown3\n"},
        {"20240101000000000_new_year.sql", "-- Up Migration\nup2\n"},
        {"20231231235959999_eve.sql", "up1"},
        {"0002-two.sql", "-- Up Migration"},
        {"README.md", ""},
        {"1_lib/1_x.sql", ""},
        {"1_lib/x.js", ""},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("0002", "20231231235959999", "20240101000000000", "1704067200001"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre(" two", "eve", "new year", "after new year"));
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
        const SourceRevision revision = one("dropped\n" + marker + "\r\nup\r\n");
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

TEST(FormatNodePgMigrate, BadFiles)
{
    const File good{"1_a.sql", "-- Up Migration\n"};
    expect_invalid({good, {"2_b.sql", "-- Down Migration\n"}}, "2_b.sql", "but none \"-- Up Migration\"");
    expect_invalid({good, {"01_b.sql", "-- Up Migration\n"}}, "1_a.sql",
                   "what it begins with is also that of \"01_b.sql\"");
    expect_invalid({good, {"b.sql", "-- Up Migration\n"}}, "b.sql", "does not start with digits");
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
