// SPDX-License-Identifier: PostgreSQL
#include "executor/sql_script.hpp"

#include "executor/runner.hpp"

#include <algorithm>

namespace pgmigrate::executor
{

namespace
{

// Enough of a checksum to tell two contents apart, and short enough to read over.
constexpr std::size_t shown_of_checksum = 16;

// Placeholder settings, in which a script keeps what it changes itself.
constexpr const char *saved = "migrate_saved.";
constexpr std::string_view search_path = "search_path";
constexpr const char *standard_strings = "standard_conforming_strings";

class Writer
{
  public:
    Writer(const SqlScriptOptions &options, const LiteralQuoter &quoter) : options_(options), quoter_(quoter) {}

    void add_step(const Step &step);
    std::string finish();
    void begin_file(bool set_strings, bool set_encoding);

  private:
    void line(const std::string &text) { text_ += text + "\n"; }
    void statement(const std::string &sql) { text_ += sql + ";\n\n"; }
    void open_transaction();
    void close_transaction();
    void save_setting(const std::string &name);
    void restore_setting(const std::string &name, const std::string &otherwise);
    void keep_readable(const std::string &text);
    std::string comment(const std::string &text) const;
    // The call of the recording function, up to the closing parenthesis.
    std::string record_call(const Step &step) const;

    const SqlScriptOptions &options_;
    const LiteralQuoter &quoter_;
    std::string text_;
    bool in_transaction_ = false;
    bool strings_set_ = false;
    bool segment_ended_ = false; // what follows uses what the last statement has done
};

bool has_backslash(const std::string &text)
{
    return text.find('\\') != std::string::npos;
}

bool has_non_ascii(const std::string &text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 128; });
}

bool any_script(const std::vector<Step> &steps, bool (*has)(const std::string &))
{
    return std::any_of(steps.begin(), steps.end(), [has](const Step &step) { return has(step.script.text); });
}

bool changes_role(const Script &script)
{
    return std::any_of(script.statements.begin(), script.statements.end(),
                       [](const Statement &part) { return part.role_change != RoleChange::none; });
}

// As it stands in the script, but for a blank behind a colon that psql would take for the beginning of a variable.
std::string printed(const Script &script, const Statement &part)
{
    std::string text(script.statement_text(part));
    for (auto colon = part.colons.rbegin(); colon != part.colons.rend(); ++colon)
        text.insert(*colon, " ");
    return text;
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

void Writer::save_setting(const std::string &name)
{
    // What is empty counts as not saved; an empty search_path can be written otherwise.
    const std::string value = "pg_catalog.current_setting(" + quoter_.literal(name) + ")";
    statement("SELECT pg_catalog.set_config(" + quoter_.literal(saved + name) + ", " +
              (name == search_path ? "coalesce(nullif(" + value + ", ''), '\"\"')" : value) + ", false)");
}

// DISCARD ALL in the script forgets what is saved.
void Writer::restore_setting(const std::string &name, const std::string &otherwise)
{
    statement("SELECT pg_catalog.set_config(" + quoter_.literal(name) +
              ", coalesce(nullif(pg_catalog.current_setting(" + quoter_.literal(saved + name) + ", true), ''), " +
              otherwise + "), false)");
}

// On one line, whatever a message holds.
std::string Writer::comment(const std::string &text) const
{
    std::string safe = "-- " + text;
    std::replace_if(
        safe.begin(), safe.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return safe;
}

void Writer::begin_file(bool set_strings, bool set_encoding)
{
    line("\\set ON_ERROR_STOP on");
    line("");
    // A backslash in a string means what it means to the live call, whatever the session that runs the script has set.
    strings_set_ = set_strings;
    if (strings_set_) {
        save_setting(standard_strings);
        statement(std::string("SET ") + standard_strings + " = on");
    }
    if (set_encoding)
        save_setting("client_encoding");
    if (!options_.schema)
        return;
    save_setting("search_path");
    statement("SELECT pg_catalog.set_config('search_path', pg_catalog.concat_ws(', ', " +
              quoter_.literal(options_.quoted_schema) +
              ", nullif(pg_catalog.current_setting('search_path'), '')), false)");
}

// psql reads a statement by the settings of the session, which the statement before may have changed: what is a string
// to the one must not be a command to the other.
void Writer::keep_readable(const std::string &text)
{
    if (has_backslash(text))
        statement(std::string("SET ") + standard_strings + " = on");
    if (has_non_ascii(text))
        restore_setting("client_encoding", "pg_catalog.current_setting('client_encoding')");
}

void Writer::add_step(const Step &step)
{
    if (segment_ended_ || (!step.script.statements.empty() && step.script.statements.front().begins_segment))
        close_transaction();
    segment_ended_ = false;
    open_transaction();
    line(comment(announcement(options_.direction, step)));
    line("");
    // The step is the next one, and nobody else's; and what the session has set is remembered.
    statement(record_call(step) + ", check_only => true)");
    const bool role_changes = changes_role(step.script);
    if (role_changes)
        save_setting("role");
    bool first = true;
    for (const Statement &part : step.script.statements) {
        if (!part.transactional || segment_ended_ || (part.begins_segment && !first))
            close_transaction();
        if (part.transactional)
            open_transaction();
        const std::string text = printed(step.script, part);
        if (!first)
            keep_readable(text);
        first = false;
        statement(text);
        segment_ended_ = part.ends_segment;
    }
    open_transaction();
    if (role_changes)
        restore_setting("role", "'none'");
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
        restore_setting("search_path", "pg_catalog.current_setting('search_path')");
    if (strings_set_)
        restore_setting(standard_strings, "'on'");
    return std::move(text_);
}

} // namespace

std::string render_sql_script(const std::vector<Step> &steps, const SqlScriptOptions &options,
                              const LiteralQuoter &quoter)
{
    if (steps.empty())
        return {};
    Writer writer(options, quoter);
    writer.begin_file(any_script(steps, has_backslash), any_script(steps, has_non_ascii));
    for (const Step &step : steps)
        writer.add_step(step);
    return writer.finish();
}

} // namespace pgmigrate::executor
