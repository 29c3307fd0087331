// SPDX-License-Identifier: PostgreSQL
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

const SnapshotBuilder nothing;

SnapshotBuilder shop()
{
    SnapshotBuilder builder;
    builder.schema("public").set("owner", "dba");
    builder.in_public(Kind::enum_type, "state").list("labels", {"new", "paid"});
    for (const char *name : {"customer", "item"}) {
        builder.table(name).set("owner", "alice").set("comment", "one");
        builder.column(name, "id", "integer").set("not_null");
        builder.constraint(name, cat(name, "_pkey"), "p", "PRIMARY KEY (id)")
            .set("index")
            .needs(Kind::column, cat("public.", name, ".id"), 'a');
    }
    builder.column("item", "customer_id", "integer");
    builder.column("item", "state", "public.state").needs(Kind::enum_type, "public.state");
    builder.default_of("item", "state", "'new'::public.state");
    builder.foreign_key("item", "customer");
    builder.index("item", "item_state", "btree (state)").needs(Kind::column, "public.item.state", 'a');
    builder.view("open", " SELECT 1;", {"n integer"}).needs(Kind::column, "public.item.state");
    builder.function("f", "integer", "SELECT $1");
    return builder;
}

// A table with an id and a column described by `describe`.
template <class Describe>
SnapshotBuilder with_column(Describe describe)
{
    SnapshotBuilder builder;
    builder.table("t");
    builder.column("t", "id", "integer");
    describe(builder.column("t", "c", "integer"));
    return builder;
}

SnapshotBuilder with_type(const char *type)
{
    SnapshotBuilder builder;
    builder.table("t");
    builder.column("t", "c", type);
    return builder;
}

SnapshotBuilder without_column()
{
    SnapshotBuilder builder;
    builder.table("t");
    builder.column("t", "id", "integer");
    return builder;
}

// As migrate_drift() has it.
std::vector<std::string> changes(const SnapshotBuilder &was, const SnapshotBuilder &is)
{
    std::vector<std::string> all;
    for (const Difference &each : plan_of(was, is).differences)
        all.push_back(cat(info(each.kind).name, " ", each.identity, ": ", each.change));
    return all;
}

Statement only_statement(const SnapshotBuilder &was, const SnapshotBuilder &is)
{
    const Plan plan = plan_of(was, is);
    EXPECT_EQ(plan.statements.size(), 1U) << render(plan);
    return plan.statements.empty() ? Statement() : plan.statements.front();
}

} // namespace

TEST(Diff, equal_snapshots_have_none)
{
    const Plan plan = plan_of(shop(), shop());
    EXPECT_TRUE(plan.empty());
    EXPECT_THAT(plan.differences, IsEmpty());
    EXPECT_THAT(plan.notes, IsEmpty());
    EXPECT_EQ(render(plan), "");
}

TEST(Diff, addresses_are_no_difference)
{
    SnapshotBuilder was;
    was.table("t").address(1);
    SnapshotBuilder is;
    is.table("t").address(2);
    EXPECT_TRUE(plan_of(was, is).empty());
}

TEST(Diff, the_wire_makes_no_difference)
{
    core::NoInterrupts interrupts;
    const Snapshot sent = decode(encode(shop().build()));
    EXPECT_TRUE(diff(shop().build(), sent, {}, interrupts).empty());
    EXPECT_EQ(render(diff(nothing.build(), sent, {}, interrupts)), render(plan_of(nothing, shop())));
}

TEST(Diff, the_same_snapshots_have_the_same_script_in_whatever_order_they_were_read)
{
    const auto tables = [](std::vector<std::string> names) {
        SnapshotBuilder builder;
        for (const std::string &name : names)
            builder.table(name);
        for (const std::string &name : names)
            builder.part(Kind::column, name, Kind::table, cat("public.", name, ".id"), "id").set("type", "integer");
        for (const std::string &name : names)
            builder.index(name, cat(name, "_id"), "btree (id)");
        return builder;
    };
    EXPECT_EQ(render(plan_of(nothing, tables({"a", "b", "c"}))), render(plan_of(nothing, tables({"c", "a", "b"}))));
    EXPECT_EQ(render(plan_of(tables({"a", "b", "c"}), nothing)), render(plan_of(tables({"b", "c", "a"}), nothing)));
    EXPECT_EQ(render(plan_of(shop(), nothing)), render(plan_of(shop(), nothing)));
}

