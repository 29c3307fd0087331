// SPDX-License-Identifier: PostgreSQL
#include "model/acl.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

using Texts = std::vector<std::string>;

Acl acl(const Texts &list)
{
    return Acl(list);
}

// The statements that turn one list into another, of a table that alice owns.
Texts change(const Texts &was, const Texts &is, std::string columns = {}, std::string prefix = {})
{
    Statements statements;
    grant(Acl(was), Acl(is),
          GrantTarget{"TABLE public.t", std::move(columns), std::move(prefix), "alice", "session",
                      all_privileges('r', 150000)},
          statements);
    Texts all;
    for (const Statement &each : statements)
        all.push_back(each.sql);
    return all;
}

} // namespace

TEST(Acl, a_list_is_read_and_written)
{
    const Acl read = acl({"bob=r*w/alice", "=r/alice"});
    ASSERT_EQ(read.entries().size(), 2U);
    EXPECT_EQ(read.entries()[0], (Acl::Entry{"", "alice", Acl::bits("r"), 0}));
    EXPECT_EQ(read.entries()[1], (Acl::Entry{"bob", "alice", Acl::bits("rw"), Acl::bits("r")}));
    EXPECT_THAT(read.list(), ElementsAre("=r/alice", "bob=r*w/alice"));
}

TEST(Acl, letters_have_one_order)
{
    EXPECT_EQ(acl({"bob=wr*/alice"}), acl({"bob=r*w/alice"}));
    EXPECT_THAT(acl({"bob=xtDdwar/alice"}).list(), ElementsAre("bob=rawdDxt/alice"));
    EXPECT_NE(acl({"bob=r*/alice"}), acl({"bob=r/alice"}));
    EXPECT_NE(acl({"bob=r/alice"}), acl({"bob=r/carol"}));
}

TEST(Acl, quoted_names_may_have_anything_in_them)
{
    const Acl read = acl({"\"a=b/c\"=r/\"d\"\"=e\""});
    ASSERT_EQ(read.entries().size(), 1U);
    EXPECT_EQ(read.entries()[0].grantee, "\"a=b/c\"");
    EXPECT_EQ(read.entries()[0].grantor, "\"d\"\"=e\"");
    EXPECT_EQ(read.entries()[0].privileges, Acl::bits("r"));
    EXPECT_THAT(read.list(), ElementsAre("\"a=b/c\"=r/\"d\"\"=e\""));
}

TEST(Acl, a_list_of_nobody_is_not_the_default)
{
    EXPECT_TRUE(acl({"(nobody)"}).empty());
    EXPECT_THAT(Acl().list(), ElementsAre("(nobody)"));
}

TEST(Acl, what_is_no_entry_is_left_out)
{
    for (const char *text : {"", "bob", "\"open=r/alice", "bob/alice", "=/alice", "bob=?/alice", "bob=*/alice"})
        EXPECT_TRUE(acl({text}).empty()) << text;
}

TEST(Acl, two_entries_of_a_pair_are_one)
{
    EXPECT_EQ(acl({"bob=r/alice", "bob=w*/alice"}), acl({"bob=rw*/alice"}));
}

TEST(Acl, the_owner_has_all_by_default_and_public_what_the_server_gives)
{
    EXPECT_THAT(Acl::by_default('r', "alice", 150000).list(), ElementsAre("alice=rawdDxt/alice"));
    EXPECT_THAT(Acl::by_default('r', "alice", 170000).list(), ElementsAre("alice=rawdDxtm/alice"));
    EXPECT_THAT(Acl::by_default('f', "alice", 150000).list(), ElementsAre("=X/alice", "alice=X/alice"));
    EXPECT_THAT(Acl::by_default('T', "alice", 150000).list(), ElementsAre("=U/alice", "alice=U/alice"));
    EXPECT_THAT(Acl::by_default('n', "alice", 150000).list(), ElementsAre("alice=UC/alice"));
    EXPECT_TRUE(Acl::by_default('c', "alice", 150000).empty());
}

TEST(Acl, another_owner_takes_over_what_was_given_by_and_to_the_old_one)
{
    Acl list = acl({"alice=rw/alice", "bob=r/alice", "carol=w/bob"});
    list.change_owner("alice", "bob");
    EXPECT_EQ(list, acl({"bob=rw/bob", "carol=w/bob"}));
}

TEST(Acl, taking_a_privilege_takes_its_option)
{
    Acl list = acl({"bob=r*w/alice", "carol=r/alice"});
    list.take(acl({"bob=r/alice", "carol=r/alice", "dave=w/alice"}));
    EXPECT_EQ(list, acl({"bob=w/alice"}));
}

TEST(Grants, nothing_is_said_where_nothing_changes)
{
    EXPECT_THAT(change({"bob=r*w/alice"}, {"bob=wr*/alice"}), IsEmpty());
}

TEST(Grants, more_is_granted_and_less_revoked)
{
    EXPECT_THAT(change({}, {"bob=rw/alice"}), ElementsAre("GRANT SELECT, UPDATE ON TABLE public.t TO bob"));
    EXPECT_THAT(change({"bob=rw/alice"}, {"bob=r/alice"}), ElementsAre("REVOKE UPDATE ON TABLE public.t FROM bob"));
    EXPECT_THAT(change({"bob=r/alice"}, {"bob=w/alice"}),
                ElementsAre("REVOKE SELECT ON TABLE public.t FROM bob", "GRANT UPDATE ON TABLE public.t TO bob"));
    EXPECT_THAT(change({}, {"=r/alice", "\"B b\"=rawdDxt/alice"}),
                ElementsAre("GRANT SELECT ON TABLE public.t TO PUBLIC", "GRANT ALL ON TABLE public.t TO \"B b\""));
}

