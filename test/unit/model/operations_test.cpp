// SPDX-License-Identifier: PostgreSQL
// What is one statement and what comes before what, seen by the scripts that come of it.
#include "core/error.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace
{

const SnapshotBuilder nothing;

SnapshotBuilder with_key(const char *name)
{
    SnapshotBuilder builder;
    builder.table(name);
    builder.column(name, "id", "integer").set("not_null");
    builder.constraint(name, cat(name, "_pkey"), "p", "PRIMARY KEY (id)")
        .set("index")
        .needs(Kind::column, cat("public.", name, ".id"), 'a');
    return builder;
}

void add_referring(SnapshotBuilder &builder, const char *name)
{
    builder.table(name);
    builder.column(name, "id", "integer").set("not_null");
    builder.constraint(name, cat(name, "_pkey"), "p", "PRIMARY KEY (id)")
        .set("index")
        .needs(Kind::column, cat("public.", name, ".id"), 'a');
}

// Two tables that refer to each other.
SnapshotBuilder each_other()
{
    SnapshotBuilder builder;
    add_referring(builder, "a");
    add_referring(builder, "b");
    builder.foreign_key("a", "b").needs(Kind::constraint, "b_pkey ON public.b");
    builder.foreign_key("b", "a").needs(Kind::constraint, "a_pkey ON public.a");
    return builder;
}

// Two views that select from each other.
SnapshotBuilder views_of_each_other()
{
    SnapshotBuilder builder;
    builder.view("v", " SELECT w.x\n   FROM public.w;", {"x integer"}).needs(Kind::view, "public.w");
    builder.view("w", " SELECT v.x\n   FROM public.v;", {"x integer"}).needs(Kind::view, "public.v");
    return builder;
}

} // namespace

TEST(Operations, a_table_is_made_with_its_columns_defaults_and_constraints)
{
    SnapshotBuilder is = with_key("t");
    is.column("t", "n", "numeric(10,2)");
    is.default_of("t", "n", "0.5");
    is.column("t", "s", "text").set("collation", "\"C\"");
    is.constraint("t", "positive", "c", "CHECK ((n > (0)::numeric))").needs(Kind::column, "public.t.n", 'a');
    EXPECT_THAT(sql_of(nothing, is), ElementsAre("CREATE TABLE public.t (\n"
                                                 "    id integer NOT NULL,\n"
                                                 "    n numeric(10,2) DEFAULT 0.5,\n"
                                                 "    s text COLLATE \"C\",\n"
                                                 "    CONSTRAINT positive CHECK ((n > (0)::numeric)),\n"
                                                 "    CONSTRAINT t_pkey PRIMARY KEY (id)\n"
                                                 ")"));
}

TEST(Operations, a_table_without_columns_is_made_as_well)
{
    SnapshotBuilder is;
    is.table("t");
    EXPECT_THAT(sql_of(nothing, is), ElementsAre("CREATE TABLE public.t ()"));
}

TEST(Operations, what_has_no_place_in_create_table_follows_it)
{
    SnapshotBuilder is = with_key("t");
    is.index("t", "t_id", "btree (id)").needs(Kind::column, "public.t.id", 'a');
    is.constraint("t", "later", "c", "CHECK ((id > 0))").set("not_valid");
    EXPECT_THAT(sql_of(nothing, is), ElementsAre(StartsWith("CREATE TABLE public.t"),
                                                 "ALTER TABLE public.t ADD CONSTRAINT later CHECK ((id > 0)) NOT VALID",
                                                 "CREATE INDEX t_id ON public.t USING btree (id)"));
}

TEST(Operations, tables_that_refer_to_each_other_are_made_before_they_do)
{
    EXPECT_THAT(sql_of(nothing, each_other()),
                ElementsAre(StartsWith("CREATE TABLE public.a"), StartsWith("CREATE TABLE public.b"),
                            "ALTER TABLE public.a ADD CONSTRAINT a_b_fkey FOREIGN KEY (b_id) REFERENCES public.b(id)",
                            "ALTER TABLE public.b ADD CONSTRAINT b_a_fkey FOREIGN KEY (a_id) REFERENCES public.a(id)"));
}

// Each table takes the references with it that are its own.
TEST(Operations, tables_that_refer_to_each_other_are_dropped_behind_the_reference_in_the_way)
{
    EXPECT_THAT(sql_of(each_other(), nothing), ElementsAre("ALTER TABLE public.b DROP CONSTRAINT b_a_fkey",
                                                           "DROP TABLE public.a", "DROP TABLE public.b"));
}

TEST(Operations, parts_go_with_the_table)
{
    SnapshotBuilder was = with_key("t");
    was.default_of("t", "id", "1");
    was.index("t", "t_id", "btree (id)").needs(Kind::column, "public.t.id", 'a');
    EXPECT_THAT(sql_of(was, nothing), ElementsAre("DROP TABLE public.t"));
}

