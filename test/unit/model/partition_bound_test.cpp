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
    EXPECT_EQ(comparable_bound("FOR VALUES IN ('1', '-2', NULL)"), comparable_bound("FOR VALUES IN (1, -2, NULL)"));
    EXPECT_EQ(comparable_bound("FOR VALUES FROM ('2020-01-01 00:00:00') TO (MAXVALUE)"),
              comparable_bound("FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)"));
    EXPECT_NE(comparable_bound("FOR VALUES IN ('a', 'b')"), comparable_bound("FOR VALUES IN ('a, b')"));
    EXPECT_NE(comparable_bound("FOR VALUES IN ('it''s', '1')"), comparable_bound("FOR VALUES IN ('it', 's')"));
    EXPECT_NE(comparable_bound("FOR VALUES FROM ('2020-01-01 10:00:00') TO (MAXVALUE)"),
              comparable_bound("FOR VALUES FROM ('2020-01-01') TO (MAXVALUE)"));
    EXPECT_EQ(comparable_bound("FOR VALUES IN ('cut"), "FOR VALUES IN ('cut");
}

TEST(PartitionBound, types_keep_what_the_key_is_for)
{
    const auto holds = [](Sameness what, const char *was, const char *is) { return keeps(what, was, is); };
    for (const Sameness what : {Sameness::equality, Sameness::hash, Sameness::order}) {
        EXPECT_TRUE(holds(what, "integer", "bigint"));
        EXPECT_TRUE(holds(what, "bigint", "smallint"));
        EXPECT_TRUE(holds(what, "character varying(20)", "text"));
        EXPECT_TRUE(holds(what, "numeric(10,2)", "numeric(12,3)"));
        EXPECT_FALSE(holds(what, "numeric(12,3)", "numeric(10,2)"));
        EXPECT_FALSE(holds(what, "numeric", "integer"));
        EXPECT_EQ(holds(what, "integer", "numeric(10,-2)"), what == Sameness::equality);
        EXPECT_FALSE(holds(what, "double precision", "real"));
        EXPECT_FALSE(holds(what, "timestamp with time zone", "timestamp without time zone"));
    }
    EXPECT_TRUE(holds(Sameness::order, "integer", "numeric"));
    EXPECT_FALSE(holds(Sameness::hash, "integer", "numeric"));
    EXPECT_TRUE(holds(Sameness::order, "date", "timestamp without time zone"));
    EXPECT_FALSE(holds(Sameness::hash, "date", "timestamp without time zone"));
    EXPECT_TRUE(holds(Sameness::equality, "integer", "text"));
    EXPECT_FALSE(holds(Sameness::order, "integer", "text"));
}

TEST(PartitionBound, the_types_of_a_key_have_collations)
{
    EXPECT_EQ(key_type("text COLLATE \"C\"").type, "text");
    EXPECT_EQ(key_type("text COLLATE \"C\"").collation, "\"C\"");
    EXPECT_EQ(key_type("integer COLLATE -").collation, "-");
    EXPECT_EQ(key_type("integer").type, "integer");
}

} // namespace
