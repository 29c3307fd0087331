// SPDX-License-Identifier: PostgreSQL
#include "model/scope.hpp"
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

const Scope in_public{{"public"}};

SnapshotBuilder table(const char *type_of_b)
{
    SnapshotBuilder builder;
    builder.schema("public");
    builder.table("t");
    builder.column("t", "a", "integer");
    if (type_of_b != nullptr)
        builder.column("t", "b", type_of_b);
    return builder;
}

// A view of another schema, on a column of the table.
SnapshotBuilder with_view(SnapshotBuilder builder)
{
    builder.schema("rep");
    builder.add(Kind::view, "rep.v", "rep", "v")
        .set("definition", " SELECT t.b\n   FROM public.t;")
        .list("columns", {"b integer"})
        .needs(Kind::schema, "rep")
        .needs(Kind::column, "public.t.b");
    return builder;
}

struct Confined {
    Snapshot model;
    Snapshot database;
    std::vector<std::string> conflicts;

    std::vector<std::string> changes() const
    {
        pgmigrate::core::NoInterrupts interrupts;
        return sql_of(diff(database, model, {}, interrupts));
    }
    Plan plan_back() const
    {
        pgmigrate::core::NoInterrupts interrupts;
        return diff(model, database, {}, interrupts);
    }
    std::vector<std::string> changes_back() const { return sql_of(plan_back()); }
};

Confined confined(const SnapshotBuilder &model, const SnapshotBuilder &database, Silence silence = Silence::none)
{
    Confined result{model.build(), database.build(), {}};
    result.conflicts = confine(result.model, result.database, in_public, silence);
    return result;
}

} // namespace

TEST(Scope, what_stands_outside_is_made_again_around_a_change)
{
    const Confined both = confined(table("bigint"), with_view(table("integer")));
    EXPECT_THAT(both.conflicts, IsEmpty());
    EXPECT_THAT(both.changes(), ElementsAre("DROP VIEW rep.v", HasSubstr("ALTER COLUMN b TYPE bigint"),
                                            HasSubstr("CREATE VIEW rep.v")));
}

TEST(Scope, what_the_model_has_outside_does_not_count)
{
    SnapshotBuilder model = table("integer");
    model.schema("other");
    model.add(Kind::table, "other.more", "other", "more");
    const Confined both = confined(model, with_view(table("integer")));
    EXPECT_THAT(both.changes(), IsEmpty());
    EXPECT_THAT(both.model.unknown, IsEmpty());
}

TEST(Scope, what_would_go_with_what_the_model_lacks_is_a_conflict)
{
    const Confined both = confined(table(nullptr), with_view(table("integer")));
    EXPECT_THAT(both.conflicts, ElementsAre("view rep.v depends on column public.t.b"));
    const Confined silent = confined(table(nullptr), with_view(table("integer")), Silence::any);
    EXPECT_THAT(silent.conflicts, ElementsAre("view rep.v depends on column public.t.b"));
}

TEST(Scope, a_view_that_the_model_says_nothing_of_conflicts_too)
{
    SnapshotBuilder database = table("integer");
    database.view("mine", " SELECT t.b\n   FROM public.t;", {"b integer"}).needs(Kind::column, "public.t.b");
    EXPECT_THAT(confined(table(nullptr), database, Silence::any).conflicts,
                ElementsAre("view public.mine depends on column public.t.b"));
    EXPECT_THAT(confined(table(nullptr), database, Silence::none).conflicts, IsEmpty());
}

TEST(Scope, what_goes_with_a_column_goes_before_it)
{
    SnapshotBuilder database = table("integer");
    database.schema("rep");
    database.add(Kind::statistics, "rep.s", "rep", "s")
        .set("definition", "CREATE STATISTICS rep.s ON a, b FROM public.t")
        .needs(Kind::column, "public.t.b", 'a');
    const Confined both = confined(table(nullptr), database);
    EXPECT_THAT(both.conflicts, IsEmpty());
    EXPECT_THAT(both.changes(), ElementsAre(HasSubstr("DROP COLUMN b")));
    EXPECT_EQ(both.model.find(Kind::statistics, "rep.s"), nullptr);
}

TEST(Scope, a_sequence_outside_does_not_go_with_its_column)
{
    SnapshotBuilder database = table("integer");
    database.schema("rep");
    database.add(Kind::sequence, "rep.s", "rep", "s").needs(Kind::column, "public.t.b", 'a');
    EXPECT_THAT(confined(table(nullptr), database).conflicts,
                ElementsAre("sequence rep.s depends on column public.t.b"));
}

