// SPDX-License-Identifier: PostgreSQL
#include "executor/sql_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace
{

using namespace pgmigrate;
using testing::HasSubstr;
using testing::Not;

class Quoter final : public executor::LiteralQuoter
{
  public:
    std::string literal(const std::string &text) const override { return "'" + text + "'"; }
};

executor::Step one_statement(const std::string &id, const std::string &sql)
{
    executor::Step step;
    step.revision = id;
    step.to = id;
    step.message = "m";
    step.checksum = "0123456789abcdef0123456789abcdef";
    step.script.text = sql;
    executor::Statement statement;
    statement.length = sql.size();
    step.script.statements.push_back(statement);
    return step;
}

std::string render(const std::vector<executor::Step> &steps, const std::optional<std::string> &schema = std::nullopt)
{
    executor::SqlScriptOptions options;
    options.record_function = "public.migrate_record";
    options.schema = schema;
    options.quoted_schema = schema.value_or("");
    return executor::render_sql_script(steps, options, Quoter());
}

TEST(SqlScript, NothingToDoIsAnEmptyScript)
{
    EXPECT_EQ(render({}), "");
}

TEST(SqlScript, OneTransactionAroundAllStepsAndEachIsCheckedBeforeItRuns)
{
    const std::string call = "SELECT public.migrate_record('aaaa', 'upgrade', checksum => '0123456789abcdef'";
    EXPECT_EQ(render({one_statement("aaaa", "SELECT 1"), one_statement("bbbb", "SELECT 2")}),
              "\\set ON_ERROR_STOP on\n\nBEGIN;\n\n-- Running upgrade  -> aaaa, m\n\n" + call +
                  ", check_only => true);\n\nSELECT 1;\n\n" + call +
                  ");\n\n-- Running upgrade  -> bbbb, m\n\n"
                  "SELECT public.migrate_record('bbbb', 'upgrade', checksum => '0123456789abcdef', check_only => true);"
                  "\n\nSELECT 2;\n\n"
                  "SELECT public.migrate_record('bbbb', 'upgrade', checksum => '0123456789abcdef');\n\nCOMMIT;\n\n");
}

TEST(SqlScript, WhatIsToBeCommittedBeforeAStatementIs)
{
    executor::Step marked = one_statement("bbbb", "SELECT 2");
    marked.script.statements[0].begins_segment = true;
    const std::string between = "COMMIT;\n\nBEGIN;\n\n-- Running upgrade  -> bbbb, m";
    EXPECT_THAT(render({one_statement("aaaa", "SELECT 1"), marked}), HasSubstr(between));
    EXPECT_THAT(render({marked}), Not(HasSubstr("COMMIT;\n\nBEGIN;")));
}

TEST(SqlScript, WhatIsNotTransactionalStandsOutside)
{
    executor::Step step = one_statement("aaaa", "CREATE INDEX CONCURRENTLY ON t (x)");
    step.script.statements[0].transactional = false;
    EXPECT_THAT(render({step}), HasSubstr(", check_only => true);\n\nCOMMIT;\n\nCREATE INDEX CONCURRENTLY ON t (x);\n\n"
                                          "BEGIN;\n\nSELECT public.migrate_record('aaaa', 'upgrade'"));
}

TEST(SqlScript, ARoleIsPutBackBeforeTheStepIsRecorded)
{
    executor::Step step = one_statement("aaaa", "SET ROLE x");
    step.script.statements[0].role_change = executor::RoleChange::set;
    const std::string script = render({step});
    EXPECT_LT(script.find("current_setting('role')"), script.find("SET ROLE x"));
    EXPECT_LT(script.find("SET ROLE x"), script.find("set_config('role'"));
    EXPECT_LT(script.find("set_config('role'"), script.rfind("migrate_record"));
}

executor::Step two_statements(const std::string &first, const std::string &second)
{
    executor::Step step = one_statement("aaaa", first);
    executor::Statement statement;
    statement.offset = first.size() + 1;
    statement.length = second.size();
    step.script.text += ";" + second;
    step.script.statements.push_back(statement);
    return step;
}

TEST(SqlScript, WhatCanBeUsedOnceItIsCommittedIsCommittedBeforeWhatFollows)
{
    executor::Step step = two_statements("ALTER TYPE e ADD VALUE 'x'", "SELECT 'x'::e");
    step.script.statements[0].ends_segment = true;
    EXPECT_THAT(render({step}), HasSubstr("ADD VALUE 'x';\n\nCOMMIT;\n\nBEGIN;\n\nSELECT 'x'::e;\n\nSELECT public."));
    executor::Step last = one_statement("aaaa", "ALTER TYPE e ADD VALUE 'x'");
    last.script.statements[0].ends_segment = true;
    EXPECT_THAT(render({last}), Not(HasSubstr("COMMIT;\n\nBEGIN;")));
    EXPECT_THAT(render({last, one_statement("bbbb", "SELECT 'x'::e")}),
                HasSubstr("checksum => '0123456789abcdef');\n\nCOMMIT;\n\nBEGIN;\n\n-- Running upgrade  -> bbbb, m"));
}

TEST(SqlScript, PsqlReadsAStatementAsItWasMeantWhateverTheOneBeforeHasSet)
{
    const std::string script = render({two_statements("SELECT f()", "SELECT 'a\\'")});
    EXPECT_THAT(script, HasSubstr("SELECT f();\n\nSET standard_conforming_strings = on;\n\nSELECT 'a\\';"));
    EXPECT_THAT(render({two_statements("SELECT f()", "SELECT '\xc3\xa4'")}),
                HasSubstr("SELECT f();\n\nSELECT pg_catalog.set_config('client_encoding', "));
    EXPECT_THAT(render({two_statements("SELECT f()", "SELECT 1")}), HasSubstr("SELECT f();\n\nSELECT 1;"));
}

TEST(SqlScript, NoColonBeginsAVariableOfPsql)
{
    executor::Step step = one_statement("aaaa", "SELECT a[1:n], b[:m]");
    step.script.statements[0].colons = {11, 18};
    EXPECT_THAT(render({step}), HasSubstr("SELECT a[1: n], b[: m];"));
}

TEST(SqlScript, ATenantsSchemaGoesFirstAndIsPutBack)
{
    const std::string script = render({one_statement("aaaa", "SELECT 1")}, "tenant");
    EXPECT_LT(script.find("concat_ws(', ', 'tenant'"), script.find("SELECT 1;"));
    EXPECT_THAT(script,
                HasSubstr("migrate_record('aaaa', 'upgrade', schema => 'tenant', checksum => '0123456789abcdef')"));
    EXPECT_GT(script.rfind("set_config('search_path', pg_catalog.current_setting("), script.find("COMMIT;"));
}

TEST(SqlScript, AMessageCannotLeaveItsComment)
{
    executor::Step step = one_statement("aaaa", "SELECT 1");
    step.message = "first\nDROP TABLE t;";
    step.from = "x\rDROP TABLE u;";
    const std::string script = render({step});
    EXPECT_THAT(script, Not(HasSubstr("\nDROP")));
    EXPECT_THAT(script, Not(HasSubstr("\r")));
}

} // namespace