// The default calls a function that reads the table.
TEST(Operations, a_default_that_would_close_a_circle_is_set_later)
{
    SnapshotBuilder is;
    is.table("t");
    is.column("t", "id", "integer");
    is.function("next", "public.t", "SELECT 1").needs(Kind::table, "public.t");
    is.default_of("t", "id", "public.next(NULL)").needs(Kind::function, "public.next(public.t)");
    EXPECT_THAT(sql_of(nothing, is),
                ElementsAre("SET check_function_bodies = off", "CREATE TABLE public.t (\n    id integer\n)",
                            StartsWith("CREATE FUNCTION public.next(public.t)"),
                            "ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT public.next(NULL)"));
}

TEST(Operations, a_default_that_closes_none_waits_for_its_function_with_the_table)
{
    SnapshotBuilder is;
    is.table("t");
    is.column("t", "id", "integer");
    is.function("next", "", "SELECT 1");
    is.default_of("t", "id", "public.next()").needs(Kind::function, "public.next()");
    EXPECT_THAT(sql_of(nothing, is),
                ElementsAre("SET check_function_bodies = off", StartsWith("CREATE FUNCTION public.next()"),
                            "CREATE TABLE public.t (\n    id integer DEFAULT public.next()\n)"));
}

TEST(Operations, what_is_needed_is_made_before_and_dropped_behind)
{
    SnapshotBuilder all;
    all.view("a", " SELECT 1;", {"x integer"}).needs(Kind::view, "public.b");
    all.view("b", " SELECT 1;", {"x integer"}).needs(Kind::view, "public.c");
    all.view("c", " SELECT 1;", {"x integer"});
    EXPECT_THAT(sql_of(nothing, all),
                ElementsAre(StartsWith("CREATE VIEW public.c"), StartsWith("CREATE VIEW public.b"),
                            StartsWith("CREATE VIEW public.a")));
    EXPECT_THAT(sql_of(all, nothing), ElementsAre("DROP VIEW public.a", "DROP VIEW public.b", "DROP VIEW public.c"));
}

TEST(Operations, a_replaced_object_is_dropped_before_it_is_made)
{
    const auto side = [](const char *definition) {
        SnapshotBuilder builder = with_key("t");
        builder.index("t", "t_id", definition).needs(Kind::column, "public.t.id", 'a');
        return builder;
    };
    EXPECT_THAT(sql_of(side("btree (id)"), side("hash (id)")),
                ElementsAre("DROP INDEX public.t_id", "CREATE INDEX t_id ON public.t USING hash (id)"));
}

TEST(Operations, a_column_gets_another_type_between_the_views_that_go_and_come)
{
    const auto side = [](const char *type) {
        SnapshotBuilder builder;
        builder.table("t");
        builder.column("t", "id", type);
        builder.view("v", " SELECT t.id\n   FROM public.t;", {cat("id ", type)}).needs(Kind::column, "public.t.id");
        return builder;
    };
    EXPECT_THAT(sql_of(side("integer"), side("bigint")),
                ElementsAre("DROP VIEW public.v", "ALTER TABLE public.t ALTER COLUMN id TYPE bigint",
                            StartsWith("CREATE VIEW public.v")));
}

// A table takes the name that a view has.
TEST(Operations, a_name_is_free_before_it_is_taken)
{
    SnapshotBuilder was;
    was.table("x");
    was.column("x", "id", "integer");
    SnapshotBuilder is;
    is.view("x", " SELECT 1 AS id;", {"id integer"});
    EXPECT_THAT(sql_of(was, is), ElementsAre("DROP TABLE public.x", StartsWith("CREATE VIEW public.x")));
    EXPECT_THAT(sql_of(is, was), ElementsAre("DROP VIEW public.x", StartsWith("CREATE TABLE public.x")));
}

TEST(Operations, views_of_each_other_are_announced)
{
    EXPECT_THAT(sql_of(nothing, views_of_each_other()),
                ElementsAre("CREATE VIEW public.v AS\nSELECT\n    NULL::integer AS x",
                            "CREATE VIEW public.w AS\n SELECT v.x\n   FROM public.v;",
                            "CREATE OR REPLACE VIEW public.v AS\n SELECT w.x\n   FROM public.w;"));
}

TEST(Operations, views_of_each_other_are_dropped_together)
{
    EXPECT_THAT(sql_of(views_of_each_other(), nothing), ElementsAre("DROP VIEW public.v CASCADE"));
}

