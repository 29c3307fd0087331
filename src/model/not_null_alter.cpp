// SPDX-License-Identifier: PostgreSQL
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/online.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <ranges>

namespace pgmigrate::model
{

namespace
{

// Whether NOT NULL may come at the end, without a long lock. An identity wants it from the start.
bool can_wait(const Object &was, const Object &is, const Comparison &comparison)
{
    return changes_online(was.parent, comparison) && (was.has("identity_kind") || !is.has("identity_kind"));
}

// One column that both snapshots have.
class Change
{
  public:
    Change(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
        : was_(was), is_(is), comparison_(comparison), alteration_(alteration),
          table_(*find_table(comparison.is, is.parent)), above_(columns_above(is, comparison, comparison.is)),
          below_(columns_below(is, comparison, comparison.is)), name_(not_null_name(is, comparison.is)),
          statements_(&alteration.statements)
    {
    }

    void run()
    {
        change_all();
        if (follow_.statements.empty())
            return;
        need_all_above(above_);
        alteration_.later.push_back(std::move(follow_));
    }

  private:
    void change_all()
    {
        const bool had = was_.has("not_null");
        const bool wanted = is_.has("not_null");
        if (!wanted) {
            if (had)
                drop();
            return;
        }
        if (had)
            change();
        else if (!follows())
            add();
        if (!was_.attributes.same(is_.attributes, "not_null_comment") ||
            (is_made_anew() && is_.has("not_null_comment"))) {
            if (inherits_not_null(was_) || inherits_not_null(is_))
                after_those_above();
            comment_on_not_null(is_, name_, *statements_);
        }
    }

    // ALTER FOREIGN TABLE does not know it.
    static std::string rename_constraint(const Object &column, std::string_view old, std::string_view name)
    {
        return cat("ALTER TABLE ", column.parent, " RENAME CONSTRAINT ", old, " TO ", name);
    }

    Statement &add_statement(std::string_view action) { return statements_->add(cat(alter_table(table_), action)); }
    Statement &alter_column(std::string_view action) { return add_statement(cat(" ALTER COLUMN ", is_.name, action)); }
    const Object *before(const Object &column) const { return comparison_.was.find(Kind::column, column.identity); }

    bool follows() const
    {
        return std::ranges::any_of(above_, [&](const Object *above) {
            const Object *earlier = before(*above);
            return earlier != nullptr && gives_not_null(*earlier) != gives_not_null(*above);
        });
    }

    // What follows comes when the tables above have become what they are to be.
    void after_those_above() { statements_ = above_.empty() ? &alteration_.statements : &follow_.statements; }

    void need_all_above(const std::vector<const Object *> &above)
    {
        for (const Object *each : above) {
            follow_.needs.push_back({each->kind, each->identity});
            need_all_above(columns_above(*each, comparison_, comparison_.is));
        }
    }

    std::string may_fail() const
    {
        return table_.kind == Kind::table ? cat("rows of ", is_.parent, " whose ", is_.name, " is null")
                                          : std::string();
    }

    void add()
    {
        give_own_to_those_below();
        const bool is_checked = table_.kind == Kind::table && !is_.has("not_null_not_valid");
        if (is_checked && can_wait(was_, is_, comparison_)) {
            statements_->add(cat(add_not_null(is_, table_, comparison_.is), " NOT VALID"));
            Statement &validation = follow_.statements.add(cat(alter_table(table_), " VALIDATE CONSTRAINT ", name_));
            validation.may_fail = may_fail();
            validation.commits = true;
            return;
        }
        const bool is_default = explicit_not_null_name(is_).empty() && not_null_suffix(is_).empty() &&
                                (was_.has("not_null") || !not_null_name_is_taken(is_, comparison_));
        Statement &statement =
            is_default ? alter_column(" SET NOT NULL") : statements_->add(add_not_null(is_, table_, comparison_.is));
        if (is_checked)
            statement.may_fail = may_fail();
    }

    // What they are to have of their own, or under a name of their own, is there before it comes from above.
    void give_own_to_those_below()
    {
        if (!gives_not_null(is_))
            return;
        for (auto each = below_.rbegin(); each != below_.rend(); ++each) {
            const Object *below = *each;
            const Object *earlier = before(*below);
            if (earlier == nullptr || !inherits_not_null(*below))
                continue;
            const Object &table = *find_table(comparison_.is, below->parent);
            if (earlier->has("not_null")) {
                if (!inherits_not_null(*earlier))
                    become_inherited(*earlier, *below, table);
                continue;
            }
            if (!below->has("not_null_local") && is_named_like_above(*below))
                continue;
            Statement &statement = statements_->add(add_not_null(*below, table, comparison_.is));
            if (table.kind == Kind::table)
                statement.may_fail = cat("rows of ", below->parent, " whose ", below->name, " is null");
        }
    }

    bool is_named_like_above(const Object &below) const
    {
        return std::ranges::any_of(columns_above(below, comparison_, comparison_.is), [&](const Object *above) {
            return not_null_name(*above, comparison_.is) == explicit_not_null_name(below);
        });
    }

    // What stays the table's own has to have its name before. What does not is not to be there.
    void become_inherited(const Object &earlier, const Object &below, const Object &table)
    {
        const std::string old = not_null_name(earlier, comparison_.was);
        if (!below.has("not_null_local") && !table.has("partition_of"))
            statements_->add(cat(alter_table(table), " ALTER COLUMN ", below.name, " DROP NOT NULL"));
        else if (old != explicit_not_null_name(below))
            statements_->add(rename_constraint(below, old, explicit_not_null_name(below)));
    }

    // With what tables above no longer have, that of this one goes unless it is its own as well.
    void drop()
    {
        if (follows()) {
            if (!was_.has("not_null_local"))
                return;
            after_those_above();
        }
        for (const Object *below : below_) {
            const Object *earlier = before(*below);
            const bool is_own = below->has("not_null") && (!inherits_not_null(*below) || below->has("not_null_local"));
            if (is_own && earlier != nullptr && inherits_not_null(*earlier) && !earlier->has("not_null_local"))
                statements_->add(
                    cat("ALTER TABLE ONLY ", below->parent, " ALTER COLUMN ", below->name, " SET NOT NULL"));
        }
        alter_column(" DROP NOT NULL");
    }

    // That of a foreign table cannot be altered.
    bool is_made_anew() const
    {
        if (!was_.has("not_null"))
            return true;
        if (inherits_not_null(is_))
            return false;
        return (is_.has("not_null_not_valid") && !was_.has("not_null_not_valid")) ||
               (table_.kind == Kind::foreign_table && !was_.attributes.same(is_.attributes, "not_null_no_inherit"));
    }

    void change()
    {
        if (is_made_anew()) {
            alter_column(" DROP NOT NULL");
            add();
            return;
        }
        name();
        inheritance();
        if (was_.has("not_null_not_valid") && !is_.has("not_null_not_valid") && !follows_in("not_null_not_valid"))
            add_statement(cat(" VALIDATE CONSTRAINT ", name_)).may_fail = may_fail();
        if (inherits_not_null(is_) && is_.has("not_null_local") && inherits_not_null(was_) &&
            !was_.has("not_null_local"))
            alter_column(" SET NOT NULL");
        if (inherits_not_null(is_) && !is_.has("not_null_local") && stays_own())
            alteration_.notes.push_back(cat("NOT NULL of ", is_.identity,
                                            " stays the table's own besides being inherited, which ALTER TABLE cannot "
                                            "change"));
    }

    // What was the table's own when it is put below others, other than as a partition, or below them already.
    bool stays_own() const
    {
        return was_.has("not_null_local") ||
               (!inherits_not_null(was_) && above_.empty() && !table_.has("partition_of"));
    }

    bool follows_in(std::string_view attribute) const
    {
        return std::ranges::any_of(above_, [&](const Object *above) {
            const Object *earlier = before(*above);
            return earlier != nullptr && !earlier->attributes.same(above->attributes, attribute);
        });
    }

    // Whether it is the table's own before it comes from above: a partition is detached before it is attached.
    bool is_free_meanwhile() const
    {
        return !inherits_not_null(was_) || (table_.has("partition_of") && above_.empty());
    }

    // Where the tables below have it under another name, the server does not find it there.
    void name()
    {
        std::string old = not_null_name(was_, comparison_.was);
        if (inherits_not_null(is_)) {
            if (is_free_meanwhile()) {
                // One above renames it before it gives its own.
                if (old != name_ && above_.empty())
                    statements_->add(rename_constraint(is_, old, name_));
            } else if (!follows_in("not_null_name") && !follows_in("not_null_inherited")) {
                name_ = std::move(old);
            }
            return;
        }
        if (inherits_not_null(was_))
            after_those_above();
        if (old == name_)
            return;
        const bool found_below = !gives_not_null(was_) || std::ranges::all_of(below_, [&](const Object *below) {
            const Object *earlier = before(*below);
            return earlier == nullptr || !inherits_not_null(*earlier) || explicit_not_null_name(*earlier) == old;
        });
        if (found_below) {
            statements_->add(rename_constraint(is_, old, name_));
            return;
        }
        alteration_.notes.push_back(cat("constraint ", old, " ON ", is_.parent, " cannot be renamed to ", name_,
                                        ", because tables that inherit it have it under other names"));
        name_ = std::move(old);
    }

    void inheritance()
    {
        if (was_.attributes.same(is_.attributes, "not_null_no_inherit"))
            return;
        const bool gives = gives_not_null(is_);
        give_own_to_those_below();
        Statement &statement = add_statement(cat(" ALTER CONSTRAINT ", name_, gives ? " INHERIT" : " NO INHERIT"));
        if (gives) {
            const bool is_new_below = std::ranges::any_of(below_, [&](const Object *below) {
                const Object *earlier = before(*below);
                return earlier != nullptr && !earlier->has("not_null");
            });
            if (is_new_below)
                statement.may_fail = cat("rows of tables below ", is_.parent, " whose ", is_.name, " is null");
            return;
        }
        // It stays with the tables below as their own.
        for (const Object *below : below_) {
            const Object *earlier = before(*below);
            if (earlier != nullptr && inherits_not_null(*earlier) && !below->has("not_null"))
                statements_->add(cat("ALTER TABLE ", below->parent, " ALTER COLUMN ", below->name, " DROP NOT NULL"));
        }
    }

    const Object &was_;
    const Object &is_;
    const Comparison &comparison_;
    Alteration &alteration_;
    const Object &table_;
    const std::vector<const Object *> above_;
    const std::vector<const Object *> below_;
    std::string name_; // that it has in the end
    FollowUp follow_;
    Statements *statements_;
};

// What is done to a table is done to those below it, which may want something else.
void alter_without_constraint(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.attributes.same(is.attributes, "not_null"))
        return;
    for (const Object *above : columns_above(is, comparison, comparison.is)) {
        const Object *before = comparison.was.find(Kind::column, above->identity);
        if (before != nullptr && !before->attributes.same(above->attributes, "not_null"))
            return;
    }
    const Object &table = *find_table(comparison.is, is.parent);
    const bool wanted = is.has("not_null");
    const bool is_checked = wanted && table.kind == Kind::table;
    const std::string fails = cat("rows of ", is.parent, " whose ", is.name, " is null");
    const bool online = is_checked && can_wait(was, is, comparison);
    FollowUp follow;
    Statements &statements = online ? follow.statements : alteration.statements;
    if (online) {
        online::set_not_null(is, fails, comparison, alteration.statements, follow);
    } else {
        Statement &statement = statements.add(
            cat(alter_table(table), " ALTER COLUMN ", is.name, wanted ? " SET NOT NULL" : " DROP NOT NULL"));
        if (is_checked)
            statement.may_fail = fails;
    }
    for (const Object *below : columns_below(is, comparison, comparison.is))
        if (below->has("not_null") != wanted && comparison.was.find(Kind::column, below->identity) != nullptr)
            statements.add(cat("ALTER TABLE ONLY ", below->parent, " ALTER COLUMN ", below->name,
                               wanted ? " DROP NOT NULL" : " SET NOT NULL"));
    if (online)
        alteration.later.push_back(std::move(follow));
}

} // namespace

void alter_not_null(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (comparison.is.session.server_version >= not_null_is_constraint)
        Change(was, is, comparison, alteration).run();
    else
        alter_without_constraint(was, is, comparison, alteration);
}

} // namespace pgmigrate::model
