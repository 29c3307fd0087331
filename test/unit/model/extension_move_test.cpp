// SPDX-License-Identifier: PostgreSQL
#include "model/extension_move.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::Described;
using test::SnapshotBuilder;
using testing::ElementsAre;

namespace
{

SnapshotBuilder with_extension(const std::string &in, bool relocatable = true)
{
    SnapshotBuilder builder;
    builder.schema("public");
    builder.schema("tools");
    Described &extension = builder.add(Kind::extension, "citext", "", "citext");
    extension.set("in_schema", in)
        .set("version", "1.6")
        .needs(Kind::schema, in)
        .list("member_names", {"citext", "\"Odd\""});
    if (relocatable)
        extension.set("relocatable");
    builder.table("t").set("comment", in + ".citext");
    builder.column("t", "a", in + ".citext").needs(Kind::extension, "citext");
    builder.function("f", in + ".citext", "SELECT " + in + ".citext").needs(Kind::extension, "citext");
    builder.default_of("t", "a", cat("(", in, ".\"Odd\"(other.", in, ".citext, '", in, ".citext'::text))"));
    return builder;
}

std::vector<std::string> moves_of(const ExtensionsMoved &moved)
{
    std::vector<std::string> all;
    for (const Statement &each : moved.moves)
        all.push_back(each.sql);
    return all;
}

} // namespace

TEST(ExtensionMove, names_of_members_follow)
{
    const Snapshot was = with_extension("public").build();
    const Snapshot is = with_extension("tools").build();
    const std::optional<ExtensionsMoved> moved = move_extensions(was, is);
    ASSERT_TRUE(moved);
    EXPECT_THAT(moves_of(*moved), ElementsAre("ALTER EXTENSION citext SET SCHEMA tools"));
    EXPECT_EQ(moved->was.find(Kind::column, "public.t.a")->text("type"), "tools.citext");
    // Neither other names nor what users have written.
    EXPECT_EQ(moved->was.find(Kind::default_value, "public.t.a")->text("expression"),
              "(tools.\"Odd\"(other.public.citext, 'public.citext'::text))");
    EXPECT_EQ(moved->was.find(Kind::table, "public.t")->text("comment"), "public.citext");
    EXPECT_NE(moved->was.find(Kind::function, "public.f(tools.citext)"), nullptr);
    EXPECT_EQ(moved->was.find(Kind::function, "public.f(tools.citext)")->text("source"), "SELECT public.citext");
    const Object &extension = *moved->was.find(Kind::extension, "citext");
    ASSERT_EQ(extension.needs.size(), 1U);
    EXPECT_EQ(moved->was[extension.needs[0].object].identity, "tools");
}

TEST(ExtensionMove, what_cannot_be_moved_stays)
{
    const Snapshot was = with_extension("public", false).build();
    EXPECT_FALSE(move_extensions(was, with_extension("tools", false).build()));
    EXPECT_FALSE(move_extensions(was, was));
}

TEST(ExtensionMove, a_schema_that_is_new_is_made_before)
{
    SnapshotBuilder without;
    without.schema("public");
    without.add(Kind::extension, "citext", "", "citext")
        .set("in_schema", "public")
        .set("relocatable")
        .needs(Kind::schema, "public");
    const Snapshot was = without.build();
    const Snapshot is = with_extension("tools").build();
    const std::optional<ExtensionsMoved> moved = move_extensions(was, is);
    ASSERT_TRUE(moved);
    EXPECT_THAT(moves_of(*moved), ElementsAre("CREATE SCHEMA tools", "ALTER EXTENSION citext SET SCHEMA tools"));
    EXPECT_EQ(moved->was.find(Kind::schema, "tools")->text("owner"), "alice");
}
