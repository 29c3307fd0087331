// SPDX-License-Identifier: PostgreSQL

// NOT NULL as a constraint, which it is from 18 on.

#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::Described;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

constexpr std::int32_t version_18 = 180000;
const SnapshotBuilder nothing(version_18);

template <class Describe>
SnapshotBuilder with_column(Describe describe)
{
    SnapshotBuilder builder(version_18);
    builder.table("t");
    describe(builder.column("t", "c", "integer"));
    return builder;
}

SnapshotBuilder nullable()
{
    return with_column([](Described &) {});
}

SnapshotBuilder with_not_null(std::initializer_list<std::pair<const char *, const char *>> attributes = {})
{
    return with_column([&](Described &column) {
        column.set("not_null");
        for (const auto &[name, value] : attributes)
            column.set(name, value);
    });
}

// Two tables, the second below the first.
template <class Above, class Below>
SnapshotBuilder inheriting(Above describe_above, Below describe_below)
{
    SnapshotBuilder builder(version_18);
    builder.table("p");
    describe_above(builder.column("p", "c", "integer"));
    builder.table("q").list("inherits", {"public.p"}).needs(Kind::table, "public.p");
    describe_below(
        builder.column("q", "c", "integer").set("inherited_only").needs(Kind::column, "public.p.c", inherited_need));
    return builder;
}

TEST(NotNull, IsMadeWithWhatItIs)
{
    EXPECT_THAT(sql_of(nothing, with_not_null()), ElementsAre("CREATE TABLE public.t (\n    c integer NOT NULL\n)"));
    EXPECT_THAT(sql_of(nothing, with_not_null({{"not_null_name", "n"}, {"not_null_no_inherit", "true"}})),
                ElementsAre("CREATE TABLE public.t (\n    c integer CONSTRAINT n NOT NULL NO INHERIT\n)"));
    EXPECT_THAT(sql_of(nothing, with_not_null({{"not_null_not_valid", "true"}, {"not_null_comment", "it's"}})),
                ElementsAre("CREATE TABLE public.t (\n    c integer\n)",
                            "ALTER TABLE public.t ADD CONSTRAINT t_c_not_null NOT NULL c NOT VALID",
                            "COMMENT ON CONSTRAINT t_c_not_null ON public.t IS 'it''s'"));
}

TEST(NotNull, IsAddedAndDropped)
{
    EXPECT_THAT(sql_of(nullable(), with_not_null()), ElementsAre("ALTER TABLE public.t ALTER COLUMN c SET NOT NULL"));
    EXPECT_THAT(sql_of(with_not_null(), nullable()), ElementsAre("ALTER TABLE public.t ALTER COLUMN c DROP NOT NULL"));
    EXPECT_THAT(sql_of(nullable(), with_not_null({{"not_null_name", "n"}})),
                ElementsAre("ALTER TABLE public.t ADD CONSTRAINT n NOT NULL c"));
    EXPECT_THAT(sql_of(nullable(), with_not_null(), {.online = true}),
                ElementsAre("ALTER TABLE public.t ADD CONSTRAINT t_c_not_null NOT NULL c NOT VALID",
                            "ALTER TABLE public.t VALIDATE CONSTRAINT t_c_not_null"));
}