TEST(Scope, publications_lose_what_is_dropped_and_get_it_back)
{
    SnapshotBuilder database = table("integer");
    database.table("u");
    database.column("u", "c", "integer");
    database.schema("s");
    database.add(Kind::publication, "pub", "", "pub")
        .list("tables", {"public.t", "public.u (c) WHERE ((c > 0))"})
        .list("schemas", {"s"})
        .needs(Kind::table, "public.t")
        .needs(Kind::table, "public.u")
        .needs(Kind::column, "public.u.c")
        .needs(Kind::schema, "s");
    const Confined both = confined(table("integer"), database);
    EXPECT_THAT(both.conflicts, IsEmpty());
    EXPECT_THAT(both.changes(), ElementsAre("DROP TABLE public.u"));
    EXPECT_THAT(both.changes_back(),
                ElementsAre(HasSubstr("CREATE TABLE public.u"),
                            "ALTER PUBLICATION pub SET TABLE ONLY public.t, ONLY public.u (c) WHERE ((c > 0)), "
                            "TABLES IN SCHEMA s"));
    SnapshotBuilder without_column = table("integer");
    without_column.table("u");
    EXPECT_THAT(confined(without_column, database).conflicts,
                ElementsAre("publication pub depends on column public.u.c"));
}

TEST(Scope, members_of_extensions_conflict_with_nothing)
{
    SnapshotBuilder database = table("integer");
    database.schema("rep");
    database.add(Kind::function, "rep.f()", "rep", "f").needs(Kind::column, "public.t.b", extension_need);
    EXPECT_THAT(confined(table(nullptr), database).conflicts, IsEmpty());
}

TEST(Scope, partitions_outside_follow_their_table)
{
    const auto partitioned = [](const char *type) {
        SnapshotBuilder builder = table(type);
        builder.schema("parts");
        return builder;
    };
    SnapshotBuilder database = partitioned("integer");
    const auto child = [&](const char *name, const char *of) {
        const std::string identity = cat("parts.", name);
        database.add(Kind::table, identity, "parts", name).set("partition_of", of).needs(Kind::table, of, 'a');
        database.add(Kind::column, identity + ".b", "parts", "b", identity)
            .set("type", "integer")
            .set("inherited_only")
            .needs(Kind::table, identity, 'i')
            .needs(Kind::column, cat(of, ".b"), inherited_need);
    };
    child("p", "public.t");
    child("q", "parts.p");
    database.add(Kind::view, "parts.v", "parts", "v")
        .set("definition", " SELECT q.b\n   FROM parts.q;")
        .list("columns", {"b integer"})
        .needs(Kind::column, "parts.q.b");
    const Confined dropped = confined(partitioned(nullptr), database);
    EXPECT_THAT(dropped.conflicts, ElementsAre("view parts.v depends on column public.t.b"));
    EXPECT_NE(dropped.database.find(Kind::view, "parts.v"), nullptr);
    const Confined altered = confined(partitioned("bigint"), database);
    EXPECT_THAT(altered.changes(), ElementsAre("DROP VIEW parts.v", HasSubstr("ALTER COLUMN b TYPE bigint"),
                                               HasSubstr("CREATE VIEW parts.v")));
    SnapshotBuilder more = partitioned("bigint");
    more.column("t", "c", "text");
    const Confined added = confined(more, database);
    EXPECT_THAT(added.changes(), testing::Contains("ALTER TABLE public.t ADD COLUMN c text").Times(1));
    EXPECT_NE(added.model.find(Kind::column, "parts.q.c"), nullptr);
    EXPECT_THAT(added.changes_back(), testing::Contains("ALTER TABLE public.t DROP COLUMN c").Times(1));
    EXPECT_THAT(render(added.plan_back()), testing::Not(HasSubstr("has the rows of")));
    database.add(Kind::policy, "y ON parts.q", "parts", "y", "parts.q")
        .set("using", "(b > 0)")
        .needs(Kind::table, "parts.q", 'a')
        .needs(Kind::column, "parts.q.b");
    database.add(Kind::policy, "z ON parts.q", "parts", "z", "parts.q").needs(Kind::table, "parts.q", 'a');
    EXPECT_THAT(confined(partitioned("bigint"), database).changes(),
                ElementsAre("DROP POLICY y ON parts.q", "DROP VIEW parts.v", HasSubstr("ALTER TABLE public.t"),
                            HasSubstr("CREATE VIEW parts.v"), HasSubstr("CREATE POLICY y ON parts.q")));
    EXPECT_THAT(
        confined(partitioned(nullptr), database).conflicts,
        ElementsAre("policy y ON parts.q depends on column public.t.b", "view parts.v depends on column public.t.b"));
    SnapshotBuilder none;
    none.schema("public");
    EXPECT_THAT(confined(none, database).conflicts, ElementsAre("table parts.p depends on table public.t"));
}

TEST(Scope, indexes_reach_partitions_outside)
{
    const auto partitioned = [](bool with_index) {
        SnapshotBuilder builder = table("integer");
        if (with_index)
            builder.index("t", "t_b", "btree (b)").set("partitioned");
        return builder;
    };
    SnapshotBuilder database = partitioned(false);
    database.schema("parts");
    database.add(Kind::table, "parts.p", "parts", "p")
        .set("partition_of", "public.t")
        .needs(Kind::table, "public.t", 'a');
    const Confined outside = confined(partitioned(true), database);
    EXPECT_THAT(outside.changes(), ElementsAre("CREATE INDEX t_b ON public.t USING btree (b)"));
    EXPECT_THAT(outside.model.unknown, IsEmpty());
    database.table("inside").set("partition_of", "public.t").needs(Kind::table, "public.t", 'a');
    SnapshotBuilder model = partitioned(true);
    model.table("inside").set("partition_of", "public.t").needs(Kind::table, "public.t", 'a');
    const Confined both = confined(model, database);
    EXPECT_THAT(both.changes(), ElementsAre("CREATE INDEX t_b ON ONLY public.t USING btree (b)"));
    EXPECT_THAT(both.model.unknown,
                ElementsAre("index public.t_b: partitions of public.t outside of what is compared do not get it, and "
                            "it is not valid without"));
}

