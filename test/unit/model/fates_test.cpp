// SPDX-License-Identifier: PostgreSQL
#include "model/fates.hpp"
#include "unit/model/model_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace pgmigrate::model;
using test::SnapshotBuilder;

namespace
{

// The snapshots have to live as long as the comparison that refers to them.
struct Decided {
    Decided(const SnapshotBuilder &before, const SnapshotBuilder &after)
        : was(before.build()), is(after.build()), fates(decide(was, is, {}))
    {
    }

    Fate of(Kind kind, std::string_view identity) const
    {
        const Object *before = was.find(kind, identity);
        const Object *after = is.find(kind, identity);
        if (before != nullptr && after != nullptr) {
            EXPECT_EQ(fates.comparison.fate_of_was(*before), fates.comparison.fate_of_is(*after)) << identity;
        }
        return before != nullptr ? fates.comparison.fate_of_was(*before) : fates.comparison.fate_of_is(*after);
    }
    bool aside(Kind kind, std::string_view identity) const
    {
        return fates.comparison.aside[was.index_of(*was.find(kind, identity))];
    }

    Snapshot was;
    Snapshot is;
    Fates fates;
};

SnapshotBuilder table_and_view(std::string type, std::vector<std::string> columns)
{
    SnapshotBuilder builder;
    builder.table("t");
    builder.column("t", "id", std::move(type));
    builder.default_of("t", "id", "0");
    builder.index("t", "t_id", "btree (id)").needs(Kind::column, "public.t.id", 'a');
    builder.view("v", "SELECT id FROM t", std::move(columns)).needs(Kind::column, "public.t.id");
    builder.view("w", "SELECT * FROM v", {"id integer"}).needs(Kind::view, "public.v");
    return builder;
}

SnapshotBuilder with_enum(std::vector<std::string> labels)
{
    SnapshotBuilder builder;
    builder.in_public(Kind::enum_type, "mood").list("labels", std::move(labels));
    builder.table("t");
    builder.column("t", "m", "public.mood").needs(Kind::enum_type, "public.mood");
    builder.default_of("t", "m", "'sad'::public.mood").needs(Kind::enum_type, "public.mood");
    builder.function("f", "public.mood", "SELECT 1").needs(Kind::enum_type, "public.mood");
    return builder;
}

SnapshotBuilder partitioned(std::string key)
{
    SnapshotBuilder builder;
    builder.table("t").set("partition_key", std::move(key));
    builder.column("t", "a", "integer");
    builder.table("p")
        .set("partition_of", "public.t")
        .set("partition_bound", "DEFAULT")
        .needs(Kind::table, "public.t", 'a');
    builder.column("p", "a", "integer").set("inherited_only");
    builder.table("other");
    return builder;
}

} // namespace

TEST(Fates, what_is_equal_is_kept)
{
    const Decided decided(table_and_view("integer", {"id integer"}), table_and_view("integer", {"id integer"}));
    for (const Fate each : decided.fates.comparison.fate_was)
        EXPECT_EQ(each, Fate::kept);
    for (const Fate each : decided.fates.comparison.fate_is)
        EXPECT_EQ(each, Fate::kept);
}

TEST(Fates, what_one_side_has_is_dropped_or_made)
{
    SnapshotBuilder was;
    was.table("a");
    SnapshotBuilder is;
    is.table("b");
    is.view("a", "SELECT 1", {});
    const Decided decided(was, is);
    EXPECT_EQ(decided.of(Kind::table, "public.a"), Fate::dropped);
    EXPECT_EQ(decided.of(Kind::table, "public.b"), Fate::made);
    EXPECT_EQ(decided.of(Kind::view, "public.a"), Fate::made);
}

TEST(Fates, a_decoration_is_altered_and_nothing_stands_on_it)
{
    SnapshotBuilder is = table_and_view("integer", {"id integer"});
    SnapshotBuilder was = table_and_view("integer", {"id integer"});
    was.table("u").set("comment", "old");
    is.table("u").set("comment", "new").set("owner", "bob");
    const Decided decided(was, is);
    EXPECT_EQ(decided.of(Kind::table, "public.u"), Fate::altered);
    EXPECT_EQ(decided.of(Kind::view, "public.v"), Fate::kept);
}

