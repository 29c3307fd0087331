// SPDX-License-Identifier: PostgreSQL
#include "model/text.hpp"

#include <gtest/gtest.h>

#include <array>

using namespace pgmigrate::model;

TEST(Text, pieces_are_put_together)
{
    EXPECT_EQ(cat("a", std::string("b"), std::string_view("c")), "abc");
    EXPECT_EQ(cat(), "");
    const std::array<std::string, 3> parts{"a", "b", "c"};
    EXPECT_EQ(join(parts, ", "), "a, b, c");
    EXPECT_EQ(join(std::span(parts).first(1), ", "), "a");
    EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, an_empty_first_part_is_a_part)
{
    const std::array<std::string, 2> parts{"", "b"};
    EXPECT_EQ(join(parts, ", "), ", b");
}

TEST(Text, literals_are_right_with_and_without_standard_conforming_strings)
{
    EXPECT_EQ(literal(""), "''");
    EXPECT_EQ(literal("it's"), "'it''s'");
    EXPECT_EQ(literal("a\\b"), "E'a\\\\b'");
    EXPECT_EQ(literal("\\'"), "E'\\\\'''");
    EXPECT_EQ(literal("a\nb"), "'a\nb'");
}

TEST(Text, the_tag_of_a_dollar_quoted_text_does_not_occur_in_it)
{
    EXPECT_EQ(dollar_quoted("select 1"), "$$select 1$$");
    EXPECT_EQ(dollar_quoted(""), "$$$$");
    EXPECT_EQ(dollar_quoted("a $$ b"), "$_$a $$ b$_$");
    EXPECT_EQ(dollar_quoted("a $$ b $_$ c"), "$_1$a $$ b $_$ c$_1$");
}

// Read from the left as the server does, the closing quote is the first place where the tag stands.
TEST(Text, a_dollar_quoted_text_ends_where_its_tag_stands_first)
{
    for (const std::string text :
         {"cost: 5$", "$", "a$$", "a $$ b$", "a$_", "$_$ $$ a$_", "a $$ $_1", "$_$ $_1$ $$ x$_2"}) {
        const std::string quoted = dollar_quoted(text);
        const std::string tag = quoted.substr(0, quoted.find('$', 1) + 1);
        EXPECT_EQ(quoted.find(tag, tag.size()), tag.size() + text.size()) << quoted;
        EXPECT_EQ(quoted.substr(tag.size()), text + tag);
    }
}

TEST(Text, names_are_taken_out_of_their_quotes)
{
    EXPECT_EQ(unquoted("a"), "a");
    EXPECT_EQ(unquoted("\"A b\""), "A b");
    EXPECT_EQ(unquoted("\"a\"\"b\""), "a\"b");
    EXPECT_EQ(unquoted("\"\"\"\""), "\"");
    EXPECT_EQ(unquoted(""), "");
    EXPECT_EQ(unquoted("\""), "");
}

TEST(Text, a_suffix_stays_inside_of_the_quotes)
{
    EXPECT_EQ(with_suffix("a", "_new"), "a_new");
    EXPECT_EQ(with_suffix("\"A b\"", "_new"), "\"A b_new\"");
    EXPECT_EQ(with_suffix("\"a\"\"b\"", "_new"), "\"a\"\"b_new\"");
}

TEST(Text, a_name_with_a_suffix_is_no_longer_than_the_server_keeps)
{
    EXPECT_EQ(with_suffix(std::string(63, 'a'), "_new"), std::string(59, 'a') + "_new");
    EXPECT_EQ(with_suffix(std::string(59, 'a'), "_new"), std::string(59, 'a') + "_new");
    // Quotes are no bytes of the name.
    EXPECT_EQ(with_suffix("\"" + std::string(58, 'a') + "\"\"\"", "_new"), "\"" + std::string(58, 'a') + "\"\"_new\"");
}

TEST(Text, a_name_is_not_cut_within_a_character)
{
    const std::string euro = "\xe2\x82\xac";
    std::string name;
    for (int i = 0; i < 21; ++i)
        name += euro; // 63 bytes
    // Of the 59 bytes that are left, 57 are whole characters.
    EXPECT_EQ(with_suffix(cat("\"", name, "\""), "_new"), cat("\"", name.substr(0, 57), "_new\""));
}

TEST(Text, a_suffix_may_be_a_name_itself)
{
    EXPECT_EQ(with_suffix("a", "_A b"), "\"a_A b\"");
    EXPECT_EQ(with_suffix("a", "_\""), "\"a_\"\"\"");
    EXPECT_EQ(with_suffix("a", std::string(70, 'b')), std::string(63, 'b'));
}

TEST(Text, a_name_at_the_beginning_has_an_end)
{
    EXPECT_EQ(length_of_name("a integer"), 1U);
    EXPECT_EQ(length_of_name("abc"), 3U);
    EXPECT_EQ(length_of_name("\"a b\" integer"), 5U);
    EXPECT_EQ(length_of_name("\"a\"\" b\" integer"), 7U);
    EXPECT_EQ(length_of_name("\"open"), 5U);
    EXPECT_EQ(length_of_name("\"open\"\""), 7U);
    EXPECT_EQ(length_of_name(""), 0U);
}
