// SPDX-License-Identifier: PostgreSQL
#include "files/flyway_version.hpp"

#include "unit/files/loading.hpp"

#include <compare>

namespace pgmigrate::files
{
namespace
{

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void expect_error(const std::vector<File> &files, const std::string &path, const std::string &part)
{
    expect_invalid(files, path, part, "flyway");
}

std::strong_ordering compare(const std::string &left, const std::string &right)
{
    return FlywayVersion::parse(left).value() <=> FlywayVersion::parse(right).value();
}

TEST(FlywayVersion, IsComparedNumberByNumber)
{
    for (const auto &[left, right] :
         std::vector<std::pair<std::string, std::string>>{{"1", "2"},
                                                          {"2", "10"},
                                                          {"1.9", "1.10"},
                                                          {"1", "1.1"},
                                                          {"1.1", "1.1.0.1"},
                                                          {"1_2", "1.3"},
                                                          {"009", "10"},
                                                          {"99999999999999999998", "99999999999999999999"},
                                                          {"20240101.5", "20240101101500"}}) {
        EXPECT_EQ(compare(left, right), std::strong_ordering::less) << left << " " << right;
        EXPECT_EQ(compare(right, left), std::strong_ordering::greater) << left << " " << right;
    }
    for (const std::string same : {"1", "1.0", "1_0.00", "01"})
        EXPECT_EQ(compare("1", same), std::strong_ordering::equal) << same;
    for (const std::string none : {"", ".", "1.", ".1", "1..2", "1._2", "x", "1a", "1-2", "-1", "1 "})
        EXPECT_FALSE(FlywayVersion::parse(none)) << none;
    EXPECT_EQ(FlywayVersion::parse("01_2.3")->text(), "01.2.3");
}

TEST(FormatFlyway, IsALineInVersionOrderOfAllDirectories)
{
    const std::vector<SourceRevision> revisions = load({
        {"V2__Add_email.sql", "up2"},
        {"U2__undo_it.sql", "down2"},
        {"V10__ten.sql", "up10"},
        {"V10__ten.sql.conf", "# why\n\nexecuteInTransaction = false\nencoding=UTF-8"},
        {"2024/V1_10__late.sql", "up1.10"},
        {"2024/V1.9__early.sql", "up1.9"},
        {"deep/er/V1__create-users__now.sql", "up1"},
        {"deep/er/U1_0__.sql", ""},
        {"deep/er/U1_0__.sql.conf", "executeInTransaction=FALSE"},
        {"V20240101101500.sql", ""},
        {"Views.sql", "passed over"},
        {"v3__x.sql", "passed over"},
        {"README.md", ""},
        {"afterClean.sql", ""},
        {"beforeRepair__x.sql", ""},
        {"V11__x.sql.bak", ""},
        {"Vehicle__x.java", ""},
        {"nothing.sql.conf", "nonsense"},
        {".V12__x.sql", ""},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("1", "1.9", "1.10", "2", "10", "20240101101500"));
    expect_line(revisions);
    EXPECT_THAT(messages(revisions), ElementsAre("create-users  now", "early", "late", "Add email", "ten", ""));
    EXPECT_EQ(revisions[0].up, "up1");
    EXPECT_EQ(revisions[0].down, "");
    EXPECT_TRUE(revisions[0].up_in_transaction);
    EXPECT_FALSE(revisions[0].down_in_transaction);
    EXPECT_EQ(revisions[1].down, std::nullopt);
    EXPECT_EQ(revisions[3].down, "down2");
    EXPECT_FALSE(revisions[4].up_in_transaction);
}

TEST(FormatFlyway, ABaselineIsTheFirstRevision)
{
    const std::vector<SourceRevision> revisions = load({
        {"B1__old.sql", "never run again"},
        {"B3_0__All_of_it.sql", "up3"},
        {"V4__more.sql", "up4"},
    });
    ASSERT_THAT(ids(revisions), ElementsAre("3.0", "4"));
    expect_line(revisions);
    EXPECT_EQ(revisions[0].up, "up3");
    EXPECT_EQ(revisions[0].down, std::nullopt);
    EXPECT_THAT(ids(load({{"B3__x.sql", ""}})), ElementsAre("3"));
    expect_error({{"B3__x.sql", ""}, {"V3__x.sql", ""}, {"V4__x.sql", ""}}, "B3__x.sql", "two ways to version 3");
    expect_error({{"B3__x.sql", ""}, {"V1__x.sql", ""}}, "B3__x.sql", "two ways to version 3");
}

TEST(FormatFlyway, WhatHasNoCounterpartIsRefused)
{
    const File good{"V1__a.sql", ""};
    expect_error({good, {"R__views.sql", ""}, {"x/R__b.sql", ""}}, "R__views.sql", "a repeatable migration cannot");
    EXPECT_THAT(error_of({good, {"R__views.sql", ""}, {"x/R__b.sql", ""}}).detail(),
                HasSubstr("R__views.sql, x/R__b.sql."));
    EXPECT_THAT(error_of({{"R__views.sql", ""}}).hint(), HasSubstr("locations")) << "also if it is the only one";
    for (const std::string callback :
         {"beforeMigrate", "afterMigrate__x", "beforeEachMigrate", "afterEachMigrateStatementError",
          "afterMigrateError", "afterMigrateApplied", "beforeUndo", "afterEachUndo", "beforeRepeatables",
          "afterVersioned__y", "createSchema", "beforeConnect", "beforeValidate", "afterValidate__x",
          "afterValidateError", "beforeBaseline"})
        expect_error({good, {callback + ".sql", ""}}, callback + ".sql", "a callback cannot be loaded");
    for (const std::string ending : {".java", ".class", ".kt", ".sh", ".ps1", ".py"})
        expect_error({good, {"V2__x" + ending, ""}}, "V2__x" + ending, "a program cannot be loaded");
    expect_invalid({{"x/V1__b.java", ""}}, "x/V1__b.java", "a migration that is a program cannot be loaded");
    std::vector<File> many{good};
    for (int i = 100; i < 130; ++i)
        many.push_back({"R__" + std::to_string(i) + ".sql", ""});
    EXPECT_THAT(error_of(many).detail(), HasSubstr("R__119.sql and 10 more."));
}

TEST(FormatFlyway, PlaceholdersAreRefusedUnlessTheyAreNone)
{
    expect_error({{"V1__a.sql", "SELECT 1;\nSELECT '${user}' || ${x};"}}, "V1__a.sql", "line 2: placeholder ${user}");
    expect_error({{"V1__a.sql", "x ${ y"}}, "V1__a.sql", "line 1: placeholder ${ cannot");
    expect_error({{"V1__a.sql", ""}, {"U1__a.sql", "-- ${x}"}}, "U1__a.sql", "line 1: placeholder ${x}");
    EXPECT_THAT(ids(load({{"V1__a.sql", "SELECT '${x}'"}, {"V1__a.sql.conf", "placeholderReplacement=false"}})),
                ElementsAre("1"));
    EXPECT_THAT(ids(load({{"V1__a.sql", "SELECT $1, $$x$$, $ {}"}})), ElementsAre("1"));
}

TEST(FormatFlyway, BadSettings)
{
    const auto expect_conf = [](const std::string &conf, const std::string &part) {
        expect_error({{"V1__a.sql", ""}, {"V1__a.sql.conf", conf}}, "V1__a.sql.conf", part);
    };
    expect_conf("\nexecuteInTransaction", "line 2: this is not <key>=<value>");
    expect_conf("executeInTransaction=no", "line 1: executeInTransaction must be true or false");
    expect_conf("placeholderReplacement=", "line 1: placeholderReplacement must be true or false");
    expect_conf("shouldExecute=${env}==prod", "line 1: shouldExecute cannot be loaded");
    expect_conf("encoding=ISO-8859-1", "line 1: encoding \"ISO-8859-1\" cannot be loaded");
    expect_conf("executeInTransactions=false", "line 1: key \"executeInTransactions\" is not known");
}

TEST(FormatFlyway, BadNames)
{
    const File good{"V1__a.sql", ""};
    expect_error({good, {"V2_b.sql", ""}}, "V2_b.sql", "the name is not V<version>__<description>.sql");
    expect_error({good, {"V2-b.sql", ""}}, "V2-b.sql", "the name is not V<version>");
    expect_error({good, {"U2_b.sql", ""}}, "U2_b.sql", "the name is not U<version>");
    expect_error({good, {"V1.0__b.sql", ""}}, "V1__a.sql", "version 1 is also that of \"V1.0__b.sql\"");
    expect_error({good, {"x/V1__a.sql", ""}}, "x/V1__a.sql", "version 1 is also that of \"V1__a.sql\"");
    expect_error({good, {"U2__b.sql", ""}}, "U2__b.sql", "there is no V2 that it would undo");
    expect_error({good, {"U1__a.sql", ""}, {"U01__a.sql", ""}}, "U1__a.sql", "version 1 is also that of");
    EXPECT_THAT(fitting({{"V__a.sql", ""}, {"Version.sql", ""}, {"R_a.sql", ""}, {"R1__a.sql", ""}, {"X1__a.sql", ""}}),
                IsEmpty());
}

} // namespace
} // namespace pgmigrate::files