TEST(Operations, a_type_under_columns_leaves_when_they_have_the_new_one)
{
    const auto side = [](std::vector<std::string> labels) {
        SnapshotBuilder builder;
        builder.in_public(Kind::enum_type, "mood").list("labels", std::move(labels));
        builder.table("t");
        builder.column("t", "m", "public.mood").needs(Kind::enum_type, "public.mood");
        return builder;
    };
    const Plan plan = plan_of(side({"sad", "ok", "gone"}), side({"ok", "sad"}));
    EXPECT_THAT(sql_of(plan),
                ElementsAre("ALTER TYPE public.mood RENAME TO mood_replaced",
                            "CREATE TYPE public.mood AS ENUM ('ok', 'sad')",
                            "ALTER TABLE public.t ALTER COLUMN m TYPE public.mood USING m::text::public.mood",
                            "DROP TYPE public.mood_replaced"));
    EXPECT_EQ(plan.statements[2].may_fail, "values of public.t.m that the type does not have");
}

TEST(Operations, rows_move_to_a_table_that_is_partitioned_in_another_way)
{
    const auto side = [](const char *key) {
        SnapshotBuilder builder;
        builder.table("t").set("partition_key", key);
        builder.column("t", "a", "integer");
        return builder;
    };
    const Plan plan = plan_of(side("RANGE (a)"), side("LIST (a)"));
    EXPECT_THAT(sql_of(plan), ElementsAre("SET row_security = off", "ALTER TABLE public.t RENAME TO t_replaced",
                                          "CREATE TABLE public.t (\n    a integer\n)\nPARTITION BY LIST (a)",
                                          "INSERT INTO public.t (a)\nSELECT a\n  FROM public.t_replaced",
                                          "DROP TABLE public.t_replaced"));
    for (const Statement &each : plan.statements)
        EXPECT_EQ(each.destroys, "") << each.sql;
}

TEST(Operations, default_privileges_come_last)
{
    SnapshotBuilder is;
    is.add(Kind::default_privileges, "FOR ROLE alice ON TABLES", "", "")
        .set("role", "alice")
        .set("type", "r")
        .list("granted", {"alice=rawdDxt/alice", "bob=r/alice"});
    is.table("t");
    const std::vector<std::string> sql = sql_of(nothing, is);
    ASSERT_GE(sql.size(), 2U);
    EXPECT_THAT(sql.front(), StartsWith("CREATE TABLE"));
    EXPECT_THAT(sql.back(), HasSubstr("DEFAULT PRIVILEGES"));
}

TEST(Operations, a_circle_that_nothing_opens_is_an_error_that_names_it)
{
    SnapshotBuilder is;
    is.function("f", "", "SELECT 1").needs(Kind::function, "public.g()");
    is.function("g", "", "SELECT 1").needs(Kind::function, "public.f()");
    try {
        plan_of(nothing, is);
        FAIL();
    } catch (const core::Error &error) {
        EXPECT_EQ(error.sqlstate(), "MG024");
        EXPECT_EQ(error.detail(), "make function public.f() -> make function public.g() -> make function public.f()");
    }
}

TEST(Operations, an_interrupt_stops_them)
{
    struct Stop final : core::InterruptCheck {
        void check() override { throw core::Error(core::sqlstate::query_canceled, "stopped"); }
    } stop;
    EXPECT_THROW(diff(nothing.build(), with_key("t").build(), {}, stop), core::Error);
}
TEST(Operations, the_default_of_a_domain_lets_go_of_a_function_that_is_made_again)
{
    const auto with = [](const char *result) {
        SnapshotBuilder builder;
        builder.add(Kind::function, "public.f(integer)", "public", "f")
            .set("arguments", "integer")
            .set("result", result)
            .set("language", "sql")
            .set("source", "SELECT 1");
        builder.in_public(Kind::domain, "d").set("type", "integer");
        builder.add(Kind::default_value, "public.d", "public", "d", "public.d")
            .set("of_domain")
            .set("expression", "public.f(1)")
            .needs(Kind::domain, "public.d", 'a')
            .needs(Kind::function, "public.f(integer)");
        builder.table("t");
        builder.column("t", "a", "public.d").needs(Kind::domain, "public.d");
        return builder;
    };
    EXPECT_THAT(sql_of(with("integer"), with("bigint")),
                testing::ElementsAre("SET check_function_bodies = off", "ALTER DOMAIN public.d DROP DEFAULT",
                                     "DROP FUNCTION public.f(integer)", testing::HasSubstr("CREATE FUNCTION"),
                                     "ALTER DOMAIN public.d SET DEFAULT public.f(1)"));
    SnapshotBuilder none;
    EXPECT_THAT(sql_of(none, with("integer")),
                testing::Contains("CREATE DOMAIN public.d AS integer DEFAULT public.f(1)"));
    EXPECT_THAT(sql_of(with("integer"), none), testing::Not(testing::Contains(testing::HasSubstr("DEFAULT"))));
}
