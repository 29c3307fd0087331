// SPDX-License-Identifier: PostgreSQL
#include "unit/files/loading.hpp"

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

SourceRevision one(const std::string &content)
{
    const std::vector<SourceRevision> revisions = load({{"1_a.sql", content}}, "goose");
    EXPECT_EQ(revisions.size(), 1u);
    return revisions.at(0);
}

void expect_error(const std::string &content, const std::string &part)
{
    expect_invalid({{"1_a.sql", content}}, "1_a.sql", part, "goose");
}

TEST(FormatGoose, IsALineInNumericOrder)
{
    const std::vector<SourceRevision> revisions = load({
        {"20240101101500_with_time.sql", "-- +goose Up\nup3;\n-- +goose Down\ndown3;\n"},
        {"00010_ten_of_them.sql", "-- +goose Up\nup2;\n-- +goose Down\n"},
        {"2_b.sql", "-- +goose Up\nup1;\n"},
        {"helpers.go", ""},
        {"00001_x_test.go", ""},
        {"seed.sql", "SELECT 1;"},
        {"3_old/3_c.sql", "-- +goose Up"},
        {"4_old/4_d.go", ""},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("2", "10", "20240101101500"));
    EXPECT_THAT(fitting({{"3_old/3_c.sql", "-- +goose Up"}}), IsEmpty());
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("b", "ten of them", "with time"));
    EXPECT_EQ(revisions[0].up, "up1;\n");
    EXPECT_EQ(revisions[0].down, std::nullopt);
    EXPECT_EQ(revisions[1].down, "");
    EXPECT_EQ(revisions[2].down, "down3;\n");
}

TEST(FormatGoose, BlocksGetTheirSemicolons)
{
    const SourceRevision revision = one("-- about it\n\n"
                                        "-- +goose Up\n"
                                        "-- +goose StatementBegin\n"
                                        "CREATE FUNCTION f() ... $$ BEGIN x; END; $$\n"
                                        "-- +goose StatementEnd\n"
                                        "--   +GOOSE statementbegin\n" // not the sign: a comment
                                        "-- +goose StatementBegin\r\n"
                                        "SELECT 1; -- no end;\r\n"
                                        "-- +goose StatementEnd\r\n"
                                        "SELECT 2; SELECT 3;\n"
                                        "-- +goose statementbegin\n"
                                        "SELECT 4;\n"
                                        "-- a comment behind it;\n\n"
                                        "-- +goose statementend\n"
                                        "-- +goose Down\n"
                                        "-- +goose StatementBegin\n"
                                        "-- +goose StatementEnd\n"
                                        "SELECT 5");
    EXPECT_EQ(revision.up, "CREATE FUNCTION f() ... $$ BEGIN x; END; $$\n;\n"
                           "--   +GOOSE statementbegin\n"
                           "SELECT 1; -- no end;\n;\n"
                           "SELECT 2; SELECT 3;\n"
                           "SELECT 4;\n-- a comment behind it;\n\n");
    EXPECT_EQ(revision.down, "SELECT 5\n");
    EXPECT_EQ(revision.up_line, 4);
    EXPECT_EQ(revision.down_line, 18);
}

TEST(FormatGoose, NoTransactionIsForBothDirections)
{
    for (const std::string content : {"-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose Down\n",
                                      "-- +goose up\n-- +goose down\n-- +goose no transaction"}) {
        const SourceRevision revision = one(content);
        EXPECT_FALSE(revision.up_in_transaction || revision.down_in_transaction) << content;
    }
    const SourceRevision revision = one("-- +goose Up\n-- NO TRANSACTION\n");
    EXPECT_TRUE(revision.up_in_transaction && revision.down_in_transaction);
}

