// SPDX-License-Identifier: PostgreSQL
#include "core/target.hpp"

#include "support/graphs.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgmigrate::test
{
namespace
{

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

core::NoInterrupts never;

std::string resolve(const core::RevisionGraph &graph, std::string_view text)
{
    return ids(graph, core::resolve_revisions(graph, text, nullptr, never));
}

core::Error resolve_error(const core::RevisionGraph &graph, std::string_view text)
{
    return error_of([&] { resolve(graph, text); });
}

core::Error identifier_error(std::string_view text)
{
    return error_of([&] { core::check_identifier("revision identifier", text); });
}

TEST(CheckIdentifier, AcceptsWhatCanBeNamed)
{
    for (const std::string_view good : {"a", "1975ea83b712", "add_users.v2/x", "heads2", "\xc3\xa4\xc3\xb6", "a#b"})
        EXPECT_NO_THROW(core::check_identifier("revision identifier", good)) << good;
    EXPECT_NO_THROW(core::check_identifier("branch label", std::string(255, 'x')));
}

TEST(CheckIdentifier, RefusesTheRest)
{
    EXPECT_EQ(identifier_error("a-b").message(), "Character(s) '-' not allowed in revision identifier 'a-b'");
    EXPECT_EQ(identifier_error("a:-b+@,").message(),
              "Character(s) '+, ,, -, :, @' not allowed in revision identifier 'a:-b+@,'");
    EXPECT_EQ(error_of([] { core::check_identifier("branch label", "feature-1"); }).message(),
              "Character(s) '-' not allowed in branch label 'feature-1'");
    for (const std::string_view bad : {"", "a b", "a\tb", "a\x7f", "\n", "head", "heads", "base", "current"})
        EXPECT_EQ(identifier_error(bad).sqlstate(), core::sqlstate::invalid_revision) << bad;
    EXPECT_EQ(identifier_error(std::string(256, 'x')).sqlstate(), core::sqlstate::invalid_revision);
    EXPECT_FALSE(identifier_error("head").hint().empty());
}

TEST(SplitList, TrimsAndRefusesEmptyElements)
{
    EXPECT_THAT(core::split_list(""), IsEmpty());
    EXPECT_THAT(core::split_list("  "), IsEmpty());
    EXPECT_THAT(core::split_list("a"), ElementsAre("a"));
    EXPECT_THAT(core::split_list(" a , b,c "), ElementsAre("a", "b", "c"));
    for (const std::string_view bad : {",", "a,", ",a", "a,,b", "a, ,b"})
        EXPECT_EQ(error_of([&] { core::split_list(bad); }).sqlstate(), core::sqlstate::invalid_parameter_value) << bad;
}

class Symbols : public testing::Test
{
  protected:
    core::RevisionGraph graph = make_graph("aaaa1111 @lab0; bbbb2222 < aaaa1111; cccc3333 < bbbb2222 @lab1; "
                                           "cccc4444 < bbbb2222 @lab2, cccc; ddd; eeee < ddd @eeeelabel");
};

TEST_F(Symbols, IdsLabelsAndWords)
{
    EXPECT_EQ(resolve(graph, "bbbb2222"), "bbbb2222");
    EXPECT_EQ(resolve(graph, "lab1"), "cccc3333");
    EXPECT_EQ(resolve(graph, "heads"), "cccc3333 cccc4444 eeee");
    EXPECT_EQ(resolve(graph, "base"), "");
    EXPECT_EQ(resolve(graph, "lab2@head"), "cccc4444");
    EXPECT_EQ(resolve(graph, "lab0@heads"), "cccc3333 cccc4444");
    EXPECT_EQ(resolve(graph, "eeee@head"), "eeee");
    EXPECT_EQ(resolve(graph, "lab1@base"), "");
    EXPECT_EQ(resolve(graph, "lab1 , ddd,aaaa1111"), "cccc3333 ddd aaaa1111");
}

TEST_F(Symbols, Prefixes)
{
    EXPECT_EQ(resolve(graph, "a"), "aaaa1111");
    EXPECT_EQ(resolve(graph, "bbbb2"), "bbbb2222");
    // A label that is the beginning of an id is found first.
    EXPECT_EQ(resolve(graph, "cccc"), "cccc4444");
    EXPECT_EQ(resolve(graph, "cccc3"), "cccc3333");
    // Three characters cannot be abbreviated.
    EXPECT_EQ(resolve(graph, "ddd"), "ddd");
    EXPECT_EQ(resolve_error(graph, "dd").message(), "Can't locate revision identified by 'dd'");
    // Within a branch, only its own names count.
    EXPECT_EQ(resolve(graph, "lab1@ccc"), "cccc3333");
    EXPECT_EQ(resolve(graph, "aaaa1111@b"), "bbbb2222");
}

TEST_F(Symbols, CharactersAreCountedNotBytes)
{
    const core::RevisionGraph umlauts = make_graph("\xc3\xa4\xc3\xb6\xc3\xbc; \xc3\xa9\xc3\xa8\xc3\xaa\xc3\xab");
    EXPECT_EQ(resolve_error(umlauts, "\xc3\xa4").sqlstate(), core::sqlstate::revision_not_found);
    EXPECT_EQ(resolve(umlauts, "\xc3\xa9"), "\xc3\xa9\xc3\xa8\xc3\xaa\xc3\xab");
}

TEST_F(Symbols, ErrorsSayWhatAlembicLoses)
{
    const core::Error ambiguous = resolve_error(graph, "ccc");
    EXPECT_EQ(ambiguous.message(), "Can't locate revision identified by 'ccc'");
    EXPECT_EQ(ambiguous.sqlstate(), core::sqlstate::revision_not_found);
    EXPECT_EQ(ambiguous.detail(), "Multiple revisions start with 'ccc': 'cccc3333', 'cccc4444', 'cccc'.");
    EXPECT_THAT(resolve_error(graph, "eee").detail(), HasSubstr("'eeee', 'eeeelabel'"));
    EXPECT_THAT(resolve_error(graph, "xyz").detail(), HasSubstr("No such revision or branch 'xyz'"));
    EXPECT_EQ(resolve_error(graph, "").message(), "Can't locate revision identified by ''");
    const core::Error branch = resolve_error(graph, "nolabel@cccc3333");
    EXPECT_EQ(branch.message(), "Can't locate revision identified by 'nolabel'");
    EXPECT_EQ(branch.detail(), "No such branch: 'nolabel'");
    EXPECT_EQ(resolve_error(graph, "nolabel@base").detail(), "No such branch: 'nolabel'");
    const core::Error foreign = resolve_error(graph, "lab1@cccc4444");
    EXPECT_EQ(foreign.message(), "Can't locate revision identified by 'cccc4444'");
    EXPECT_EQ(foreign.detail(), "Revision cccc4444 is not a member of branch 'lab1'");
    for (const core::Error &error : {ambiguous, branch, foreign})
        EXPECT_FALSE(error.hint().empty());
    // `current` is a word only where rows are given.
    EXPECT_EQ(resolve_error(graph, "current").message(), "Can't locate revision identified by 'current'");
}

TEST_F(Symbols, SeveralHeads)
{
    const core::Error error = resolve_error(graph, "lab0@head");
    EXPECT_EQ(error.message(), "Multiple head revisions are present for given argument 'lab0@head'; please specify a "
                               "specific target revision, '<branchname>@lab0@head' to narrow to a specific head, or "
                               "'heads' for all heads");
    EXPECT_EQ(error.sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(error.detail(), "The heads are: cccc3333, cccc4444.");
}

TEST_F(Symbols, StepsBackFromTheHeads)
{
    const core::RevisionGraph line = make_graph("aaaa; bbbb < aaaa; cccc < bbbb @lab");
    EXPECT_EQ(resolve(line, "-1"), "bbbb");
    EXPECT_EQ(resolve(line, "lab@-2"), "aaaa");
    EXPECT_EQ(resolve(line, "-3"), "");
    EXPECT_EQ(resolve_error(line, "-4").message(), "Relative revision -4 didn't produce 4 migrations");
    EXPECT_EQ(resolve_error(line, "+1").message(), "Can't locate revision identified by '+1'");
    EXPECT_EQ(resolve(graph, "lab1@-1"), "bbbb2222");
}

TEST_F(Symbols, Current)
{
    const std::vector<std::string> rows = {"cccc4444", "ddd"};
    EXPECT_EQ(ids(graph, core::resolve_revisions(graph, "current", &rows, never)), "cccc4444 ddd");
    EXPECT_EQ(ids(graph, core::resolve_revisions(graph, "eeee,current", &rows, never)), "eeee cccc4444 ddd");
    const std::vector<std::string> unknown = {"gone"};
    const core::Error error = error_of([&] { core::resolve_revisions(graph, "current", &unknown, never); });
    EXPECT_EQ(error.message(), "Can't locate revision identified by 'gone'");
    EXPECT_EQ(error.unknown_row(), "gone");
}

TEST(EmptyGraph, HasNoHeads)
{
    const core::RevisionGraph graph = make_graph("");
    EXPECT_EQ(resolve(graph, "head"), "");
    EXPECT_EQ(resolve(graph, "heads"), "");
    EXPECT_EQ(resolve(graph, "base"), "");
    EXPECT_EQ(resolve_error(graph, "aaaa").sqlstate(), core::sqlstate::revision_not_found);
    EXPECT_EQ(upgrade(graph, "", "head"), "");
    EXPECT_EQ(upgrade(graph, "", "heads"), "");
    EXPECT_EQ(downgrade(graph, "", "base"), "");
    EXPECT_EQ(history(graph, "", ""), "");
    EXPECT_EQ(error_of([&] { upgrade(graph, "", "+1"); }).message(),
              "Relative revision +1 didn't produce 1 migrations");
    EXPECT_EQ(error_of([&] { downgrade(graph, "", "-1"); }).message(),
              "Relative revision -1 didn't produce 1 migrations");
}

class Parents : public testing::Test
{
  protected:
    std::string parents(std::string_view text, bool splice = false)
    {
        return ids(graph, core::resolve_parents(graph, text, splice, never));
    }
    core::RevisionGraph graph = make_graph("aaaa; bbbb < aaaa; cccc < aaaa @lab; dddd ^ cccc");
};

TEST_F(Parents, AreHeads)
{
    EXPECT_EQ(parents("bbbb"), "bbbb");
    EXPECT_EQ(parents("cccc,bbbb"), "cccc bbbb");
    EXPECT_EQ(parents("lab@head"), "cccc");
    EXPECT_EQ(parents("heads"), "bbbb dddd");
    EXPECT_EQ(parents("base"), "");
    EXPECT_EQ(parents("bbbb@-1", true), "aaaa");
    EXPECT_EQ(error_of([&] { parents("bbbb@-1"); }).sqlstate(), core::sqlstate::not_a_head);
}

TEST_F(Parents, Errors)
{
    EXPECT_EQ(error_of([&] { parents("head"); }).message(),
              "Multiple heads are present; please specify the head revision on which the new revision should be "
              "based, or perform a merge.");
    EXPECT_EQ(error_of([&] { parents("head"); }).detail(), "The heads are: bbbb, cccc, dddd.");
    const core::Error not_a_head = error_of([&] { parents("aaaa"); });
    EXPECT_EQ(not_a_head.message(), "Revision aaaa is not a head revision; please specify --splice to create a new "
                                    "branch from this revision");
    EXPECT_EQ(not_a_head.sqlstate(), core::sqlstate::not_a_head);
    EXPECT_EQ(parents("aaaa", true), "aaaa");
    EXPECT_EQ(error_of([&] { parents("bbbb,bbb"); }).message(), "Duplicate head revisions specified");
    EXPECT_EQ(error_of([&] { parents(""); }).message(), "Can't locate revision identified by ''");
    EXPECT_EQ(error_of([&] { parents("nothing"); }).message(), "Can't locate revision identified by 'nothing'");
}

TEST_F(Parents, DependenciesKeepLabelsAndCompleteIds)
{
    const auto dependency = [&](std::string_view text) { return core::resolve_dependency(graph, text, never); };
    EXPECT_EQ(dependency("lab"), "lab");
    EXPECT_EQ(dependency("bb"), "bbbb");
    EXPECT_EQ(dependency("lab@head"), "cccc");
    EXPECT_EQ(error_of([&] { dependency("base"); }).sqlstate(), core::sqlstate::revision_not_found);
    EXPECT_EQ(error_of([&] { dependency("head"); }).sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(error_of([&] { dependency("heads"); }).sqlstate(), core::sqlstate::multiple_heads);
    EXPECT_EQ(error_of([&] { dependency("xxxx"); }).sqlstate(), core::sqlstate::revision_not_found);
}

} // namespace
} // namespace pgmigrate::test
