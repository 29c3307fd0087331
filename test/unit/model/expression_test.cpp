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

TEST(Expression, a_result_that_has_the_name_of_its_type_needs_not_say_so)
{
    EXPECT_EQ(canonical("SELECT 'x'::text AS text"), canonical("SELECT 'x'::text"));
    EXPECT_EQ(canonical("SELECT '-1'::integer AS int4, NULL::timestamp(3) with time zone AS timestamptz;"),
              canonical("SELECT '-1'::integer, NULL::timestamp(3) with time zone;"));
    EXPECT_EQ(canonical("SELECT '{}'::double precision[] AS float8, 'a'::character varying(3) AS \"varchar\""),
              canonical("SELECT '{}'::double precision[], 'a'::character varying(3)"));
    EXPECT_EQ(canonical("SELECT '1 day'::interval AS \"interval\", '1'::numeric(4,2) AS \"numeric\""),
              canonical("SELECT '1 day'::interval, '1'::numeric(4,2)"));
    EXPECT_EQ(canonical("SELECT (a + 1)::public.\"T\" AS \"T\" FROM t"),
              canonical("SELECT (a + 1)::public.\"T\" FROM t"));
    for (const char *text : {"SELECT 'x' :: text AS other", "SELECT 'x' :: integer AS integer", "x :: a . b AS a",
                             "SELECT 'x' :: text AS", "x ::", "x :: text [ 1 ]"})
        EXPECT_EQ(canonical(text), text);
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

TEST(Expression, a_status_in_a_list_is_the_same_however_the_server_has_written_it)
{
    // As stored over varchar, and as made again from that text.
    EXPECT_EQ(
        canonical(
            "CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'it''s'::character varying])::text[])))"),
        canonical("CHECK (((status)::text = ANY (ARRAY[('new'::character varying)::text, ('it''s'::character "
                  "varying)::text])))"));
    EXPECT_NE(canonical("(s = ANY ((ARRAY['a'::character varying])::text[]))"),
              canonical("(s = ANY ((ARRAY['b'::character varying])::text[]))"));
    EXPECT_NE(canonical("(ARRAY[a])::text[]"), canonical("(ARRAY[a])::character varying[]"));
}

TEST(Expression, parentheses_are_a_difference)
{
    EXPECT_NE(canonical("(a + b) * c"), canonical("a + (b * c)"));
    EXPECT_NE(canonical("(a)::text"), canonical("a::text"));
}

TEST(Expression, names_are_compared_as_written)
{
    EXPECT_NE(canonical("\"A\""), canonical("a"));
    EXPECT_NE(canonical("a"), canonical("A"));
    EXPECT_EQ(canonical("\"a b\".c"), "\"a b\" . c");
}

// So deep that neither the stack nor the time may depend on it.
TEST(Expression, a_text_of_any_depth_has_a_form)
{
    constexpr int depth = 20000;
    std::string casts;
    std::string arrays;
    std::string open;
    for (int i = 0; i < depth; ++i) {
        casts += "(ARRAY[";
        arrays += "ARRAY[";
        open += "(ARRAY[";
    }
    casts += "a";
    arrays = "(" + arrays + "a";
    for (int i = 0; i < depth; ++i) {
        casts += "])::text[]";
        arrays += "]";
    }
    arrays += ")::text[]";
    for (const std::string &text : {casts, arrays, open})
        EXPECT_FALSE(canonical(text).empty());
    EXPECT_EQ(canonical(casts), canonical(casts + " "));
    EXPECT_NE(canonical(casts), canonical(casts + "x"));
}

TEST(Expression, a_parenthesis_is_closed_where_it_is_closed)
{
    const std::string_view sql = "btree (f(a, ')'), \")\") INCLUDE (b)";
    EXPECT_EQ(closing_parenthesis(sql, 6), 21U);
    EXPECT_EQ(sql[21], ')');
    EXPECT_EQ(closing_parenthesis("(a", 0), std::string_view::npos);
    EXPECT_EQ(closing_parenthesis("a)", 0), std::string_view::npos);
    EXPECT_EQ(closing_parenthesis("", 0), std::string_view::npos);
    EXPECT_EQ(closing_parenthesis("()", std::string_view::npos), std::string_view::npos);
}

TEST(Attributes, a_set_has_no_order_and_a_list_has_one)
{
    Attributes a;
    Attributes b;
    a.set_list("options", {"x=1", "y=2"});
    b.set_list("options", {"y=2", "x=1"});
    EXPECT_TRUE(a.same(b, "options"));
    b.set_list("options", {"y=2", "x=2"});
    EXPECT_FALSE(a.same(b, "options"));
    b.set_list("options", {"x=1"});
    EXPECT_FALSE(a.same(b, "options"));
    a.set_list("labels", {"x", "y"});
    b.set_list("labels", {"y", "x"});
    EXPECT_FALSE(a.same(b, "labels"));
}

TEST(Attributes, what_one_has_and_the_other_has_not_is_a_difference)
{
    Attributes a;
    Attributes b;
    EXPECT_TRUE(a.same(b, "comment"));
    a.set("comment", "");
    EXPECT_FALSE(a.same(b, "comment"));
    EXPECT_FALSE(b.same(a, "comment"));
    b.set("comment", "");
    EXPECT_TRUE(a.same(b, "comment"));
}

TEST(Attributes, deparsed_lists_are_compared_by_their_forms)
{
    Attributes a;
    Attributes b;
    a.set_list("expression", {"a+b", "c"});
    b.set_list("expression", {"a + b", "c"});
    EXPECT_TRUE(a.same(b, "expression"));
    b.set_list("expression", {"a + b"});
    EXPECT_FALSE(a.same(b, "expression"));
}

TEST(Attributes, are_in_the_order_of_their_names_and_once)
{
    Attributes attributes;
    attributes.set("b", "1");
    attributes.set("a", "2");
    attributes.set("b", "3");
    attributes.set_list("b", {"x"});
    std::string all;
    for (const Attribute &each : attributes)
        all.append(each.name).append("=").append(each.text).append(" ");
    EXPECT_EQ(all, "a=2 b=3 ");
    EXPECT_EQ(attributes.list("b").size(), 1U);
    attributes.erase("b");
    EXPECT_FALSE(attributes.has("b"));
    EXPECT_EQ(attributes.text("b"), "");
    EXPECT_EQ(attributes.size(), 1U);
}

TEST(Expression, casts_that_only_one_has_of_names_and_literals_are_passed_over)
{
    EXPECT_TRUE(same_but_for_casts("btree (lower((name)::text))", "btree (lower(name))"));
    EXPECT_TRUE(same_but_for_casts("btree (a) WHERE ((s)::text = 'x'::text)", "btree (a) WHERE (s = 'x'::text)"));
    EXPECT_TRUE(same_but_for_casts("(d > (c)::numeric(10,2))", "(d > c)"));
    EXPECT_TRUE(same_but_for_casts("((\"C d\")::character varying(3)[] = x)", "(\"C d\" = x)"));
    EXPECT_TRUE(same_but_for_casts("(s = 'x')", "(s = 'x'::text)"));
}

TEST(Expression, what_differs_in_more_than_casts_is_not_the_same)
{
    EXPECT_FALSE(same_but_for_casts("((a + b) * c)", "(a + (b * c))"));
    EXPECT_FALSE(same_but_for_casts("((c)::bigint)", "((c)::integer)"));
    EXPECT_FALSE(same_but_for_casts("(d > '2020-01-01'::date)", "(d > '2020-01-01'::timestamp without time zone)"));
    EXPECT_FALSE(same_but_for_casts("(s = 'x::text')", "(s = 'x')"));
    EXPECT_FALSE(same_but_for_casts("(a = (b)::text)", "(a = c)"));
    EXPECT_FALSE(same_but_for_casts("(a)", "(a) WHERE b"));
    EXPECT_FALSE(same_but_for_casts("((a || b)::text)", "(a || b)"));
}
