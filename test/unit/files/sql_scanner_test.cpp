// SPDX-License-Identifier: PostgreSQL
#include "files/sql_scanner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace pgmigrate::files
{

namespace
{

using testing::ElementsAre;
using testing::IsEmpty;

// The scanner after each line: '.' between statements, 's' within one, 't' within a token.
std::string states(const std::string &text)
{
    SqlScanner scanner(text);
    std::string states;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t newline = text.find('\n', start);
        const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
        scanner.read_line(start, end);
        states += scanner.is_in_token() ? 't' : scanner.is_in_statement() ? 's' : '.';
        start = end;
    }
    return states;
}

SqlScanner scanned(const std::string &text)
{
    SqlScanner scanner(text);
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t newline = text.find('\n', start);
        const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
        scanner.read_line(start, end);
        start = end;
    }
    return scanner;
}

TEST(SqlScanner, StatementsAndComments)
{
    EXPECT_EQ(states("-- a\n\nSELECT 1\n, 2;\n-- b\n/* c\n;*/\n;\n"), "..s..t..");
    EXPECT_EQ(states("/* a /* b */\n*/\nSELECT 1 - -1 -- ;\n;"), "t.s.") << "they nest";
    EXPECT_EQ(states("SELECT 1 /* a\n*/;\n"), "t.");
}

TEST(SqlScanner, Literals)
{
    EXPECT_EQ(states("SELECT '\n''\n' || 'a';\n"), "tt.");
    EXPECT_EQ(states("SELECT 'a\\';\n"), ".") << "no escapes";
    EXPECT_EQ(states("SELECT E'a\\'\n';\n"), "t.");
    EXPECT_EQ(states("SELECT E'a'\n'b\\'c';\n"), "s.") << "continued";
    EXPECT_EQ(states("SELECT name'\\';\n"), ".") << "a type and a literal without escapes";
    EXPECT_EQ(states("SELECT \"a'\n\"\"\";\n"), "t.");
}

TEST(SqlScanner, DollarQuotes)
{
    EXPECT_EQ(states("DO $$\n' -- $a$\n$$;\n"), "tt.");
    EXPECT_EQ(states("DO $a$\n$$ $b$ '\n$a$;\n"), "tt.");
    EXPECT_EQ(states("SELECT $1, a$b$c;\n"), ".") << "a parameter, and a word with dollars";
    EXPECT_EQ(states("SELECT $\n1;\n"), "s.");
}

TEST(SqlScanner, EndsThatAlembicWrites)
{
    EXPECT_THAT(scanned("SELECT 1;\n\nSELECT 2;\nSELECT ';\n\n';  \n\r\nSELECT 3;").ends(), ElementsAre(9, 34, 48));
    EXPECT_THAT(scanned("SELECT 1;\nSELECT 2; SELECT 3;\n").ends(), ElementsAre(9, 29)) << "without empty lines";
}

TEST(SqlScanner, HiddenEnds)
{
    EXPECT_EQ(scanned("SELECT 1 -- a;\n\nSELECT 2;\n").hidden_end(), 9);
    EXPECT_EQ(scanned("SELECT 1 -- a;\r\n\r\nSELECT 2;\r\n").hidden_end(), 9);
    EXPECT_EQ(scanned("SELECT 1 -- a;\nSELECT 2;\n").hidden_end(), 9) << "without empty lines";
    EXPECT_EQ(scanned("SELECT 1 -- a;\nFROM t;\n\n").hidden_end(), std::nullopt);
    EXPECT_EQ(scanned("SELECT 1 -- a\n\nFROM t;\n\n").hidden_end(), std::nullopt);
    EXPECT_EQ(scanned("SELECT (1, -- a;\n\n2);\n\n").hidden_end(), std::nullopt) << "no statement ends in there";
    EXPECT_EQ(scanned("SELECT 1; -- a;\n\nSELECT 2;\n").hidden_end(), std::nullopt);
    EXPECT_EQ(scanned("SELECT 1 -- a;\n\n;\n").hidden_end(), std::nullopt) << "nothing is swallowed";
    EXPECT_EQ(scanned("SELECT '-- a;\n\n';\n").hidden_end(), std::nullopt);
    EXPECT_EQ(scanned("SELECT 1 -- a;\n\n").hidden_end(), std::nullopt);
}

TEST(SqlScanner, DoubledBackslashes)
{
    EXPECT_THAT(scanned("SELECT 'a\\\\b\\\\c', '\\', E'\\\\', $$\\\\$$, '\n\\\\';\n").doubled_backslashes(),
                ElementsAre(7, 38));
    EXPECT_THAT(scanned("SELECT 1 -- '\\\\'\n").doubled_backslashes(), IsEmpty());
}

} // namespace

} // namespace pgmigrate::files
