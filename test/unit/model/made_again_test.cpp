// SPDX-License-Identifier: PostgreSQL
#include "model/made_again.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

const Options by_address{.known_by_address = Kinds(Kind::table, Kind::column)};

SnapshotBuilder table(std::uint32_t address, std::int32_t column, std::string type = "integer")
{
    SnapshotBuilder builder;
    builder.table("t").address(address);
    builder.column("t", "a", "integer").address(address, 1);
    builder.column("t", "b", std::move(type)).address(address, column);
    return builder;
}

SnapshotBuilder partitioned(std::uint32_t address, std::uint32_t partition)
{
    SnapshotBuilder builder;
    builder.table("t").address(address).set("partition_key", "RANGE (a)");
    builder.column("t", "a", "integer").address(address, 1);
    builder.table("p")
        .address(partition)
        .set("partition_of", "public.t")
        .set("bound", "DEFAULT")
        .needs(Kind::table, "public.t", 'a');
    builder.column("p", "a", "integer").address(partition, 1).set("inherited_only");
    return builder;
}

} // namespace

TEST(MadeAgain, a_column_is_another_one)
{
    const Plan plan = test::plan_of(table(1, 3, "text"), table(1, 2), by_address);
    EXPECT_THAT(test::sql_of(plan),
                ElementsAre("ALTER TABLE public.t DROP COLUMN b", "ALTER TABLE public.t ADD COLUMN b integer"));
    EXPECT_EQ(plan.statements.front().destroys, "the values of public.t.b");
    // As well where it looks the same.
    EXPECT_THAT(test::sql_of(table(1, 3), table(1, 2), by_address),
                ElementsAre("ALTER TABLE public.t DROP COLUMN b", "ALTER TABLE public.t ADD COLUMN b integer"));
}

TEST(MadeAgain, a_table_is_another_one)
{
    const Plan plan = test::plan_of(table(2, 2), table(1, 2), by_address);
    EXPECT_THAT(test::sql_of(plan),
                ElementsAre("DROP TABLE public.t", "CREATE TABLE public.t (\n    a integer,\n    b integer\n)"));
    EXPECT_EQ(plan.statements.front().destroys, "all rows of public.t");
}

TEST(MadeAgain, addresses_of_two_databases_say_nothing)
{
    EXPECT_THAT(test::sql_of(table(2, 2), table(1, 2)), IsEmpty());
    EXPECT_THAT(test::sql_of(table(1, 3), table(1, 2)), IsEmpty());
}

TEST(MadeAgain, what_is_generated_is_generated_again)
{
    SnapshotBuilder was;
    was.table("t").address(1);
    was.column("t", "b", "integer").address(1, 3).set("generated", "STORED").set("expression", "1");
    SnapshotBuilder is;
    is.table("t").address(1);
    is.column("t", "b", "integer").address(1, 2).set("generated", "STORED").set("expression", "1");
    EXPECT_THAT(test::sql_of(was, is, by_address), IsEmpty());
}

TEST(MadeAgain, a_partitioned_table_goes_with_its_partitions_unless_one_of_them_stays)
{
    const Plan plan = test::plan_of(partitioned(3, 4), partitioned(1, 2), by_address);
    EXPECT_EQ(plan.statements.front().sql, "DROP TABLE public.t");
    EXPECT_EQ(plan.statements.front().destroys, "all rows of public.t");
    EXPECT_THAT(test::sql_of(partitioned(3, 2), partitioned(1, 2), by_address), IsEmpty());
}

TEST(MadeAgain, a_serial_sequence_goes_with_its_column)
{
    const auto serial = [](std::int32_t column) {
        SnapshotBuilder builder;
        builder.table("t").address(1);
        builder.column("t", "a", "integer").address(1, column);
        builder.in_public(Kind::sequence, "s").set("owned_by", "public.t.a").needs(Kind::column, "public.t.a", 'a');
        builder.default_of("t", "a", "nextval('public.s'::regclass)").needs(Kind::sequence, "public.s");
        return builder;
    };
    EXPECT_THAT(test::sql_of(serial(2), serial(1), by_address),
                ElementsAre("ALTER TABLE public.t DROP COLUMN a", "CREATE SEQUENCE public.s",
                            "ALTER TABLE public.t ADD COLUMN a integer DEFAULT nextval('public.s'::regclass)",
                            "ALTER SEQUENCE public.s OWNED BY public.t.a"));
}

TEST(MadeAgain, keys_to_rows_that_are_gone_are_not_valid_if_need_be)
{
    const auto with_key = [](std::uint32_t address) {
        SnapshotBuilder builder = table(address, 2);
        builder.column("t", "id", "integer").address(address, 3);
        builder.table("r").address(9);
        builder.column("r", "t_id", "integer").address(9, 1);
        builder.foreign_key("r", "t");
        return builder;
    };
    Options options = by_address;
    options.restores = true;
    const std::vector<std::string> sql = test::sql_of(with_key(2), with_key(1), options);
    ASSERT_EQ(sql.size(), 5U);
    EXPECT_EQ(sql[3], "ALTER TABLE public.r ADD CONSTRAINT r_t_fkey FOREIGN KEY (t_id) REFERENCES public.t(id) "
                      "NOT VALID");
}

TEST(MadeAgain, they_are_named)
{
    EXPECT_THAT(names_made_again(table(1, 3).build(), table(1, 2).build(), by_address.known_by_address),
                ElementsAre("column public.t.b"));
    // Columns go with the table.
    EXPECT_THAT(names_made_again(table(2, 3).build(), table(1, 2).build(), by_address.known_by_address),
                ElementsAre("table public.t"));
    EXPECT_THAT(names_made_again(table(2, 3).build(), table(1, 2).build(), Kinds(Kind::column)), IsEmpty());
}
