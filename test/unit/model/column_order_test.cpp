// SPDX-License-Identifier: PostgreSQL
#include "model/column_order.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

// a, b, c become a, c, b.
MovedColumns moved(const std::string &text)
{
    return move_columns(text, {"public.t",
                               {"public.f"},
                               {"public.g", "other.f", "public.ff"},
                               {"a", "b", "c"},
                               {{0, "a"}, {2, "c"}, {1, "b"}}});
}

std::string text_of(const std::string &text)
{
    const MovedColumns result = moved(text);
    EXPECT_TRUE(result.complete) << text;
    return result.text;
}

bool complete(const std::string &text)
{
    const MovedColumns result = moved(text);
    EXPECT_EQ(result.text, text);
    return result.complete;
}

SnapshotBuilder with_columns(std::initializer_list<const char *> names)
{
    SnapshotBuilder builder;
    builder.table("t");
    for (const char *name : names)
        builder.column("t", name, "integer");
    builder.add(Kind::function, "public.f()", "public", "f")
        .set("arguments", "")
        .set("result", "SETOF public.t")
        .set("language", "sql")
        .set("source", "TABLE t")
        .needs(Kind::table, "public.t");
    return builder;
}

SnapshotBuilder with_view(SnapshotBuilder builder, const std::string &definition)
{
    builder.view("v", definition, {"b integer"}).set("positional").needs(Kind::function, "public.f()");
    return builder;
}

pgmigrate::model::Plan plan_of(const Snapshot &was, const Snapshot &is)
{
    pgmigrate::core::NoInterrupts interrupts;
    return diff(was, is, {}, interrupts);
}

} // namespace

TEST(MovedColumns, lists_behind_an_alias)
{
    EXPECT_EQ(text_of(" SELECT x.p\n   FROM public.t x(p, q, r);"), " SELECT x.p\n   FROM public.t x(p, r, q);");
    EXPECT_EQ(text_of("FROM ONLY public.t \"X y\"(p, \"q, z\", r) WHERE (p > 1)"),
              "FROM ONLY public.t \"X y\"(p, r, \"q, z\") WHERE (p > 1)");
}

TEST(MovedColumns, functions_that_return_the_rows)
{
    EXPECT_EQ(text_of("FROM LATERAL public.f(g.x, (1 + 2)) x(a, b, c)"),
              "FROM LATERAL public.f(g.x, (1 + 2)) x(a, c, b)");
    EXPECT_EQ(text_of("FROM public.f() WITH ORDINALITY x(a, b, c, ordinality)"),
              "FROM public.f() WITH ORDINALITY x(a, c, b, ordinality)");
    for (const char *text : {"FROM other.f() x(a, b, c)", "FROM public.ff() x(a, b, c)"})
        EXPECT_EQ(moved(text).text, text);
}

TEST(MovedColumns, functions_of_the_servers_that_return_the_rows)
{
    EXPECT_EQ(text_of("FROM unnest(ARRAY[ROW(1, 2, 3)::public.t]) x(a, b, c)"),
              "FROM unnest(ARRAY[ROW(1, 3, 2)::public.t]) x(a, c, b)");
    EXPECT_EQ(text_of("FROM unnest(t.r) WITH ORDINALITY x(a, b, c, n)"),
              "FROM unnest(t.r) WITH ORDINALITY x(a, c, b, n)");
    // One that is known not to.
    EXPECT_EQ(text_of("FROM public.g() x(a, b, c)"), "FROM public.g() x(a, b, c)");
}

TEST(MovedColumns, columns_that_come_and_go)
{
    const RowSource source{
        "public.t", {"public.f"}, {}, {"a", "gone", "b"}, {{0, "a"}, {2, "b"}, {RowSource::added, "n"}}};
    EXPECT_EQ(move_columns("FROM public.t x(p, q, r)", source).text, "FROM public.t x(p, r, n)");
    EXPECT_EQ(move_columns("FROM public.f() WITH ORDINALITY x(a, gone, n, o)", source).text,
              "FROM public.f() WITH ORDINALITY x(a, n, n_1, o)");
    EXPECT_EQ(move_columns("ROW(1, 2, 3)::public.t", source).text, "ROW(1, 3, NULL)::public.t");
}

TEST(MovedColumns, rows_of_the_type)
{
    EXPECT_EQ(text_of("ROW(1, (2 + 3), f(4, 5))::public.t"), "ROW(1, f(4, 5), (2 + 3))::public.t");
    EXPECT_EQ(text_of("ROW(1, 2, ROW(1, 2, 3)::public.t)::public.t"), "ROW(1, ROW(1, 3, 2)::public.t, 2)::public.t");
    EXPECT_EQ(text_of("ROW(1, 2, 3)::public.u"), "ROW(1, 2, 3)::public.u");
    EXPECT_FALSE(complete("'(1,2,3)'::public.t"));
}

TEST(MovedColumns, what_only_looks_like_a_list_of_columns)
{
    for (const char *text :
         {"JOIN public.t USING (a, b, c)", "FROM public.t WHERE (a)", "INSERT INTO public.t (a, b, c) VALUES (1, 2, 3)",
          "FROM ( SELECT t.a FROM public.t) x(a, b, c)", "FROM public.t x", "'public.t x(a, b, c)'::text"})
        EXPECT_EQ(text_of(text), text);
}

