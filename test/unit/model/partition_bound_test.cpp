// SPDX-License-Identifier: PostgreSQL
// Partitions that take the same rows when the key above them gets another type.
#include "model/column.hpp"
#include "model/partition_bound.hpp"

#include <gtest/gtest.h>

using namespace pgmigrate::model;

namespace
{

TEST(PartitionBound, the_same_value_is_written_in_several_ways)
{
    const auto same = [](const char *one, const char *other, BoundOf of = {}) {
        return comparable_bound(one, of) == comparable_bound(other, of);
    };
    constexpr BoundOf days{.numbers = false, .days = true};
    constexpr BoundOf numbers{.numbers = true, .days = false};
    EXPECT_TRUE(same("FOR VALUES IN ('1', '-2', NULL)", "FOR VALUES IN (1, -2, NULL)"));
    EXPECT_FALSE(same("FOR VALUES IN ('a', 'b')", "FOR VALUES IN ('a, b')"));
    EXPECT_FALSE(same("FOR VALUES IN ('it''s', '1')", "FOR VALUES IN ('it', 's')"));
    constexpr const char *day = "FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)";
    EXPECT_TRUE(same("FOR VALUES FROM ('2020-01-01 00:00:00') TO (MAXVALUE)", day, days));
    EXPECT_FALSE(same("FOR VALUES FROM ('2020-01-01 00:00:00') TO (MAXVALUE)", day));
    EXPECT_FALSE(same("FOR VALUES FROM ('2020-01-01 10:00:00') TO (MAXVALUE)", day, days));
    EXPECT_TRUE(same("FOR VALUES IN ('1.00', '2')", "FOR VALUES IN ('1.0', '2')", numbers));
    EXPECT_TRUE(same("FOR VALUES FROM (1.00) TO (2.50)", "FOR VALUES FROM (1) TO ('2.5')", numbers));
    EXPECT_FALSE(same("FOR VALUES IN ('1.00')", "FOR VALUES IN ('1.0')"));
    EXPECT_FALSE(same("FOR VALUES IN ('10')", "FOR VALUES IN ('1')", numbers));
    EXPECT_EQ(comparable_bound("FOR VALUES IN ('cut", {}), "FOR VALUES IN ('cut");
    EXPECT_EQ(comparable_bound("FOR VALUES IN ('", {}), "FOR VALUES IN ('");
}

TEST(PartitionBound, types_keep_what_the_key_is_for)
{
    for (const Sameness what : {Sameness::equality, Sameness::hash, Sameness::order}) {
        EXPECT_TRUE(keeps(what, "integer", "bigint"));
        EXPECT_TRUE(keeps(what, "bigint", "smallint"));
        EXPECT_TRUE(keeps(what, "character varying(20)", "text"));
        EXPECT_TRUE(keeps(what, "character varying(20)", "character varying(30)"));
        EXPECT_FALSE(keeps(what, "text", "character varying(20)"));
        EXPECT_TRUE(keeps(what, "numeric(10,2)", "numeric(12,3)"));
        EXPECT_FALSE(keeps(what, "numeric(12,3)", "numeric(10,2)"));
        EXPECT_FALSE(keeps(what, "numeric", "integer"));
        EXPECT_FALSE(keeps(what, "integer", "numeric(10,-2)"));
        EXPECT_FALSE(keeps(what, "integer", "text"));
        EXPECT_FALSE(keeps(what, "double precision", "real"));
        EXPECT_FALSE(keeps(what, "timestamp with time zone", "timestamp without time zone"));
        EXPECT_EQ(keeps(what, "integer", "numeric"), what != Sameness::hash);
        EXPECT_EQ(keeps(what, "date", "timestamp without time zone"), what != Sameness::hash);
        EXPECT_EQ(keeps(what, "timestamp without time zone", "date"), what == Sameness::order);
    }
    EXPECT_TRUE(takes_whole_text("text", "character varying(10)", 9));
    EXPECT_FALSE(takes_whole_text("text", "character varying(10)", 10));
    EXPECT_FALSE(takes_whole_text("text", "character(10)", 5));
    EXPECT_TRUE(has_one_spelling("character varying(10)"));
    EXPECT_FALSE(has_one_spelling("numeric"));
    EXPECT_FALSE(has_one_spelling("interval"));
}

TEST(PartitionBound, the_types_of_a_key_have_collations)
{
    EXPECT_EQ(key_type("text COLLATE \"C\"").type, "text");
    EXPECT_EQ(key_type("text COLLATE \"C\"").collation, "\"C\"");
    EXPECT_EQ(key_type("integer COLLATE -").collation, "-");
    EXPECT_EQ(key_type("integer").type, "integer");
}

} // namespace