TEST(Fates, deparsed_text_that_means_the_same_is_no_change)
{
    SnapshotBuilder was;
    was.table("t");
    was.constraint("t", "c", "c", "CHECK (((s)::text = ANY ((ARRAY['a'::character varying])::text[])))");
    SnapshotBuilder is;
    is.table("t");
    is.constraint("t", "c", "c", "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text])))");
    EXPECT_EQ(Decided(was, is).of(Kind::constraint, "c ON public.t"), Fate::kept);
}

TEST(Fates, a_view_gets_another_column_at_its_end)
{
    const Decided decided(table_and_view("integer", {"id integer"}),
                          table_and_view("integer", {"id integer", "more text"}));
    EXPECT_EQ(decided.of(Kind::view, "public.v"), Fate::altered);
    EXPECT_EQ(decided.of(Kind::view, "public.w"), Fate::kept);
}

TEST(Fates, what_stands_on_something_replaced_is_replaced_though_it_is_equal)
{
    const Decided decided(table_and_view("integer", {"id integer"}), table_and_view("integer", {"other integer"}));
    EXPECT_EQ(decided.of(Kind::view, "public.v"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::view, "public.w"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::table, "public.t"), Fate::kept);
    EXPECT_EQ(decided.of(Kind::column, "public.t.id"), Fate::kept);
}

TEST(Fates, around_another_type_views_and_defaults_are_made_again_and_indexes_stay)
{
    const Decided decided(table_and_view("integer", {"id integer"}), table_and_view("bigint", {"id integer"}));
    EXPECT_EQ(decided.of(Kind::column, "public.t.id"), Fate::altered);
    EXPECT_EQ(decided.of(Kind::default_value, "public.t.id"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::view, "public.v"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::view, "public.w"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::index, "public.t_id"), Fate::kept);
    EXPECT_EQ(decided.of(Kind::table, "public.t"), Fate::kept);
}

TEST(Fates, a_type_with_another_value_is_altered)
{
    const Decided decided(with_enum({"sad"}), with_enum({"sad", "happy"}));
    EXPECT_EQ(decided.of(Kind::enum_type, "public.mood"), Fate::altered);
    EXPECT_EQ(decided.of(Kind::column, "public.t.m"), Fate::kept);
    EXPECT_FALSE(decided.aside(Kind::enum_type, "public.mood"));
}

TEST(Fates, a_type_under_columns_is_set_aside_and_the_columns_keep_their_data)
{
    const Decided decided(with_enum({"sad", "happy"}), with_enum({"sad"}));
    EXPECT_EQ(decided.of(Kind::enum_type, "public.mood"), Fate::replaced);
    EXPECT_TRUE(decided.aside(Kind::enum_type, "public.mood"));
    EXPECT_EQ(decided.of(Kind::column, "public.t.m"), Fate::altered);
    EXPECT_EQ(decided.of(Kind::table, "public.t"), Fate::kept);
    EXPECT_EQ(decided.of(Kind::default_value, "public.t.m"), Fate::replaced);
    EXPECT_EQ(decided.of(Kind::function, "public.f(public.mood)"), Fate::replaced);
}

TEST(Fates, a_type_under_nothing_is_not_set_aside)
{
    SnapshotBuilder was;
    was.in_public(Kind::enum_type, "mood").list("labels", {"sad", "happy"});
    SnapshotBuilder is;
    is.in_public(Kind::enum_type, "mood").list("labels", {"happy", "sad"});
    const Decided decided(was, is);
    EXPECT_EQ(decided.of(Kind::enum_type, "public.mood"), Fate::replaced);
    EXPECT_FALSE(decided.aside(Kind::enum_type, "public.mood"));
}

