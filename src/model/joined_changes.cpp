// SPDX-License-Identifier: PostgreSQL
#include "model/joined_changes.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <iterator>

namespace pgmigrate::model
{

namespace
{

bool alters_column(const Operation &operation)
{
    return operation.action == Operation::Action::alter && operation.object->kind == Kind::column;
}

void join(Statement &statement, Statement other)
{
    const std::size_t at = statement.actions_at;
    if (statement.sql[at] == ' ')
        statement.sql.replace(at, 1, "\n    ");
    statement.sql += cat(",\n    ", std::string_view(other.sql).substr(other.actions_at + 1));
    statement.parts.push_back(std::move(other));
}

} // namespace

bool JoinedChanges::belongs(const Operation &operation) const
{
    return alters_column(operation) && !run_.empty() && operation.object->parent == table_ &&
           std::ranges::none_of(operation.after,
                                [&](std::uint32_t each) { return std::ranges::find(run_, each) != run_.end(); });
}

void JoinedChanges::add(const std::vector<Operation> &operations, std::uint32_t index, Statements statements)
{
    const Operation &operation = operations[index];
    if (!belongs(operation)) {
        run_.clear();
        joined_ = none;
        table_ = operation.object->parent;
    }
    if (alters_column(operation))
        run_.push_back(index);
    const auto type = std::ranges::find_if(statements, [](const Statement &each) { return each.actions_at != 0; });
    auto rest = statements.begin();
    if (joined_ != none && type != statements.end()) {
        // What stands before it is about its own column alone.
        script_.insert(script_.begin() + static_cast<std::ptrdiff_t>(joined_), std::make_move_iterator(rest),
                       std::make_move_iterator(type));
        joined_ += static_cast<std::size_t>(type - rest);
        join(script_[joined_], std::move(*type));
        rest = std::next(type);
    } else if (type != statements.end() && alters_column(operation)) {
        joined_ = script_.size() + static_cast<std::size_t>(type - rest);
    }
    script_.insert(script_.end(), std::make_move_iterator(rest), std::make_move_iterator(statements.end()));
}

} // namespace pgmigrate::model
