// SPDX-License-Identifier: PostgreSQL
#include "files/export.hpp"

#include "unit/files/fake_sql_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;

ExportedRevision revision(std::string id, std::string message)
{
    ExportedRevision result;
    result.id = std::move(id);
    result.message = std::move(message);
    return result;
}

TEST(Export, ReadsLikeTheManual)
{
    ExportedRevision exported = revision("27c6a30d7c24", "Add review_notes to extractions");
    exported.down = {"1975ea83b712", "ae1027a6acf8"};
    exported.depends_on = {"aaaa", "bbbb"};
    exported.labels = {"shop", "web"};
    exported.up = "ALTER TABLE extractions ADD COLUMN review_notes varchar(500);\n";
    const File file = export_revision(exported, "\"x\".migrate_revision");
    EXPECT_EQ(file.path, "27c6a30d7c24_add_review_notes_to_extractions.sql");
    EXPECT_EQ(file.content(), R"(SELECT "x".migrate_revision(
    revision => '27c6a30d7c24',
    down_revision => '1975ea83b712,ae1027a6acf8',
    branch_label => 'shop,web',
    depends_on => 'aaaa,bbbb',
    message => 'Add review_notes to extractions',
    up => $up$ALTER TABLE extractions ADD COLUMN review_notes varchar(500);
$up$,
    down => NULL);
)");
}

void expect_same(const ExportedRevision &exported)
{
    for (const bool standard : {true, false}) {
        FakeSqlReader reader;
        reader.standard_conforming_strings = standard;
        const File file = export_revision(exported);
        const std::vector<SourceRevision> revisions = load({file}, std::nullopt, reader);
        ASSERT_EQ(revisions.size(), 1u) << file.content();
        EXPECT_EQ(revisions[0].id, exported.id);
        EXPECT_EQ(revisions[0].message, exported.message);
        EXPECT_EQ(revisions[0].up, exported.up);
        EXPECT_EQ(revisions[0].down, exported.down_script);
        EXPECT_EQ(revisions[0].down_revision, exported.down.empty() ? "base" : exported.down[0]);
        EXPECT_EQ(revisions[0].branch_label, std::nullopt);
        EXPECT_EQ(revisions[0].depends_on, std::nullopt);
    }
}

TEST(Export, ScriptsComeBackByteForByte)
{
    for (const std::optional<std::string> &script :
         {std::optional<std::string>(), std::optional<std::string>(""), std::optional<std::string>("$"),
          std::optional<std::string>("$up"), std::optional<std::string>("$up$"),
          std::optional<std::string>("$down$down1"), std::optional<std::string>("$up$ $up1$ $up2"),
          std::optional<std::string>("$x$up$ $x$down$"), std::optional<std::string>("\r\n 'it''s' \\ E'\\'' \t\n"),
          std::optional<std::string>("$$ \xc3\xa9$up$")}) {
        ExportedRevision exported = revision("a1", "m");
        exported.up = script;
        expect_same(exported);
        exported.up = "";
        exported.down_script = script;
        expect_same(exported);
    }
}

TEST(Export, LiteralsMeanTheSameUnderBothSettings)
{
    for (const char *const message :
         {"", "it's", "back\\slash", "\\'", "'\\", "two\nlines", "\\\\'' E'x'", "gr\xc3\xbc\xc3\x9f"})
        expect_same(revision("a'\\1", message));
}

TEST(Export, QuotesDollars)
{
    EXPECT_EQ(dollar_quote("", "up"), "$up$$up$");
    EXPECT_EQ(dollar_quote("x $up", "up"), "$up1$x $up$up1$");
    EXPECT_EQ(dollar_quote("x $up1 $up", "up"), "$up1$x $up1 $up$up1$");
    EXPECT_EQ(dollar_quote("$up$ $up1", "up"), "$up2$$up$ $up1$up2$");
    EXPECT_EQ(dollar_quote("$", "up"), "$up$$$up$");
}

TEST(Export, SlugIsAlembics)
{
    EXPECT_EQ(slug(""), "");
    EXPECT_EQ(slug("  ...  "), "");
    EXPECT_EQ(slug("Add `Column` (to) a_b-c "), "add_column_to_a_b_c");
    EXPECT_EQ(slug("this is a message that is longer than forty characters"), "this_is_a_message_that_is_longer_than_");
    EXPECT_EQ(slug("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), std::string(40, 'a') + "_");
    EXPECT_EQ(slug(std::string(40, 'a')), std::string(40, 'a'));
    EXPECT_EQ(slug("Gr\xc3\xb6\xc3\x9f"
                   "e \xc3\xa4ndern"),
              "gre_ndern");
}

TEST(Export, FileNamesAreSafe)
{
    EXPECT_EQ(file_name("a1", ""), "a1.sql");
    EXPECT_EQ(file_name("../x y", "../etc"), "%2E.%2Fx%20y_etc.sql");
    EXPECT_EQ(file_name("\xc3\xa4", "x"), "%C3%A4_x.sql");
    EXPECT_LE(file_name(std::string(300, '/'), std::string(300, 'x')).size(), 240u);
}

TEST(Export, FileNamesDiffer)
{
    std::vector<std::string> names;
    for (const File &file : export_revisions(std::vector<ExportedRevision>{revision("a", "b c"), revision("a_b", "c"),
                                                                           revision("A", "b c"), revision("d", "")}))
        names.push_back(file.path);
    EXPECT_THAT(names, ElementsAre("a_b_c.sql", "a_b_c_2.sql", "A_b_c_3.sql", "d.sql"));
}

} // namespace
} // namespace pgmigrate::files