TEST(Diff, what_destroys_data_says_so)
{
    EXPECT_EQ(only_statement(without_column(), nothing).destroys, "all rows of public.t");
    const Statement drop = only_statement(with_column([](auto &) {}), without_column());
    EXPECT_EQ(drop.sql, "ALTER TABLE public.t DROP COLUMN c");
    EXPECT_EQ(drop.destroys, "the values of public.t.c");
    // What is computed is not lost.
    EXPECT_EQ(only_statement(with_column([](auto &c) { c.set("generated", "STORED").set("expression", "id"); }),
                             without_column())
                  .destroys,
              "");
}

TEST(Diff, nothing_but_drops_of_tables_and_columns_destroys_data)
{
    for (const auto &[was, is] : {std::pair(nothing, shop()), std::pair(shop(), nothing)})
        for (const Statement &each : plan_of(was, is).statements)
            EXPECT_EQ(!each.destroys.empty(), each.sql.starts_with("DROP TABLE")) << each.sql;
}

TEST(Diff, what_may_fail_on_rows_says_so)
{
    const auto plain = with_column([](auto &) {});
    const auto not_null = with_column([](auto &c) { c.set("not_null"); });
    EXPECT_EQ(only_statement(plain, not_null).sql, "ALTER TABLE public.t ALTER COLUMN c SET NOT NULL");
    EXPECT_EQ(only_statement(plain, not_null).may_fail, "rows of public.t whose c is null");
    EXPECT_EQ(only_statement(not_null, plain).may_fail, "");
    EXPECT_EQ(only_statement(without_column(), not_null).may_fail, "if there are rows in public.t");
    EXPECT_EQ(only_statement(without_column(), plain).may_fail, "");

    SnapshotBuilder with_default = not_null;
    with_default.default_of("t", "c", "0");
    EXPECT_EQ(only_statement(without_column(), with_default).sql,
              "ALTER TABLE public.t ADD COLUMN c integer DEFAULT 0 NOT NULL");
    EXPECT_EQ(only_statement(without_column(), with_default).may_fail, "");

    SnapshotBuilder unique = plain;
    unique.index("t", "t_c", "btree (c)").set("unique");
    EXPECT_EQ(only_statement(plain, unique).may_fail, "if rows of public.t are equal in what it is on");
    SnapshotBuilder check = plain;
    check.constraint("t", "k", "c", "CHECK ((c > 0))");
    EXPECT_EQ(only_statement(plain, check).may_fail, "if a row of public.t does not fulfil it");
}

TEST(Diff, another_type_says_what_it_does_to_values)
{
    struct Case {
        const char *was;
        const char *is;
        bool may_fail;
        bool destroys;
        bool time_zone = false;
    };
    constexpr Case cases[] = {
        {"integer", "bigint", false, false},
        {"bigint", "integer", true, false},
        {"character varying(50)", "character varying(100)", false, false},
        {"character varying(50)", "character varying(20)", true, false},
        {"character varying(50)", "character varying", false, false},
        {"text", "character varying(20)", true, false},
        {"text", "name", true, true},
        {"numeric(10,2)", "numeric(12,2)", false, false},
        {"numeric(10,2)", "numeric(12,4)", false, false},
        {"numeric(10,2)", "numeric(10,4)", true, false},
        {"numeric(10,4)", "numeric(10,2)", false, true},
        {"numeric(10,4)", "numeric(8,2)", true, true},
        {"numeric", "numeric(8,2)", true, true},
        {"numeric(8,2)", "numeric", false, false},
        {"numeric(8,2)", "integer", true, true},
        {"integer", "numeric(8,2)", true, false},
        {"double precision", "integer", true, true},
        {"double precision", "real", true, true},
        {"timestamp with time zone", "date", false, true, true},
        {"date", "timestamp with time zone", false, false, true},
        {"date", "timestamp without time zone", false, false},
        {"timestamp without time zone", "timestamp with time zone", false, false, true},
        {"timestamp(3) with time zone", "timestamp(3) without time zone", false, false, true},
        {"timestamp without time zone", "timestamp(0) without time zone", false, true},
        {"timestamp(0) without time zone", "timestamp without time zone", false, false},
        {"inet", "cidr", true, true},
        {"text", "integer", true, false},
    };
    for (const Case &each : cases) {
        const Statement change = only_statement(with_column([&](auto &c) { c.set("type", each.was); }),
                                                with_column([&](auto &c) { c.set("type", each.is); }));
        EXPECT_EQ(!change.may_fail.empty(), each.may_fail) << each.was << " -> " << each.is;
        EXPECT_EQ(!change.destroys.empty(), each.destroys) << each.was << " -> " << each.is;
        EXPECT_EQ(change.note == "the values are those of the TimeZone of the session", each.time_zone)
            << each.was << " -> " << each.is;
    }
}