TEST(MovedColumns, what_cannot_be_told)
{
    EXPECT_FALSE(complete("FROM (public.t JOIN public.u ON (true)) j(a, b, c)"));
    EXPECT_FALSE(complete("FROM ROWS FROM(public.f(), public.f()) x(a, b, c, d, e, f)"));
    EXPECT_FALSE(complete("FROM public.t x(a, b)"));
    EXPECT_FALSE(complete("(t.* = ROW(1, 2, 3))"));
    EXPECT_FALSE(complete("FROM unnest(ARRAY[NULL::public.t]) x(p, q, r)"));
    EXPECT_FALSE(complete("FROM unnest(t.r) WITH ORDINALITY x(a, c, b, n)"));
    EXPECT_TRUE(complete("FROM other.f() WITH ORDINALITY x(a, c, b, n)"));
    EXPECT_TRUE(complete("FROM other.f() x(a, b)"));
    EXPECT_TRUE(complete("ROW(1, 2, 3)::public.u"));
}

TEST(MovedColumns, any_text_is_survived)
{
    for (const char *text :
         {"", "(", ")", "public.t x(", "ROW(", "ROW()::public.t", "public.f(", "public.f() x", "::", "'"})
        (void)moved(text);
    std::string deep = "1";
    for (int i = 0; i < 5000; ++i)
        deep = "ROW(" + deep + ", 2, 3)::public.t";
    EXPECT_FALSE(moved(deep).complete);
}

TEST(ColumnOrder, a_column_in_the_middle_comes_last)
{
    const Snapshot was = with_view(with_columns({"a", "b"}), " SELECT x.b\n   FROM public.f() x(a, b)").build();
    const Snapshot is = with_view(with_columns({"a", "n", "b"}), " SELECT x.b\n   FROM public.f() x(a, n, b)").build();
    const ColumnOrder order(was, is);
    ASSERT_TRUE(order.reorders());
    const Snapshot result = order.result_of_is();
    EXPECT_EQ(result.find(Kind::view, "public.v")->text("definition"), " SELECT x.b\n   FROM public.f() x(a, b, n)");
    EXPECT_LT(result.find(Kind::column, "public.t.b")->position, result.find(Kind::column, "public.t.n")->position);
    EXPECT_FALSE(ColumnOrder(was, result).reorders());
    // Which is what the server makes of the view by itself.
    EXPECT_THAT(sql_of(plan_of(was, is)), ElementsAre(HasSubstr("ADD COLUMN n")));
    // And a view that is new is made so.
    EXPECT_THAT(sql_of(plan_of(with_columns({"a", "b"}).build(), is)),
                testing::Contains(HasSubstr("FROM public.f() x(a, b, n)")));
}

TEST(ColumnOrder, the_same_in_another_order_is_no_difference)
{
    const Snapshot was = with_view(with_columns({"a", "c", "b"}), " SELECT x.b\n   FROM public.f() x(a, c, b)").build();
    const Snapshot is = with_view(with_columns({"a", "b", "c"}), " SELECT x.b\n   FROM public.f() x(a, b, c)").build();
    EXPECT_THAT(sql_of(plan_of(was, is)), IsEmpty());
    EXPECT_THAT(plan_of(was, is).notes,
                ElementsAre("the columns of public.t are in another order, which ALTER TABLE cannot change"));
}

TEST(ColumnOrder, a_column_at_the_end_changes_no_view)
{
    const Snapshot was = with_view(with_columns({"a", "b"}), " SELECT x.b\n   FROM public.f() x(a, b)").build();
    const Snapshot is = with_view(with_columns({"a", "b", "n"}), " SELECT x.b\n   FROM public.f() x(a, b, n)").build();
    EXPECT_THAT(sql_of(plan_of(was, is)), ElementsAre(HasSubstr("ADD COLUMN n")));
}

TEST(ColumnOrder, what_is_of_the_database_counts_as_it_does)
{
    const char *text = " SELECT x.b\n   FROM public.f() x(a, c, b)";
    const Snapshot was = with_view(with_columns({"a", "c", "b"}), text).build();
    SnapshotBuilder model = with_columns({"a", "b", "c"});
    model.view("v", text, {"b integer"}).set("positional").set("of_database").needs(Kind::function, "public.f()");
    EXPECT_THAT(sql_of(plan_of(was, model.build())), IsEmpty());
    EXPECT_FALSE(ColumnOrder(was, model.build()).result_of_is().find(Kind::view, "public.v")->has("of_database"));
}

TEST(ColumnOrder, columns_at_the_end_are_in_order)
{
    const Snapshot was = with_columns({"a", "b", "gone"}).build();
    EXPECT_FALSE(ColumnOrder(was, with_columns({"a", "b", "c", "d"}).build()).reorders());
    EXPECT_TRUE(ColumnOrder(was, with_columns({"a", "c", "b"}).build()).reorders());
}

TEST(ColumnOrder, functions_of_one_name_that_return_other_things_are_left)
{
    const auto overloaded = [](std::initializer_list<const char *> names, const char *text) {
        SnapshotBuilder builder = with_view(with_columns(names), text);
        builder.function("f", "integer", "SELECT 1");
        return builder;
    };
    const Snapshot was = overloaded({"a", "b"}, " SELECT x.b\n   FROM public.f() x(p, b)").build();
    const Snapshot is = overloaded({"a", "n", "b"}, " SELECT x.b\n   FROM public.f() x(p, n, b)").build();
    const ColumnOrder order(was, is);
    EXPECT_FALSE(order.rewrites_is());
    EXPECT_EQ(order.left().size(), 1U);
    EXPECT_THAT(plan_of(was, is).notes,
                testing::Contains(HasSubstr("view public.v names columns of public.t by their position")));
}
