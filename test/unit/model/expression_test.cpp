// SPDX-License-Identifier: PostgreSQL
#include "model/expression.hpp"

#include "model/object.hpp"

#include <gtest/gtest.h>

using namespace pgmigrate::model;

TEST(Expression, white_space_is_one_space_between_tokens)
{
    EXPECT_EQ(canonical("a\n  =  b"), "a = b");
    EXPECT_EQ(canonical(" f(a,b) "), canonical("f(a, b)"));
    EXPECT_EQ(canonical(""), "");
    EXPECT_EQ(canonical(" \n\t "), "");
}

TEST(Expression, a_cast_of_an_array_is_one_of_its_elements)
{
    EXPECT_EQ(
        canonical("((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))"),
        canonical("((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]))"));
    EXPECT_EQ(canonical("(ARRAY[f(a, b), (x || y)])::public.\"T\"(3)[]"),
              canonical("ARRAY[(f(a, b))::public.\"T\"(3), ((x || y))::public.\"T\"(3)]"));
    EXPECT_EQ(canonical("(ARRAY[a])::timestamp(3) without time zone[]"),
              canonical("ARRAY[(a)::timestamp(3) without time zone]"));
}

TEST(Expression, a_cast_of_an_array_of_arrays_is_one_of_the_innermost)
{
    EXPECT_EQ(canonical("(ARRAY[ARRAY[a, b], ARRAY[c, d]])::text[]"),
              canonical("ARRAY[ARRAY[(a)::text, (b)::text], ARRAY[(c)::text, (d)::text]]"));
    EXPECT_EQ(canonical("(ARRAY[((ARRAY[a])::text[])[1]])::text[]"), canonical("ARRAY[((ARRAY[(a)::text])[1])::text]"));
}

TEST(Expression, what_only_looks_like_a_cast_of_an_array_stays)
{
    for (const char *text : {"( ARRAY [ ] ) :: text [ ]", "( ARRAY [ a ] ) :: point", "( ARRAY [ a ] ) || b",
                             "( ARRAY [ a", "( ARRAY", "( ARRAY [ a ] ) :: text", "( ARRAY [ a ] ) :: text = x [ 1 ]"})
        EXPECT_EQ(canonical(text), text);
}

TEST(Expression, constants_and_quoted_names_are_whole)
{
    for (const char *text : {"'(ARRAY[a])::text[]'", "E'it\\'s  (ARRAY[a])::text[]'", "'it''s  a'", "\"a  \"\"b\"",
                             "$x$a  b$x$", "1.5e-3", "a$1", "'open  end"})
        EXPECT_EQ(canonical(text), text);
    EXPECT_NE(canonical("'a  b'"), canonical("'a b'"));
    EXPECT_EQ(canonical("a<=b"), "a <= b");
    EXPECT_EQ(canonical("a.b::text"), "a . b :: text");
}

TEST(Expression, attributes_are_the_same_if_their_canonical_forms_are)
{
    Attributes written;
    Attributes remade;
    written.set("definition", "CHECK ((a = ANY ((ARRAY['a'::character varying])::text[])))");
    remade.set("definition", "CHECK ((a = ANY (ARRAY[('a'::character varying)::text])))");
    EXPECT_TRUE(written.same(remade, "definition"));
    written.set("comment", "a  b");
    remade.set("comment", "a b");
    EXPECT_FALSE(written.same(remade, "comment"));
}
