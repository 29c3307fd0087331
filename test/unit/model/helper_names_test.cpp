// SPDX-License-Identifier: PostgreSQL
#include "model/helper_names.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using testing::Contains;
using testing::Not;

namespace
{

struct Names {
    Names(const SnapshotBuilder &before, const SnapshotBuilder &after)
        : was(before.build()), is(after.build()), helpers(was, is)
    {
    }
    std::string of(Kind kind, std::string_view identity)
    {
        return helpers.next_to(*was.find(kind, identity), "_replaced");
    }

    Snapshot was;
    Snapshot is;
    HelperNames helpers;
};

} // namespace

TEST(HelperNames, neither_side_has_them)
{
    SnapshotBuilder was;
    was.in_public(Kind::enum_type, "m");
    was.table("m_replaced");
    SnapshotBuilder is;
    is.in_public(Kind::enum_type, "m");
    is.in_public(Kind::domain, "m_replaced_1");
    is.in_public(Kind::range_type, "r").set("multirange_name", "m_replaced_2");
    Names names(was, is);
    EXPECT_EQ(names.of(Kind::enum_type, "public.m"), "m_replaced_3");
    EXPECT_EQ(names.of(Kind::enum_type, "public.m"), "m_replaced_3");
}

TEST(HelperNames, those_of_another_schema_are_free)
{
    SnapshotBuilder was;
    was.in_public(Kind::enum_type, "m");
    was.add(Kind::table, "other.m_replaced", "other", "m_replaced");
    Names names(was, was);
    EXPECT_EQ(names.of(Kind::enum_type, "public.m"), "m_replaced");
}

TEST(HelperNames, long_names_that_begin_alike_get_different_ones)
{
    const std::string euro = "\xe2\x82\xac";
    std::string begin;
    for (int i = 0; i < 20; ++i)
        begin += euro; // 60 bytes
    SnapshotBuilder was;
    was.table("\"" + begin + "a\"");
    was.table("\"" + begin + "b\"");
    Names names(was, was);
    EXPECT_EQ(names.of(Kind::table, "public.\"" + begin + "a\""), "\"" + begin.substr(0, 54) + "_replaced\"");
    // The number takes a whole character.
    EXPECT_EQ(names.of(Kind::table, "public.\"" + begin + "b\""), "\"" + begin.substr(0, 51) + "_replaced_1\"");
}

TEST(HelperNames, constraints_have_names_of_their_table)
{
    SnapshotBuilder was;
    was.table("t");
    was.column("t", "a", "integer");
    was.table("u");
    was.column("u", "a", "integer");
    was.constraint("t", "a_check", "c", "CHECK (true)");
    Names names(was, was);
    EXPECT_EQ(names.helpers.constraint_for(*names.was.find(Kind::column, "public.t.a"), "_check"), "a_check_1");
    EXPECT_EQ(names.helpers.constraint_for(*names.was.find(Kind::column, "public.u.a"), "_check"), "a_check");
}

TEST(HelperNames, a_type_that_is_made_anew_leaves_others_their_names)
{
    const auto with_labels = [](std::vector<std::string> labels) {
        SnapshotBuilder builder;
        builder.in_public(Kind::enum_type, "m").list("labels", std::move(labels));
        builder.in_public(Kind::enum_type, "m_replaced").list("labels", {"x"});
        builder.table("t");
        builder.column("t", "a", "public.m").needs(Kind::enum_type, "public.m");
        return builder;
    };
    const std::vector<std::string> sql = test::sql_of(with_labels({"a", "b"}), with_labels({"b", "a"}));
    EXPECT_THAT(sql, Contains("ALTER TYPE public.m RENAME TO m_replaced_1"));
    EXPECT_THAT(sql, Contains("DROP TYPE public.m_replaced_1"));
    EXPECT_THAT(sql, Not(Contains("DROP TYPE public.m_replaced")));
}