TEST(Diff, what_a_column_has_of_its_own_outlives_its_type)
{
    const auto with = [](const char *attribute, const char *value) {
        return with_column([&](auto &c) {
            c.set("type", "text").set("compression", "lz4").set("storage", "PLAIN").set(attribute, value);
        });
    };
    for (const auto &[attribute, value] :
         {std::pair("type", "character varying"), std::pair("collation", "pg_catalog.\"C\"")}) {
        const std::vector<std::string> sql = test::sql_of(plan_of(with("type", "text"), with(attribute, value)));
        EXPECT_THAT(sql, testing::IsSupersetOf({"ALTER TABLE ONLY public.t ALTER COLUMN c SET STORAGE PLAIN",
                                                "ALTER TABLE ONLY public.t ALTER COLUMN c SET COMPRESSION lz4"}));
    }
}

TEST(Diff, a_new_table_has_no_rows_to_fail_on)
{
    for (const Statement &each : plan_of(nothing, shop()).statements)
        EXPECT_EQ(each.may_fail, "") << each.sql;
}

TEST(Diff, conversions_are_explicit_where_they_have_to_be)
{
    const auto change = [](const char *was, const char *is) {
        const Statement statement = only_statement(with_type(was), with_type(is));
        return std::pair(statement.sql.substr(std::string_view("ALTER TABLE public.t ALTER COLUMN c TYPE ").size()),
                         !statement.may_fail.empty());
    };
    EXPECT_EQ(change("integer", "bigint"), std::pair(std::string("bigint"), false));
    EXPECT_EQ(change("bigint", "integer"), std::pair(std::string("integer"), true));
    EXPECT_EQ(change("character varying(20)", "text"), std::pair(std::string("text"), false));
    EXPECT_EQ(change("character varying(20)", "character varying(10)"),
              std::pair(std::string("character varying(10)"), true));
    EXPECT_EQ(change("text", "integer"), std::pair(std::string("integer USING c::integer"), true));
    EXPECT_EQ(change("boolean", "date"), std::pair(std::string("date USING c::text::date"), true));
}

TEST(Diff, the_order_of_columns_is_noted_and_no_difference)
{
    SnapshotBuilder was;
    was.table("t");
    was.column("t", "a", "integer");
    was.column("t", "b", "integer");
    SnapshotBuilder is;
    is.table("t");
    is.column("t", "b", "integer");
    is.column("t", "a", "integer");
    const Plan plan = plan_of(was, is);
    EXPECT_TRUE(plan.empty());
    EXPECT_THAT(plan.differences, IsEmpty());
    EXPECT_THAT(plan.notes,
                ElementsAre("the columns of public.t are in another order, which ALTER TABLE cannot change"));
}

TEST(Diff, a_column_that_is_added_comes_last)
{
    SnapshotBuilder was = without_column();
    SnapshotBuilder last = without_column();
    last.column("t", "z", "integer");
    EXPECT_THAT(plan_of(was, last).notes, IsEmpty());
    SnapshotBuilder first;
    first.table("t");
    first.column("t", "z", "integer");
    first.column("t", "id", "integer");
    EXPECT_THAT(plan_of(was, first).notes, ElementsAre(HasSubstr("another order")));
    EXPECT_THAT(plan_of(first, was).notes, IsEmpty());
}

TEST(Diff, what_is_not_compared_is_noted)
{
    core::NoInterrupts interrupts;
    Snapshot is = nothing.build();
    is.unknown = {"operator classes", "large objects"};
    is.finish();
    const Plan plan = diff(nothing.build(), is, {}, interrupts);
    EXPECT_TRUE(plan.empty());
    EXPECT_EQ(render(plan), "-- not compared: large objects\n-- not compared: operator classes\n");
}