TEST(Scope, what_is_outside_counts_columns_as_the_database_does)
{
    const auto ordered = [](const char *second, const char *third) {
        SnapshotBuilder builder;
        builder.schema("public");
        builder.table("t");
        for (const char *column : {"a", second, third})
            builder.column("t", column, "integer");
        return builder;
    };
    SnapshotBuilder database = ordered("c", "b");
    database.schema("rep");
    database.add(Kind::view, "rep.v", "rep", "v")
        .set("definition", " SELECT x.q\n   FROM public.t x(p, r, q)")
        .set("positional")
        .list("columns", {"q integer"})
        .needs(Kind::column, "public.t.b");
    EXPECT_THAT(confined(ordered("b", "c"), database).changes(), IsEmpty());
}

TEST(Scope, a_constraint_of_another_name_is_the_same_need)
{
    const auto with_key = [](const char *name) {
        SnapshotBuilder builder = table("integer");
        builder.constraint("t", name, "p", "PRIMARY KEY (a)");
        return builder;
    };
    SnapshotBuilder database = with_view(with_key("old"));
    database.add(Kind::view, "rep.w", "rep", "w")
        .set("definition", " SELECT t.a, t.b\n   FROM public.t\n  GROUP BY t.a;")
        .list("columns", {"a integer", "b integer"})
        .needs(Kind::constraint, "old ON public.t");
    const Confined both = confined(with_key("new"), database);
    EXPECT_THAT(both.conflicts, IsEmpty());
    EXPECT_THAT(both.changes(), ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT old TO new"));
}

TEST(Scope, a_key_that_others_stand_on_keeps_its_columns)
{
    const auto with_key = [](const char *type, const char *definition) {
        SnapshotBuilder builder = table("integer");
        builder.constraint("t", "t_pkey", type, definition);
        return builder;
    };
    const auto referred = [&](Kind kind, const char *definition) {
        SnapshotBuilder database = with_key("p", "PRIMARY KEY (a)");
        database.schema("rep");
        database.add(kind, "r ON rep.k", "rep", "r")
            .set("type", "f")
            .set("definition", definition)
            .needs(Kind::constraint, "t_pkey ON public.t");
        return database;
    };
    const SnapshotBuilder foreign_key = referred(Kind::constraint, "FOREIGN KEY (i) REFERENCES public.t(a)");
    EXPECT_THAT(confined(with_key("p", "PRIMARY KEY (a, b)"), foreign_key).conflicts,
                ElementsAre("constraint r ON rep.k depends on constraint t_pkey ON public.t"));
    EXPECT_THAT(confined(with_key("u", "UNIQUE (a) INCLUDE (b)"), foreign_key).conflicts, IsEmpty());
    SnapshotBuilder with_another = with_key("p", "PRIMARY KEY (a, b)");
    with_another.index("t", "t_a", "btree (a DESC)").set("unique");
    EXPECT_THAT(confined(with_another, foreign_key).conflicts, IsEmpty());
    SnapshotBuilder partial = with_key("p", "PRIMARY KEY (a, b)");
    partial.index("t", "t_a", "btree (a) WHERE (b > 0)").set("unique");
    EXPECT_EQ(confined(partial, foreign_key).conflicts.size(), 1U);
    const SnapshotBuilder view = referred(Kind::view, " SELECT t.a, t.b\n   FROM public.t\n  GROUP BY t.a;");
    EXPECT_THAT(confined(with_key("p", "PRIMARY KEY (a, b)"), view).conflicts,
                ElementsAre("view r ON rep.k depends on constraint t_pkey ON public.t"));
    EXPECT_EQ(confined(with_key("u", "UNIQUE (a)"), view).conflicts.size(), 1U);
    const SnapshotBuilder rule = referred(
        Kind::rule, "DO INSTEAD INSERT INTO public.t VALUES (1, 2) ON CONFLICT ON CONSTRAINT t_pkey DO NOTHING");
    EXPECT_THAT(confined(with_key("p", "PRIMARY KEY (a, b)"), rule).conflicts, IsEmpty());
}

TEST(Scope, what_the_model_needs_outside_and_the_database_lacks_is_noted)
{
    SnapshotBuilder model = table("integer");
    model.add(Kind::extension, "citext", "", "citext");
    model.column("t", "c", "citext").needs(Kind::extension, "citext");
    EXPECT_THAT(confined(model, table("integer")).model.unknown,
                ElementsAre("extension citext: the database lacks it, and column public.t.c needs it"));
}