TEST(NotNull, IsAltered)
{
    EXPECT_THAT(sql_of(with_not_null(), with_not_null({{"not_null_name", "n"}})),
                ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT t_c_not_null TO n"));
    EXPECT_THAT(sql_of(with_not_null(), with_not_null({{"not_null_no_inherit", "true"}})),
                ElementsAre("ALTER TABLE public.t ALTER CONSTRAINT t_c_not_null NO INHERIT"));
    EXPECT_THAT(sql_of(with_not_null({{"not_null_no_inherit", "true"}}), with_not_null()),
                ElementsAre("ALTER TABLE public.t ALTER CONSTRAINT t_c_not_null INHERIT"));
    EXPECT_THAT(sql_of(with_not_null({{"not_null_not_valid", "true"}}), with_not_null()),
                ElementsAre("ALTER TABLE public.t VALIDATE CONSTRAINT t_c_not_null"));
    EXPECT_THAT(sql_of(with_not_null(), with_not_null({{"not_null_not_valid", "true"}})),
                ElementsAre("ALTER TABLE public.t ALTER COLUMN c DROP NOT NULL",
                            "ALTER TABLE public.t ADD CONSTRAINT t_c_not_null NOT NULL c NOT VALID"));
    EXPECT_THAT(sql_of(with_not_null({{"not_null_comment", "x"}}), with_not_null()),
                ElementsAre("COMMENT ON CONSTRAINT t_c_not_null ON public.t IS NULL"));
}

TEST(NotNull, HasItsDefaultNameWhereThatIsTaken)
{
    SnapshotBuilder was = nullable();
    was.table("other");
    was.column("other", "c", "integer").set("not_null").set("not_null_name", "t_c_not_null");
    SnapshotBuilder is = with_not_null();
    is.table("other");
    is.column("other", "c", "integer").set("not_null").set("not_null_name", "t_c_not_null");
    EXPECT_THAT(sql_of(was, is), ElementsAre("ALTER TABLE public.t ADD CONSTRAINT t_c_not_null NOT NULL c"));
}

TEST(NotNull, IsInheritedOnce)
{
    const auto none = inheriting([](Described &) {}, [](Described &) {});
    const auto inherited = inheriting(
        [](Described &c) { c.set("not_null"); },
        [](Described &c) { c.set("not_null").set("not_null_from_above").set("not_null_inherited", "p_c_not_null"); });
    const auto own = inheriting([](Described &) {}, [](Described &c) { c.set("not_null"); });
    EXPECT_THAT(sql_of(none, inherited), ElementsAre("ALTER TABLE public.p ALTER COLUMN c SET NOT NULL"));
    EXPECT_THAT(sql_of(inherited, none), ElementsAre("ALTER TABLE public.p ALTER COLUMN c DROP NOT NULL"));
    EXPECT_THAT(sql_of(inherited, own),
                ElementsAre("ALTER TABLE ONLY public.q ALTER COLUMN c SET NOT NULL",
                            "ALTER TABLE public.p ALTER COLUMN c DROP NOT NULL",
                            "ALTER TABLE public.q RENAME CONSTRAINT p_c_not_null TO q_c_not_null"));
    EXPECT_THAT(sql_of(nothing, inherited), ElementsAre("CREATE TABLE public.p (\n    c integer NOT NULL\n)",
                                                        "CREATE TABLE public.q ()\nINHERITS (public.p)"));
}

TEST(NotNull, StaysBelowOneThatIsNoLongerInherited)
{
    const auto inherited = inheriting(
        [](Described &c) { c.set("not_null"); },
        [](Described &c) { c.set("not_null").set("not_null_from_above").set("not_null_inherited", "p_c_not_null"); });
    const auto not_below =
        inheriting([](Described &c) { c.set("not_null").set("not_null_no_inherit"); }, [](Described &) {});
    EXPECT_THAT(sql_of(inherited, not_below),
                ElementsAre("ALTER TABLE public.p ALTER CONSTRAINT p_c_not_null NO INHERIT",
                            "ALTER TABLE public.q ALTER COLUMN c DROP NOT NULL"));
    EXPECT_THAT(sql_of(not_below, inherited),
                ElementsAre("ALTER TABLE public.p ALTER CONSTRAINT p_c_not_null INHERIT"));
}

TEST(NotNull, CannotBeRenamedBelowOthers)
{
    const auto named = [](const char *above, const char *below) {
        return inheriting(
            [&](Described &c) { c.set("not_null").set("not_null_name", above); },
            [&](Described &c) {
                c.set("not_null").set("not_null_from_above").set("not_null_inherited", below).set("not_null_local");
            });
    };
    EXPECT_THAT(sql_of(named("a", "a"), named("b", "b")), ElementsAre("ALTER TABLE public.p RENAME CONSTRAINT a TO b"));
    EXPECT_THAT(plan_of(named("a", "a"), named("b", "b")).notes, IsEmpty());
    EXPECT_THAT(sql_of(named("a", "own"), named("b", "own")), IsEmpty());
    EXPECT_THAT(plan_of(named("a", "own"), named("b", "own")).notes,
                ElementsAre("constraint a ON public.p cannot be renamed to b, because tables that inherit it have it "
                            "under other names"));
    EXPECT_THAT(plan_of(named("a", "own"), named("a", "other")).notes,
                ElementsAre("constraint own ON public.q is inherited under another name than in the model, which "
                            "ALTER TABLE cannot change"));
    EXPECT_THAT(plan_of(named("a", "own"), named("a", "other")).differences, IsEmpty());
}

TEST(NotNull, OfAForeignTable)
{
    const auto with = [](bool below) {
        SnapshotBuilder builder(version_18);
        builder.in_public(Kind::foreign_table, "t").set("server", "s");
        builder.column("t", "c", "integer", Kind::foreign_table)
            .set("not_null")
            .set("not_null_name", below ? "n" : "m");
        return builder;
    };
    EXPECT_THAT(sql_of(with(true), with(false)), ElementsAre("ALTER TABLE public.t RENAME CONSTRAINT n TO m"));
}

TEST(VirtualColumn, LosesItsValuesWhereItBecomesAnOrdinaryOne)
{
    const auto virtual_column = with_column([](Described &c) { c.set("generated", "VIRTUAL").set("expression", "1"); });
    const Plan plan = plan_of(virtual_column, nullable());
    EXPECT_THAT(sql_of(virtual_column, nullable()),
                ElementsAre("ALTER TABLE public.t DROP COLUMN c", "ALTER TABLE public.t ADD COLUMN c integer"));
    ASSERT_EQ(plan.statements.size(), 2U);
    EXPECT_EQ(plan.statements.front().destroys, "the values of public.t.c");
}

} // namespace