TEST(Diff, differences_are_named_by_what_differs)
{
    EXPECT_THAT(changes(without_column(), with_column([](auto &) {})), ElementsAre("column public.t.c: added"));
    EXPECT_THAT(changes(with_column([](auto &) {}), without_column()), ElementsAre("column public.t.c: removed"));
    EXPECT_THAT(
        changes(with_column([](auto &) {}), with_column([](auto &c) { c.set("not_null").set("comment", "x"); })),
        ElementsAre("column public.t.c: changed: comment, not_null"));
    EXPECT_THAT(changes(with_column([](auto &c) { c.set("not_null"); }), with_column([](auto &) {})),
                ElementsAre("column public.t.c: changed: not_null"));
}

TEST(Diff, what_is_only_made_again_is_no_difference)
{
    const auto side = [](const char *type) {
        SnapshotBuilder builder = with_type(type);
        builder.view("v", " SELECT 1;", {"n integer"}).needs(Kind::column, "public.t.c");
        return builder;
    };
    EXPECT_THAT(changes(side("integer"), side("bigint")), ElementsAre("column public.t.c: changed: type"));
}

TEST(Diff, a_constraint_of_another_name_is_renamed)
{
    const auto side = [](const char *name) {
        SnapshotBuilder builder = with_type("integer");
        builder.constraint("t", name, "c", "CHECK ((c > 0))");
        return builder;
    };
    EXPECT_EQ(only_statement(side("a"), side("b")).sql, "ALTER TABLE public.t RENAME CONSTRAINT a TO b");
    EXPECT_THAT(changes(side("a"), side("b")), ElementsAre("constraint b ON public.t: changed: name"));
}

TEST(Diff, bodies_are_not_checked_where_routines_are_made)
{
    SnapshotBuilder is;
    is.function("f", "", "SELECT 1");
    EXPECT_EQ(sql_of(nothing, is).front(), "SET check_function_bodies = off");
    EXPECT_EQ(sql_of(is, nothing), std::vector<std::string>{"DROP FUNCTION public.f()"});
}

TEST(Diff, online_avoids_long_locks)
{
    SnapshotBuilder is = with_type("integer");
    is.index("t", "t_c", "btree (c)");
    is.constraint("t", "k", "c", "CHECK ((c > 0))");
    const Plan plan = plan_of(with_type("integer"), is, {.online = true});
    EXPECT_THAT(sql_of(plan), ElementsAre("ALTER TABLE public.t ADD CONSTRAINT k CHECK ((c > 0)) NOT VALID",
                                          "ALTER TABLE public.t VALIDATE CONSTRAINT k",
                                          "CREATE INDEX CONCURRENTLY t_c ON public.t USING btree (c)"));
    EXPECT_FALSE(plan.statements[1].alone);
    EXPECT_TRUE(plan.statements[2].alone);
}

TEST(Diff, a_cast_that_cuts_is_marked)
{
    const auto destroys = [](const char *from, const char *to) {
        SnapshotBuilder is = with_type(to);
        is.in_public(Kind::domain, "short").set("type", "character varying(3)");
        SnapshotBuilder was = with_type(from);
        was.in_public(Kind::domain, "short").set("type", "character varying(3)");
        return !plan_of(was, is).statements.front().destroys.empty();
    };
    EXPECT_TRUE(destroys("text[]", "character varying(3)[]"));
    EXPECT_TRUE(destroys("text", "public.short"));
    EXPECT_TRUE(destroys("text", "public.short[]"));
    EXPECT_TRUE(destroys("text", "timestamp without time zone"));
    EXPECT_TRUE(destroys("interval", "interval year"));
    EXPECT_TRUE(destroys("json", "jsonb"));
    EXPECT_TRUE(destroys("json[]", "jsonb[]"));
    EXPECT_FALSE(destroys("jsonb", "json"));
    const auto narrows = [](const char *from, const char *to) {
        const auto side = [](const char *type) {
            SnapshotBuilder builder;
            builder.in_public(Kind::domain, "short").set("type", type);
            builder.table("t");
            builder.column("t", "c", "public.short").needs(Kind::domain, "public.short");
            return builder;
        };
        const Plan plan = plan_of(side(from), side(to));
        return std::ranges::any_of(plan.statements, [](const Statement &each) { return !each.destroys.empty(); });
    };
    EXPECT_TRUE(narrows("character varying(20)", "character varying(3)"));
    EXPECT_FALSE(narrows("character varying(3)", "character varying(20)"));
    // These raise an error.
    EXPECT_FALSE(destroys("text", "character varying(3)"));
    EXPECT_FALSE(destroys("bit(20)", "bit varying(8)"));
    EXPECT_FALSE(destroys("text", "integer"));
    EXPECT_EQ(only_statement(with_type("money"), with_type("numeric")).sql,
              "ALTER TABLE public.t ALTER COLUMN c TYPE numeric");
}