TEST(FormatGoose, VariablesNeedTheirProgram)
{
    expect_error("-- +goose ENVSUB ON\n-- +goose Up\nSELECT '${REGION}';\n", "line 3: ENVSUB ON");
    expect_error("-- +goose Up\nSELECT 1;\n-- +goose Down\n-- +goose envsub on\nSELECT $1;\n", "line 5: ENVSUB ON");
    const SourceRevision revision = one("-- +goose Up\nSELECT '${A}';\n-- +goose ENVSUB ON\n-- $X\nSELECT 1;\n"
                                        "-- +goose ENVSUB OFF\nSELECT $$x$$;\n");
    EXPECT_EQ(revision.up, "SELECT '${A}';\n-- $X\nSELECT 1;\nSELECT $$x$$;\n");
}

TEST(FormatGoose, BadAnnotations)
{
    expect_error("", "there is no line \"-- +goose Up\"");
    expect_error("-- only a comment\n", "there is no line \"-- +goose Up\"");
    expect_error("SELECT 1;\n-- +goose Up\n", "line 1: nothing but comments");
    expect_error("-- +goose Down\n", "line 1: Down stands");
    expect_error("-- +goose Up\n-- +goose Up\n", "line 2: Up stands");
    expect_error("-- +goose Up\n-- +goose Down\n-- +goose Up\n", "line 3: Up stands");
    expect_error("-- +goose Up\n-- +goose Down\n-- +goose Down\n", "line 3: Down stands");
    expect_error("-- +goose StatementBegin\n-- +goose Up\n", "line 1: StatementBegin stands");
    expect_error("-- +goose Up\n-- +goose StatementEnd\n", "line 2: StatementEnd stands");
    expect_error("-- +goose Up\n-- +goose StatementBegin\n-- +goose StatementBegin\n", "line 3: StatementBegin stands");
    expect_error("-- +goose Up\n-- +goose StatementBegin\n-- +goose Down\n", "line 3: Down stands");
    expect_error("-- +goose Up\n-- +goose StatementBegin\nx", "there is no \"-- +goose StatementEnd\"");
    for (const std::string annotation : {"-- +goose", "-- +goose Sideways", " -- +goose Up", "\t-- +goose Up",
                                         "-- +goose +goose Up", "-- see +goose Up", "-- +goose Up now"})
        expect_error(annotation + "\n", "line 1: this is no annotation of goose");
    // Also within the body of a function: goose looks at lines.
    expect_error("-- +goose Up\nSELECT $$\n-- +goose Sideways\n$$;\n", "line 3: this is no annotation");
    EXPECT_EQ(one("--+gooseUp--\nx;\n").up, "x;\n") << "as goose has it";
}

TEST(FormatGoose, BadFiles)
{
    const File good{"1_a.sql", "-- +goose Up\n"};
    expect_invalid({good, {"01_b.sql", "-- +goose Up\n"}}, "1_a.sql", "version 1 is also that of \"01_b.sql\"");
    expect_invalid({good, {"0_b.sql", "-- +goose Up\n"}}, "0_b.sql", "must be greater than zero");
    expect_invalid({good, {"9223372036854775808_b.sql", "-- +goose Up\n"}}, "9223372036854775808_b.sql", "larger than");
    expect_invalid({good, {"b.sql", "-- +goose Up\n"}}, "b.sql", "does not start with a version");
    expect_invalid({good, {"2_b.sql", "SELECT 1;\n"}}, "2_b.sql", "line 1: nothing but comments");
    expect_invalid({good, {"2_b.go", ""}, {"3_c.go", ""}}, "2_b.go", "a migration in Go cannot be loaded");
    EXPECT_THAT(error_of({good, {"2_b.go", ""}, {"3_c.go", ""}}).detail(), HasSubstr("2_b.go, 3_c.go."));
    // Where no file is SQL, or none has an annotation.
    for (const std::vector<File> &files :
         {std::vector<File>{{"2_b.go", ""}}, {{"1_a.sql", ""}, {"2_b.go", ""}}, {{"1_a.up.sql", ""}, {"2_b.go", ""}}})
        expect_invalid(files, "2_b.go", "a migration in Go cannot be loaded");
    EXPECT_THAT(fitting({{"1_a.sql", ""}, {"2_b_test.go", ""}, {"b.go", ""}}), ElementsAre("sqlx"));
}

} // namespace
} // namespace pgmigrate::files
