// SPDX-License-Identifier: PostgreSQL
// What a table has from above and what is its own; privileges on what is nobody's.
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;

namespace
{

// A table and one that inherits from it.
SnapshotBuilder parent_and_child()
{
    SnapshotBuilder builder;
    builder.table("p");
    builder.column("p", "a", "integer");
    builder.table("c").list("inherits", {"public.p"}).needs(Kind::table, "public.p");
    builder.column("c", "a", "integer").set("inherited_only").needs(Kind::column, "public.p.a", inherited_need);
    return builder;
}

test::Described &check(SnapshotBuilder &builder, const char *of)
{
    return builder.constraint(of, "k", "c", "CHECK ((a > 0))").needs(Kind::column, cat("public.", of, ".a"), 'a');
}

TEST(Inheritance, a_valid_constraint_comes_before_one_above_that_is_not)
{
    SnapshotBuilder is = parent_and_child();
    check(is, "p").set("not_valid");
    check(is, "c").set("local").list("inherited_from", {"k ON public.p"});
    EXPECT_THAT(sql_of(parent_and_child(), is),
                ElementsAre("ALTER TABLE public.c ADD CONSTRAINT k CHECK ((a > 0))",
                            "ALTER TABLE public.p ADD CONSTRAINT k CHECK ((a > 0)) NOT VALID"));
    EXPECT_THAT(sql_of(is, parent_and_child()),
                ElementsAre("ALTER TABLE public.p DROP CONSTRAINT k", "ALTER TABLE public.c DROP CONSTRAINT k"));
}

TEST(Inheritance, an_inherited_constraint_is_validated_where_it_is_to_be_valid)
{
    SnapshotBuilder is = parent_and_child();
    check(is, "p").set("not_valid");
    check(is, "c").list("inherited_from", {"k ON public.p"});
    EXPECT_THAT(sql_of(parent_and_child(), is),
                ElementsAre("ALTER TABLE public.p ADD CONSTRAINT k CHECK ((a > 0)) NOT VALID",
                            "ALTER TABLE public.c VALIDATE CONSTRAINT k"));
}

TEST(Inheritance, what_becomes_not_valid_below_is_inherited_anew)
{
    SnapshotBuilder was = parent_and_child();
    check(was, "p").set("not_valid");
    check(was, "c").list("inherited_from", {"k ON public.p"});
    SnapshotBuilder is = parent_and_child();
    check(is, "p").set("not_valid");
    check(is, "c").set("not_valid").list("inherited_from", {"k ON public.p"});
    EXPECT_THAT(sql_of(was, is), ElementsAre("ALTER TABLE public.p DROP CONSTRAINT k",
                                             "ALTER TABLE public.p ADD CONSTRAINT k CHECK ((a > 0)) NOT VALID"));
}

TEST(Inheritance, what_comes_from_several_tables_is_altered_while_it_comes_from_one)
{
    // The other one stands before that which is altered, and behind it.
    for (const char *other : {"b", "z"}) {
        const auto with = [&](const char *type, bool both) {
            SnapshotBuilder builder;
            builder.table("p");
            builder.column("p", "x", type);
            builder.table(other);
            const std::string second = cat("public.", other);
            if (both)
                builder.column(other, "x", type);
            builder.table("c")
                .list("inherits", {"public.p", second})
                .needs(Kind::table, "public.p")
                .needs(Kind::table, second);
            test::Described &column = builder.column("c", "x", type).set("inherited_only");
            column.needs(Kind::column, "public.p.x", inherited_need);
            if (both)
                column.needs(Kind::column, cat(second, ".x"), inherited_need);
            return builder;
        };
        EXPECT_THAT(sql_of(with("integer", false), with("bigint", true)),
                    ElementsAre("ALTER TABLE public.p ALTER COLUMN x TYPE bigint",
                                cat("ALTER TABLE public.", other, " ADD COLUMN x bigint")));
        EXPECT_THAT(sql_of(with("bigint", true), with("integer", false)),
                    ElementsAre(cat("ALTER TABLE public.", other, " DROP COLUMN x"),
                                "ALTER TABLE public.p ALTER COLUMN x TYPE integer"));
    }
}

TEST(Inheritance, a_column_of_a_tables_own_comes_before_that_above)
{
    SnapshotBuilder is = parent_and_child();
    is.column("p", "b", "integer");
    is.column("c", "b", "integer").needs(Kind::column, "public.p.b", inherited_need);
    EXPECT_THAT(sql_of(parent_and_child(), is),
                ElementsAre("ALTER TABLE public.c ADD COLUMN b integer", "ALTER TABLE public.p ADD COLUMN b integer"));
}

TEST(Inheritance, a_column_becomes_the_tables_own_while_nothing_is_above)
{
    SnapshotBuilder is;
    is.table("p");
    is.column("p", "a", "integer");
    is.table("c").list("inherits", {"public.p"}).needs(Kind::table, "public.p");
    is.column("c", "a", "integer").needs(Kind::column, "public.p.a", inherited_need);
    EXPECT_THAT(sql_of(parent_and_child(), is),
                ElementsAre("CREATE TABLE public.c_above ()", "ALTER TABLE public.c INHERIT public.c_above",
                            "ALTER TABLE public.c NO INHERIT public.p", "ALTER TABLE public.c INHERIT public.p",
                            "ALTER TABLE public.c NO INHERIT public.c_above", "DROP TABLE public.c_above"));
}

SnapshotBuilder with_privileges(std::vector<std::string> granted)
{
    SnapshotBuilder builder;
    if (!granted.empty())
        builder.add(Kind::privileges, "ON ROUTINE pg_catalog.f()", "", "")
            .set("of", "ROUTINE pg_catalog.f()")
            .set("type", "f")
            .set("role", "alice")
            .list("initially", {"=X/alice", "alice=X/alice"})
            .list("granted", std::move(granted));
    return builder;
}

TEST(Privileges, differ_from_what_was_granted_initially)
{
    const SnapshotBuilder initially = with_privileges({});
    const SnapshotBuilder mine = with_privileges({"alice=X/alice", "bob=X/alice"});
    EXPECT_THAT(sql_of(initially, mine), ElementsAre("REVOKE ALL ON ROUTINE pg_catalog.f() FROM PUBLIC",
                                                     "GRANT ALL ON ROUTINE pg_catalog.f() TO bob"));
    EXPECT_THAT(sql_of(mine, initially), ElementsAre("REVOKE ALL ON ROUTINE pg_catalog.f() FROM bob",
                                                     "GRANT ALL ON ROUTINE pg_catalog.f() TO PUBLIC"));
    EXPECT_THAT(sql_of(mine, with_privileges({"alice=X/alice"})),
                ElementsAre("REVOKE ALL ON ROUTINE pg_catalog.f() FROM bob"));
}

} // namespace