TEST(Diff, what_rows_lose_in_another_table_is_marked)
{
    const auto side = [](const char *key, const char *type, const char *other) {
        SnapshotBuilder builder;
        builder.table("t").set("partition_key", key);
        builder.column("t", "a", type);
        builder.column("t", "b", "integer");
        builder.column("t", other, "integer");
        return builder;
    };
    const auto move = [&](const char *from, const char *to, const char *other) {
        for (const Statement &each : plan_of(side("LIST (b)", from, "c"), side("RANGE (b)", to, other)).statements)
            if (each.sql.starts_with("INSERT"))
                return each;
        return Statement();
    };
    EXPECT_EQ(move("text[]", "character varying(3)[]", "d").destroys,
              "what values of public.t.a have beyond the new type; the values of public.t.c");
    EXPECT_EQ(move("text", "character varying(3)", "c").destroys, "");
    EXPECT_EQ(move("text", "character varying(3)", "c").may_fail,
              "rows for which there is no partition; values of public.t.a that do not fit");
    EXPECT_EQ(move("integer", "bigint", "c").may_fail, "rows for which there is no partition");
}

TEST(Diff, that_rows_have_no_value_where_another_table_wants_one_is_marked)
{
    const auto side = [](const char *key, std::vector<std::string_view> not_null) {
        SnapshotBuilder builder;
        builder.table("t").set("partition_key", key);
        for (const char *name : {"a", "b", "c"}) {
            auto &column = builder.column("t", name, "integer");
            if (std::ranges::find(not_null, name) != not_null.end())
                column.set("not_null", "true");
        }
        return builder;
    };
    for (const Statement &each : plan_of(side("LIST (a)", {"a"}), side("RANGE (a)", {"a", "b", "c"})).statements)
        if (each.sql.starts_with("INSERT")) {
            EXPECT_EQ(each.may_fail, "rows for which there is no partition; rows whose b or c is null");
            return;
        }
    FAIL() << "no rows are moved";
}

TEST(Diff, a_table_that_keeps_no_column_loses_its_rows)
{
    const auto side = [](const char *key, const char *column) {
        SnapshotBuilder builder;
        builder.table("t").set("partition_key", key);
        builder.column("t", column, "integer");
        return builder;
    };
    const auto drop = [&](const char *column) {
        for (const Statement &each : plan_of(side("LIST (a)", "a"), side("RANGE (a)", column)).statements)
            if (each.sql == "DROP TABLE public.t_replaced")
                return each.destroys;
        return std::string("there is no drop");
    };
    EXPECT_EQ(drop("b"), "all rows of public.t, which has no column in common with the new one");
    EXPECT_EQ(drop("a"), "");
}

TEST(Diff, what_attributes_lose_is_marked)
{
    const auto side = [](const char *type, bool typed) {
        SnapshotBuilder builder;
        builder.in_public(Kind::composite_type, "row");
        builder.column("row", "a", type, Kind::composite_type);
        builder.table("t");
        if (typed) {
            builder.table("t_of").set("of_type", "public.row").needs(Kind::composite_type, "public.row");
            builder.column("t_of", "a", type);
        } else {
            builder.column("t", "r", "public.row[]").needs(Kind::composite_type, "public.row");
        }
        return builder;
    };
    const auto destroys = [&](const char *from, const char *to, bool typed) {
        for (const Statement &each : plan_of(side(from, typed), side(to, typed)).statements)
            if (!each.destroys.empty())
                return each.destroys;
        return std::string();
    };
    EXPECT_EQ(destroys("numeric", "numeric(4,1)", false), "what values of public.t.r have beyond the new type");
    EXPECT_EQ(destroys("numeric(4,1)", "numeric", false), "");
    // An error.
    EXPECT_EQ(destroys("text", "character varying(3)", false), "");
    EXPECT_EQ(destroys("numeric", "numeric(4,1)", true),
              "what values of a have beyond the new type, in tables of the type public.row");
    EXPECT_EQ(destroys("numeric(4,1)", "numeric", true), "");
}

