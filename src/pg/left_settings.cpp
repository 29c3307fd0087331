// SPDX-License-Identifier: PostgreSQL
#include "pg/left_settings.hpp"

#include "files/text.hpp"
#include "pg/classify_settings.hpp"
#include "pg/script_statements.hpp"

#include <algorithm>

namespace pgmigrate::pg
{

namespace
{

enum class Change { none, set, reset, reset_all, discard_all };

struct SettingChange {
    Change change;
    const char *name;
};

// Runs inside call().
SettingChange change_of(const Node *statement)
{
    if (IsA(statement, DiscardStmt))
        return {reinterpret_cast<const DiscardStmt *>(statement)->target == DISCARD_ALL ? Change::discard_all
                                                                                        : Change::none,
                nullptr};
    if (!IsA(statement, VariableSetStmt))
        return {Change::none, nullptr};
    const auto &set = *reinterpret_cast<const VariableSetStmt *>(statement);
    if (set.kind == VAR_RESET_ALL)
        return {Change::reset_all, nullptr};
    if (set.is_local || sets_transaction(set))
        return {Change::none, nullptr};
    const char *role = nullptr;
    const bool is_reset =
        *setting_reset_by(statement) != '\0' || role_change_of(statement, role) == executor::RoleChange::reset;
    return {is_reset ? Change::reset : Change::set, set.name};
}

class SettingSink final : public StatementSink
{
  public:
    const void *extract(const RawStmt *statement) const override
    {
        auto *change = static_cast<SettingChange *>(palloc(sizeof(SettingChange)));
        *change = change_of(statement->stmt);
        return change;
    }

    void statement(const StatementSpan &, const void *extracted) override
    {
        const auto &change = *static_cast<const SettingChange *>(extracted);
        if (change.change == Change::discard_all)
            names.clear();
        if (change.change == Change::reset_all)
            // It leaves the role as it is.
            std::erase_if(names,
                          [](const std::string &name) { return name != "role" && name != "session_authorization"; });
        if (change.change != Change::set && change.change != Change::reset)
            return;
        const std::string name = files::lower_case(change.name);
        std::erase(names, name);
        if (change.change == Change::set)
            names.push_back(name);
    }

    void explain(PgError &, std::size_t) const override {}
    void directive(const Directive &) const override {}
    void misplaced_directive(std::size_t) const override {}

    std::vector<std::string> names;
};

// The names of those that the script has set for the session, and not reset, at its end.
std::vector<std::string> settings_left_by(const std::string &script)
{
    SettingSink sink;
    read_statements(script, sink);
    return std::move(sink.names);
}

} // namespace

void LeftSettings::add(std::string_view source, const std::string &script)
{
    std::string names;
    for (const std::string &name : settings_left_by(script))
        names += (names.empty() ? "" : ", ") + name;
    if (!names.empty())
        found_.push_back("\"" + std::string(source) + "\" (" + names + ")");
}

void LeftSettings::warn() const
{
    if (found_.empty())
        return;
    const std::vector<std::string_view> found(found_.begin(), found_.end());
    warning("settings that a migration leaves to those behind it are not left to them here",
            "Each revision begins with the settings of the caller. Such are: " + files::list_of(found) + ".",
            "Where those behind it rely on a setting, put the SET into them as well, or set it before the run.");
}

} // namespace pgmigrate::pg
