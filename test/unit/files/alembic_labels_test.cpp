// SPDX-License-Identifier: PostgreSQL
// Projects with labels, as `alembic history --verbose` and `alembic upgrade base:heads --sql` print them.
#include "core/error.hpp"
#include "fake_printed_sql_reader.hpp"
#include "files/alembic.hpp"

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

std::string entry(const std::string &id, const std::string &parent, const std::string &labels,
                  const std::string &depends_on = "")
{
    return "Rev: " + id + "\nParent: " + (parent.empty() ? "<base>" : parent) + "\n" +
           (depends_on.empty() ? "" : "Also depends on: " + depends_on + "\n") +
           (labels.empty() ? "" : "Branch names: " + labels + "\n") + "Path: /x\n\n    message\n\n";
}

std::string marker(const std::string &from, const std::string &to)
{
    return "-- Running upgrade " + from + " -> " + to + "\n\n";
}
std::string added(const std::string &to)
{
    return "INSERT INTO v (version_num) VALUES ('" + to + "');\n\n";
}
std::string moved(const std::string &from, const std::string &to)
{
    return "UPDATE v SET version_num='" + to + "' WHERE version_num = '" + from + "';\n\n";
}

class AlembicLabels : public testing::Test
{
  protected:
    void import(const std::string &upgrade, const std::optional<std::string> &downgrade = std::nullopt)
    {
        FakePrintedSqlReader reader;
        core::NoInterrupts interrupts;
        result_ = import_alembic(upgrade, downgrade, reader, interrupts);
    }

    const SourceRevision &of(const std::string &id) const
    {
        for (const SourceRevision &revision : result_.revisions)
            if (revision.id == id)
                return revision;
        throw std::out_of_range(id);
    }

    AlembicImport result_;
};

// a1 declares "la", and a0 shows it.
const std::string line = entry("b0", "", "", "la") + entry("a1", "a0", "la") + entry("a0", "", "la");