TEST(Grants, grant_options_come_and_go_without_the_privilege)
{
    EXPECT_THAT(change({"bob=r/alice"}, {"bob=r*/alice"}),
                ElementsAre("GRANT SELECT ON TABLE public.t TO bob WITH GRANT OPTION"));
    EXPECT_THAT(change({"bob=r*/alice"}, {"bob=r/alice"}),
                ElementsAre("REVOKE GRANT OPTION FOR SELECT ON TABLE public.t FROM bob"));
    EXPECT_THAT(change({"bob=r*/alice"}, {}), ElementsAre("REVOKE SELECT ON TABLE public.t FROM bob"));
    EXPECT_THAT(change({}, {"bob=r*w/alice"}), ElementsAre("GRANT UPDATE ON TABLE public.t TO bob",
                                                           "GRANT SELECT ON TABLE public.t TO bob WITH GRANT OPTION"));
    EXPECT_THAT(change({"bob=r*w/alice"}, {"bob=rw*/alice"}),
                ElementsAre("REVOKE GRANT OPTION FOR SELECT ON TABLE public.t FROM bob",
                            "GRANT UPDATE ON TABLE public.t TO bob WITH GRANT OPTION"));
}

TEST(Grants, privileges_of_a_column_name_it)
{
    EXPECT_THAT(change({}, {"bob=rw/alice"}, " (c)"),
                ElementsAre("GRANT SELECT (c), UPDATE (c) ON TABLE public.t TO bob"));
}

// bob can hand on what he has got; he has to lose it last.
TEST(Grants, who_hands_on_is_granted_first_and_revoked_last)
{
    EXPECT_THAT(change({}, {"bob=r*/alice", "carol=r*/bob", "ann=r/carol"}),
                ElementsAre("GRANT SELECT ON TABLE public.t TO bob WITH GRANT OPTION", "SET ROLE bob",
                            "GRANT SELECT ON TABLE public.t TO carol WITH GRANT OPTION", "SET ROLE session",
                            "SET ROLE carol", "GRANT SELECT ON TABLE public.t TO ann", "SET ROLE session"));
    EXPECT_THAT(change({"bob=r*/alice", "carol=r*/bob", "ann=r/carol"}, {}),
                ElementsAre("SET ROLE carol", "REVOKE SELECT ON TABLE public.t FROM ann", "SET ROLE session",
                            "SET ROLE bob", "REVOKE SELECT ON TABLE public.t FROM carol", "SET ROLE session",
                            "REVOKE SELECT ON TABLE public.t FROM bob"));
}

TEST(Grants, default_privileges_are_the_owners_whoever_says_so)
{
    EXPECT_THAT(change({}, {"bob=r/carol"}, "", "ALTER DEFAULT PRIVILEGES FOR ROLE carol "),
                ElementsAre("ALTER DEFAULT PRIVILEGES FOR ROLE carol GRANT SELECT ON TABLE public.t TO bob"));
}

TEST(Grants, a_new_object_starts_from_what_the_server_gives)
{
    SnapshotBuilder was;
    SnapshotBuilder is;
    is.function("f", "", "SELECT 1").set("owner", "alice").list("acl", {"alice=X/alice"});
    EXPECT_EQ(sql_of(was, is).back(), "REVOKE ALL ON FUNCTION public.f() FROM PUBLIC");
    // By default privileges that are in force.
    was.add(Kind::default_privileges, "FOR ROLE alice ON FUNCTIONS", "", "").list("granted", {"alice=X/alice"});
    is.add(Kind::default_privileges, "FOR ROLE alice ON FUNCTIONS", "", "").list("granted", {"alice=X/alice"});
    EXPECT_THAT(sql_of(was, is), testing::Not(testing::Contains(testing::HasSubstr("REVOKE"))));
}

TEST(Grants, another_owner_comes_before_the_grants_that_are_his)
{
    SnapshotBuilder was;
    was.table("t").set("owner", "alice").list("acl", {"alice=rawdDxt/alice", "bob=r/alice"});
    SnapshotBuilder is;
    is.table("t").set("owner", "carol").list("acl", {"carol=rawdDxt/carol", "bob=rw/carol"});
    EXPECT_THAT(sql_of(was, is),
                ElementsAre("ALTER TABLE public.t OWNER TO carol", "GRANT UPDATE ON TABLE public.t TO bob"));
}

// A REVOKE on a table takes the privilege from its columns, too.
TEST(Grants, a_column_gets_back_what_a_revoke_of_its_table_takes)
{
    const auto side = [](const char *of_table) {
        SnapshotBuilder builder;
        builder.table("t").set("owner", "alice").list("acl", {"alice=rawdDxt/alice", of_table});
        builder.column("t", "c", "integer").list("acl", {"bob=r/alice"});
        return builder;
    };
    EXPECT_THAT(sql_of(side("bob=r/alice"), side("dave=r/alice")),
                ElementsAre("REVOKE SELECT ON TABLE public.t FROM bob", "GRANT SELECT ON TABLE public.t TO dave",
                            "GRANT SELECT (c) ON TABLE public.t TO bob"));
}