TEST(Diff, an_identity_is_not_null_before_it_is_one)
{
    const auto side = [](bool identity) {
        SnapshotBuilder builder;
        builder.table("t");
        auto &column = builder.column("t", "c", "integer");
        if (identity)
            column.set("not_null").set("identity_kind", "ALWAYS");
        return builder;
    };
    EXPECT_THAT(sql_of(side(false), side(true), {.online = true}),
                ElementsAre("ALTER TABLE public.t ALTER COLUMN c SET NOT NULL",
                            HasSubstr("ALTER COLUMN c ADD GENERATED ALWAYS AS IDENTITY")));
}

TEST(Diff, an_index_that_holds_a_column_not_null_goes_before_it_is_nullable)
{
    const auto side = [](const char *indexed) {
        SnapshotBuilder builder;
        builder.table("t");
        builder.column("t", "c", "integer").set("not_null");
        builder.column("t", "d", "integer");
        builder.index("t", "x", cat("btree (", indexed, ")"))
            .set("unique")
            .set("replica_identity")
            .needs(Kind::column, "public.t.c", 'a');
        return builder;
    };
    SnapshotBuilder nullable;
    nullable.table("t");
    nullable.column("t", "c", "integer");
    nullable.column("t", "d", "integer").set("not_null");
    nullable.index("t", "x", "btree (d)").set("unique").set("replica_identity").needs(Kind::column, "public.t.d", 'a');
    const std::vector<std::string> statements = sql_of(side("c"), nullable, {.online = true});
    EXPECT_EQ(statements.front(), "DROP INDEX CONCURRENTLY public.x");
    EXPECT_THAT(statements, testing::Contains("CREATE UNIQUE INDEX CONCURRENTLY x ON public.t USING btree (d)"));
    // One whose columns stay as they are is made beside the old one.
    EXPECT_EQ(sql_of(side("c"), side("c, d"), {.online = true}).front(),
              "CREATE UNIQUE INDEX CONCURRENTLY x_new ON public.t USING btree (c, d)");
}

TEST(Diff, columns_of_a_table_that_is_set_aside_go_with_it)
{
    const auto keyed = [](const char *column) {
        SnapshotBuilder builder;
        builder.table("t");
        builder.column("t", column, "integer");
        builder.constraint("t", "t_pkey", "p", cat("PRIMARY KEY (", column, ")"))
            .set("index")
            .needs(Kind::column, cat("public.t.", column), 'a');
        return builder;
    };
    SnapshotBuilder was;
    was.table("t").set("partition_key", "RANGE (id)");
    was.column("t", "id", "integer");
    was.constraint("t", "t_pkey", "p", "PRIMARY KEY (id)")
        .set("index")
        .set("partitioned")
        .needs(Kind::column, "public.t.id", 'a');
    const std::vector<std::string> statements = sql_of(was, keyed("c"));
    EXPECT_THAT(statements, testing::Not(testing::Contains(HasSubstr("DROP COLUMN"))));
    // Its key goes with it, and the new one gets the name.
    ASSERT_GE(statements.size(), 2U);
    EXPECT_THAT(statements.end()[-2], "DROP TABLE public.t_replaced");
    EXPECT_THAT(statements.back(), "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY (c)");
}

TEST(Diff, remarks_are_comments_of_one_line)
{
    Plan plan;
    plan.notes = {"first\nsecond"};
    plan.statements = {{"SELECT 1", "all\r\nrows", "always", "why", false}, {"SELECT 2", "", "", "", false}};
    EXPECT_EQ(render(plan), "-- first second\n"
                            "\n"
                            "-- destroys data: all  rows\n"
                            "-- may fail: always\n"
                            "-- why\n"
                            "SELECT 1;\n"
                            "\n"
                            "SELECT 2;\n");
}
