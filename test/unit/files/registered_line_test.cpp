// SPDX-License-Identifier: PostgreSQL
#include "files/registered_line.hpp"

#include "unit/files/loading.hpp"

namespace pgmigrate::files
{
namespace
{

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Registered {
    std::string id;
    std::vector<std::string> parents;
    bool is_applied = false;
};

class RegisteredLine : public ::testing::Test
{
  protected:
    // By id, as the graph has them.
    void SetUp() override { know({{"1", {}, true}, {"3", {"1"}, true}}); }

    void know(const std::vector<Registered> &revisions)
    {
        std::vector<core::RevisionInput> inputs;
        applied.clear();
        for (const Registered &revision : revisions) {
            inputs.push_back({revision.id, revision.parents, {}, {}});
            applied.push_back(revision.is_applied);
        }
        graph.emplace(core::RevisionGraph::build(std::move(inputs), interrupts));
    }

    core::Error error_with(const std::vector<std::string> &ids)
    {
        try {
            check_line(directory(ids), *graph, applied);
        } catch (const core::Error &error) {
            EXPECT_EQ(error.sqlstate(), core::sqlstate::revision_applied);
            return error;
        }
        return {"", ""};
    }

    std::vector<std::string> missing_with(const std::vector<std::string> &ids)
    {
        return without_file(directory(ids), *graph, interrupts);
    }

    static std::vector<SourceRevision> directory(const std::vector<std::string> &ids)
    {
        std::vector<File> files;
        for (const std::string &id : ids)
            files.push_back({id + "_x.up.sql", ""});
        return load(std::move(files), "golang-migrate");
    }

    struct NoInterrupts : core::InterruptCheck {
        void check() override {}
    } interrupts;
    std::optional<core::RevisionGraph> graph;
    std::vector<bool> applied;
};

TEST_F(RegisteredLine, WhatFitsIsNoError)
{
    EXPECT_EQ(error_with({"1", "3"}).message(), "");
    EXPECT_EQ(error_with({"1", "3", "4", "5"}).message(), "");
    EXPECT_EQ(error_with({"6", "7"}).message(), "") << "another line";
    know({{"1", {}, true}, {"3", {"1"}}});
    EXPECT_EQ(error_with({"1", "2", "3"}).message(), "") << "what is not applied can get another parent";
    EXPECT_EQ(error_with({"1", "2"}).message(), "");
}

TEST_F(RegisteredLine, AFileBeforeAnAppliedOneIsTooLate)
{
    const core::Error error = error_with({"0", "1", "2", "3", "4"});
    EXPECT_EQ(error.message(), "migration \"0_x.up.sql\" comes before revision \"1\", which is applied");
    EXPECT_THAT(error.detail(), HasSubstr("Such are: 0_x.up.sql, 2_x.up.sql."));
    EXPECT_THAT(error.hint(), HasSubstr("behind \"3\""));
    EXPECT_EQ(error_with({"1", "2", "3"}).message(),
              "migration \"2_x.up.sql\" comes before revision \"3\", which is applied");
}

TEST_F(RegisteredLine, AFileBelowAnAppliedOneIsGone)
{
    EXPECT_EQ(error_with({"3", "4"}).message(),
              "revision \"3\" is applied on top of \"1\", which has no migration in the directory");
}

TEST_F(RegisteredLine, WhatHasNoFileIsFound)
{
    know({{"1", {}}, {"1.1", {"1"}}, {"2", {"1.1"}}, {"3", {"2"}}, {"8", {}}, {"9", {"8"}}, {"next", {"3"}}});
    EXPECT_THAT(missing_with({"1", "2", "3"}), ElementsAre("1.1"));
    EXPECT_THAT(missing_with({"2"}), ElementsAre("1", "1.1", "3"));
    EXPECT_THAT(missing_with({"8", "9", "10"}), IsEmpty());
    EXPECT_THAT(missing_with({"10"}), IsEmpty());
}

TEST_F(RegisteredLine, FilesThatNameTheirParentsAreNotLookedAt)
{
    const std::vector<SourceRevision> sources =
        load({{"a.sql", "SELECT migrate_revision(revision => '2', down_revision => 'base', message => 'm');"},
              {"b.sql", "SELECT migrate_revision(revision => '3', down_revision => '2', message => 'm');"}});
    EXPECT_FALSE(is_line(sources));
    EXPECT_FALSE(is_line({}));
    EXPECT_TRUE(is_line(directory({"1"})));
}

} // namespace
} // namespace pgmigrate::files