TEST_F(AlembicLabels, ARowTellsWhichRevisionIsMeant)
{
    import(line + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") + marker("", "b0") +
           moved("a1", "b0"));
    EXPECT_EQ(of("b0").depends_on, "a1");
    EXPECT_EQ(of("a1").branch_label, "la");
    EXPECT_EQ(of("a0").branch_label, "");
    EXPECT_THAT(result_.warnings, IsEmpty());
    EXPECT_THAT(result_.notices, IsEmpty());
    import(line + marker("", "a0") + added("a0") + marker("", "b0") + moved("a0", "b0") + marker("a0", "a1") +
           added("a1"));
    EXPECT_EQ(of("b0").depends_on, "a0");
    EXPECT_EQ(of("a0").branch_label, "la");
    EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(AlembicLabels, ARowThatStaysTells)
{
    import(line + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") + marker("", "b0") +
           added("b0"));
    EXPECT_EQ(of("b0").depends_on, "a0");
    EXPECT_EQ(of("a0").branch_label, "la");
    EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(AlembicLabels, AWayBackTells)
{
    import(line + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") + marker("", "c0") +
               moved("a1", "c0") + marker("", "b0") + added("b0"),
           "-- Running downgrade b0 -> \n\n" + moved("b0", "a1"));
    EXPECT_EQ(of("b0").depends_on, "a1");
    EXPECT_EQ(of("a1").branch_label, "la");
    EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(AlembicLabels, WhereNothingTellsItIsSaid)
{
    import(line + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") + marker("", "c0") +
           moved("a1", "c0") + marker("", "b0") + added("b0"));
    EXPECT_EQ(of("b0").depends_on, "a1");
    EXPECT_THAT(
        result_.warnings,
        ElementsAre(AllOf(Field(&ImportRemark::message,
                                HasSubstr(": revision \"b0\" depends on the label \"la\", which is taken for \"a1\"")),
                          Field(&ImportRemark::message, HasSubstr("upgrade_sql, line 34")),
                          Field(&ImportRemark::detail, HasSubstr("\"a0\"")),
                          Field(&ImportRemark::hint, HasSubstr("Write the id")))));
}

// Only the descendants show it, so the first of them declares it.
TEST_F(AlembicLabels, ABranchBelowTheLabelTells)
{
    import(entry("b0", "", "", "la") + entry("a2", "a1", "la") + entry("a1", "a0", "la") + entry("x1", "a0", "") +
           entry("a0", "", "") + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") +
           marker("a1", "a2") + moved("a1", "a2") + marker("a0", "x1") + added("x1") + marker("", "b0") + added("b0"));
    EXPECT_EQ(of("b0").depends_on, "a1");
    EXPECT_EQ(of("a1").branch_label, "la");
    import(entry("b0", "", "", "la") + entry("a2", "a1", "la") + entry("a3", "a1", "la") + entry("a1", "", "la") +
           marker("", "a1") + added("a1") + marker("a1", "a2") + moved("a1", "a2") + marker("a1", "a3") + added("a3") +
           marker("", "b0") + added("b0"));
    EXPECT_EQ(of("b0").depends_on, "a1") << "a branch within it";
    EXPECT_THAT(result_.warnings, IsEmpty());
    EXPECT_THAT(result_.notices, IsEmpty());
}

// With a second one, the revision that declares the label has two successors, and what is above it does not show it.
TEST_F(AlembicLabels, TwoDependenciesTell)
{
    import(entry("d0", "", "", "la") + line + marker("", "a0") + added("a0") + marker("a0", "a1") + moved("a0", "a1") +
           marker("", "c0") + moved("a1", "c0") + marker("", "b0") + added("b0") + marker("", "d0") + added("d0"));
    EXPECT_EQ(of("b0").depends_on, "a0");
    EXPECT_EQ(of("d0").depends_on, "a0");
    EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(AlembicLabels, OfOneRevisionAlone)
{
    import(entry("b0", "", "", "la") + entry("a0", "", "la") + marker("", "a0") + added("a0") + marker("", "c0") +
           moved("a0", "c0") + marker("", "b0") + added("b0"));
    EXPECT_EQ(of("b0").depends_on, "a0");
    EXPECT_THAT(result_.warnings, IsEmpty());
}

TEST_F(AlembicLabels, WithoutADependencyItIsTheFirst)
{
    import(entry("a1", "a0", "la") + entry("a0", "", "la") + marker("", "a0") + added("a0") + marker("a0", "a1") +
           moved("a0", "a1"));
    EXPECT_EQ(of("a0").branch_label, "la");
    EXPECT_THAT(result_.notices, ElementsAre(Field(&ImportRemark::message,
                                                   "labels are given to the first revision that has them: la (a0)")));
}

TEST_F(AlembicLabels, IdsAndWhatTheTextDoesNotHaveStay)
{
    import(entry("b0", "", "", "a0, other") + entry("a0", "", "") + marker("", "a0") + added("a0") + marker("", "b0") +
           moved("a0", "b0"));
    EXPECT_EQ(of("b0").depends_on, "a0, other");
}

TEST_F(AlembicLabels, ThoseThatAlembicCannotFindAreRefused)
{
    try {
        import(entry("a0", "", "my-label") + marker("", "a0") + added("a0"));
        FAIL();
    } catch (const core::Error &error) {
        EXPECT_EQ(error.message(), "Character(s) '-' not allowed in branch label 'my-label'");
        EXPECT_THAT(error.hint(), HasSubstr("versions/"));
    }
}

TEST_F(AlembicLabels, AHistoryInACircle)
{
    import(entry("a0", "a1", "la") + entry("a1", "a0", "la") + marker("a1", "a0") + moved("a1", "a0"));
    EXPECT_EQ(of("a0").branch_label, "la");
}

} // namespace

} // namespace pgmigrate::files