TEST(Fates, a_table_that_is_partitioned_in_another_way_is_set_aside_with_its_partitions)
{
    const Decided decided(partitioned("RANGE (a)"), partitioned("LIST (a)"));
    EXPECT_EQ(decided.of(Kind::table, "public.t"), Fate::replaced);
    EXPECT_TRUE(decided.aside(Kind::table, "public.t"));
    EXPECT_EQ(decided.of(Kind::table, "public.p"), Fate::replaced);
    EXPECT_TRUE(decided.aside(Kind::table, "public.p"));
    EXPECT_EQ(decided.of(Kind::table, "public.other"), Fate::kept);
}

// Whatever changes, what holds data is never dropped and made again without keeping it.
TEST(Fates, what_holds_data_is_not_replaced_without_being_set_aside)
{
    const std::vector<SnapshotBuilder> all{table_and_view("integer", {"id integer"}),
                                           table_and_view("bigint", {"other integer"}),
                                           with_enum({"sad", "happy"}),
                                           with_enum({"happy"}),
                                           partitioned("RANGE (a)"),
                                           partitioned("LIST (a)")};
    for (const SnapshotBuilder &was : all)
        for (const SnapshotBuilder &is : all) {
            const Decided decided(was, is);
            for (const Object &object : decided.was.objects())
                if (object.kind == Kind::table && decided.fates.comparison.fate_of_was(object) == Fate::replaced) {
                    EXPECT_TRUE(decided.fates.comparison.aside[decided.was.index_of(object)]) << object.identity;
                }
        }
}

TEST(Fates, a_generated_column_can_be_generated_again)
{
    const auto side = [](const char *expression) {
        SnapshotBuilder builder(150000);
        builder.table("t");
        builder.column("t", "g", "integer").set("generated", "STORED").set("expression", expression);
        return builder;
    };
    EXPECT_EQ(Decided(side("a + 1"), side("a + 2")).of(Kind::column, "public.t.g"), Fate::replaced);
    EXPECT_EQ(Decided(side("a + 1"), side("a+1")).of(Kind::column, "public.t.g"), Fate::kept);
}

TEST(Fates, a_constraint_of_another_name_is_the_same_one)
{
    const auto side = [](const char *name, const char *definition) {
        SnapshotBuilder builder;
        builder.table("t");
        builder.constraint("t", name, "c", definition);
        return builder;
    };
    const Decided renamed(side("a", "CHECK ((x > 0))"), side("b", "CHECK ((x>0))"));
    const Object &was = *renamed.was.find(Kind::constraint, "a ON public.t");
    ASSERT_NE(renamed.fates.comparison.is_of(was), nullptr);
    EXPECT_EQ(renamed.fates.comparison.is_of(was)->name, "b");
    EXPECT_EQ(renamed.of(Kind::constraint, "a ON public.t"), Fate::altered);
    EXPECT_EQ(renamed.of(Kind::constraint, "b ON public.t"), Fate::altered);

    const Decided another(side("a", "CHECK ((x > 0))"), side("b", "CHECK ((x > 1))"));
    EXPECT_EQ(another.of(Kind::constraint, "a ON public.t"), Fate::dropped);
    EXPECT_EQ(another.of(Kind::constraint, "b ON public.t"), Fate::made);
}

TEST(Fates, an_inherited_column_emerges_with_the_one_above)
{
    const auto side = [](bool with_column) {
        SnapshotBuilder builder;
        builder.table("above");
        builder.table("below").list("inherits", {"public.above"}).needs(Kind::table, "public.above");
        if (with_column) {
            builder.column("above", "c", "integer");
            builder.column("below", "c", "integer").set("inherited_only");
        }
        return builder;
    };
    const Decided decided(side(false), side(true));
    EXPECT_EQ(decided.of(Kind::column, "public.above.c"), Fate::made);
    EXPECT_EQ(decided.of(Kind::column, "public.below.c"), Fate::emerges);
    const auto &emergence =
        decided.fates.emergences[decided.is.index_of(*decided.is.find(Kind::column, "public.below.c"))];
    ASSERT_TRUE(emergence.has_value());
    EXPECT_EQ(emergence->cause, (Reference{Kind::column, "public.above.c"}));
}
