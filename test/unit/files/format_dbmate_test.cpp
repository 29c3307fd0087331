// SPDX-License-Identifier: PostgreSQL
#include "unit/files/loading.hpp"

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;

SourceRevision one(const std::string &content)
{
    const std::vector<SourceRevision> revisions = load({{"1_a.sql", content}}, "dbmate");
    EXPECT_EQ(revisions.size(), 1u);
    return revisions.at(0);
}

void expect_error(const std::string &content, const std::string &part)
{
    expect_invalid({{"1_a.sql", content}}, "1_a.sql", part, "dbmate");
}

TEST(FormatDbmate, IsALineInTheOrderOfFileNames)
{
    const std::vector<SourceRevision> revisions = load({
        {"9_nine.sql", "-- migrate:up\nup9\n-- migrate:down\n"},
        {"10_ten_of_them.sql", "-- migrate:up\nup10\n\n-- migrate:down\ndown10"},
        {"05.sql", "-- migrate:up\n-- migrate:down\n"},
        {"20240101-x.sql", "-- migrate:up"},
        {"init.sql", "passed over"},
        {"1_old/1_a.sql", "passed over"},
        {"schema.txt", ""},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("05", "10", "20240101", "9"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("", "ten of them", "-x", "nine"));
    EXPECT_EQ(revisions[0].up, "");
    EXPECT_EQ(revisions[0].down, "");
    EXPECT_EQ(revisions[1].up, "up10\n\n");
    EXPECT_EQ(revisions[1].down, "down10");
    EXPECT_EQ(revisions[2].up, "");
    EXPECT_EQ(revisions[2].down, std::nullopt);
}

TEST(FormatDbmate, MarkersAreThoseOfTheTool)
{
    for (const std::string marker : {"-- migrate:up", "--migrate:up", "--\t migrate:up \t", "-- migrate:up whatever"}) {
        const SourceRevision revision = one("-- first\n\n" + marker + "\r\nup\r\n--migrate:down \r\ndown\r\n");
        EXPECT_EQ(revision.up, "up\r\n") << marker;
        EXPECT_EQ(revision.down, "down\r\n") << marker;
        EXPECT_EQ(revision.up_line, 4);
        EXPECT_EQ(revision.down_line, 6);
    }
    for (const std::string no_marker :
         {" -- migrate:up", "-- migrate:upwards", "-- migrate: up", "-- MIGRATE:UP", "-- migrate:up;", "# migrate:up"})
        EXPECT_THAT(fitting({{"1_a.sql", no_marker + "\n"}}), ElementsAre("sqlx")) << no_marker;
    // dbmate looks at lines, and knows nothing of quotes.
    const SourceRevision revision = one("-- migrate:up\nSELECT $$\n-- migrate:down\n$$");
    EXPECT_EQ(revision.up, "SELECT $$\n");
    EXPECT_EQ(revision.down, "$$");
}

TEST(FormatDbmate, Options)
{
    SourceRevision revision = one("-- migrate:up transaction:false\n-- migrate:down\n");
    EXPECT_FALSE(revision.up_in_transaction);
    EXPECT_TRUE(revision.down_in_transaction);
    revision = one("-- migrate:up other:x  transaction:true\n-- migrate:down\tx transaction:false");
    EXPECT_TRUE(revision.up_in_transaction);
    EXPECT_FALSE(revision.down_in_transaction);
    revision = one("-- migrate:up transaction:false:x transaction:\n-- migrate:down transaction:false transaction:yes");
    EXPECT_TRUE(revision.up_in_transaction);
    EXPECT_TRUE(revision.down_in_transaction);
    expect_error("-- x\n-- migrate:up transaction:false env:ROLE\n", "line 2: option \"env:ROLE\"");
}

TEST(FormatDbmate, BadFiles)
{
    expect_error("", "there is no line \"-- migrate:up\"");
    expect_error("-- comment\n-- migrate:down\n-- migrate:up\n", "line 2: \"-- migrate:down\" stands before");
    expect_error("SELECT 1;\n-- migrate:up\n", "line 1: nothing but comments");
    expect_error("-- migrate:up\n-- migrate:down\n-- migrate:down\n", "line 3: a second section");
    expect_error("-- migrate:up\n-- migrate:up\n-- migrate:down\n", "line 2: a second section");
    expect_error("-- migrate:up\n-- migrate:down\n-- migrate:up\n-- migrate:down\n", "line 3: a second section");
    expect_error("\xEF\xBB\xBF-- migrate:up\n", "line 1: nothing but comments");
    const std::string good = "-- migrate:up\n-- migrate:down\n";
    // Not next to each other in the order of names.
    expect_invalid({{"1-a.sql", good}, {"10_b.sql", good}, {"1_c.sql", good}}, "1_c.sql",
                   "version 1 is also that of \"1-a.sql\"");
    expect_invalid({{"1_a.sql", good}, {"2_b.sql", "SELECT 1;"}}, "2_b.sql", "line 1: nothing but comments");
}

} // namespace
} // namespace pgmigrate::files
