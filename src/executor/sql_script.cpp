// SPDX-License-Identifier: PostgreSQL
#include "executor/sql_script.hpp"

#include "executor/runner.hpp"

#include <algorithm>
#include <set>

namespace pgmigrate::executor
{

namespace
{

// Enough of a checksum to tell two contents apart, and short enough to read over.
constexpr std::size_t shown_of_checksum = 16;

// Classes of placeholder settings, in which a script keeps the values to put back.
constexpr const char *file_scope = "migrate_saved_file.";
constexpr const char *step_scope = "migrate_saved_step.";
constexpr const char *standard_strings = "standard_conforming_strings";

class Writer
{
  public:
    Writer(const SqlScriptOptions &options, const LiteralQuoter &quoter) : options_(options), quoter_(quoter) {}

    void add_step(const Step &step);
    std::string finish();
    void begin_file(bool set_strings);

  private:
    void line(const std::string &text) { text_ += text + "\n"; }
    void statement(const std::string &sql) { text_ += sql + ";\n\n"; }
    void open_transaction();
    void close_transaction();
    // `scope` keeps apart what a step saves and what the file does.
    void save_setting(const std::string &scope, const std::string &name);
    void restore_setting(const std::string &scope, const std::string &name);
    std::string comment(const std::string &text) const;
    // The call of the recording function, up to the closing parenthesis.
    std::string record_call(const Step &step) const;

    const SqlScriptOptions &options_;
    const LiteralQuoter &quoter_;
    std::string text_;
    bool in_transaction_ = false;
    bool strings_set_ = false;
};

bool has_backslashes(const std::vector<Step> &steps)
{
    return std::any_of(steps.begin(), steps.end(),
                       [](const Step &step) { return step.script.text.find('\\') != std::string::npos; });
}

// The settings that a script changes, SET ROLE among them.
std::set<std::string> settings_of(const Script &script)
{
    std::set<std::string> names;
    for (const Statement &statement : script.statements) {
        if (statement.role_change != RoleChange::none)
            names.insert("role");
        for (const std::string &name : statement.settings_set) {
            if (name == "*")
                names.insert({"search_path", "role"});
            else
                names.insert(name);
        }
    }
    return names;
}

void Writer::open_transaction()
{
    if (!in_transaction_)
        statement("BEGIN");
    in_transaction_ = true;
}

void Writer::close_transaction()
{
    if (in_transaction_)
        statement("COMMIT");
    in_transaction_ = false;
}

void Writer::save_setting(const std::string &scope, const std::string &name)
{
    statement("SELECT pg_catalog.set_config(" + quoter_.literal(scope + name) + ", pg_catalog.current_setting(" +
              quoter_.literal(name) + ", true), false)");
}

void Writer::restore_setting(const std::string &scope, const std::string &name)
{
    statement("SELECT pg_catalog.set_config(" + quoter_.literal(name) + ", pg_catalog.current_setting(" +
              quoter_.literal(scope + name) + "), false)");
}

// On one line, whatever a message holds.
std::string Writer::comment(const std::string &text) const
{
    std::string safe = "-- " + text;
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return safe;
}

void Writer::begin_file(bool set_strings)
{
    line("\\set ON_ERROR_STOP on");
    line("");
    // A backslash in a string means what it means to the live call, whatever the session that runs the script has set.
    strings_set_ = set_strings;
    if (strings_set_) {
        save_setting(file_scope, standard_strings);
        statement(std::string("SET ") + standard_strings + " = on");
    }
    if (!options_.schema)
        return;
    save_setting(file_scope, "search_path");
    statement("SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', " +
              quoter_.literal(options_.quoted_schema) +
              ", nullif(pg_catalog.current_setting('search_path'), '')), false)");
}

void Writer::add_step(const Step &step)
{
    open_transaction();
    line(comment(announcement(options_.direction, step)));
    line("");
    // What cannot be rolled back must not begin at the wrong version.
    const bool transactional = std::all_of(step.script.statements.begin(), step.script.statements.end(),
                                           [](const Statement &part) { return part.transactional; });
    if (!transactional)
        statement(record_call(step) + ", check_only => true)");
    const std::set<std::string> changed = settings_of(step.script);
    for (const std::string &name : changed)
        save_setting(step_scope, name);
    for (const Statement &part : step.script.statements) {
        if (part.transactional)
            open_transaction();
        else
            close_transaction();
        statement(std::string(step.script.statement_text(part)));
    }
    open_transaction();
    for (const std::string &name : changed)
        restore_setting(step_scope, name);
    statement(record_call(step) + ")");
}

std::string Writer::record_call(const Step &step) const
{
    std::string call = "SELECT " + options_.record_function + "(" + quoter_.literal(step.revision) + ", " +
                       quoter_.literal(options_.direction == core::Direction::upgrade ? "upgrade" : "downgrade");
    if (options_.schema)
        call += ", schema => " + quoter_.literal(*options_.schema);
    return call + ", checksum => " + quoter_.literal(step.checksum.substr(0, shown_of_checksum));
}

std::string Writer::finish()
{
    close_transaction();
    if (options_.schema)
        restore_setting(file_scope, "search_path");
    if (strings_set_)
        restore_setting(file_scope, standard_strings);
    return std::move(text_);
}

} // namespace

std::string render_sql_script(const std::vector<Step> &steps, const SqlScriptOptions &options,
                              const LiteralQuoter &quoter)
{
    if (steps.empty())
        return {};
    Writer writer(options, quoter);
    writer.begin_file(has_backslashes(steps));
    for (const Step &step : steps)
        writer.add_step(step);
    return writer.finish();
}

} // namespace pgmigrate::executor
