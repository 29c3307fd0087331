// SPDX-License-Identifier: PostgreSQL
#include "model/not_null.hpp"

#include "model/inheritance.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <ranges>

namespace pgmigrate::model
{

namespace
{

constexpr std::int32_t has_constraints = 180000;

bool is_inherited(const Object &column)
{
    return column.has("not_null_inherited");
}

// The name without the quotes, but with those in it doubled.
std::string_view without_quotes(std::string_view name)
{
    return name.starts_with('"') ? name.substr(1, name.size() - 2) : name;
}

std::string default_name(const Object &column, const Snapshot &snapshot)
{
    const Object *table = find_table(snapshot, column.parent);
    const std::string_view of_table = table != nullptr ? std::string_view(table->name) : std::string_view();
    const bool quoted = of_table.starts_with('"') || column.name.starts_with('"');
    return cat(quoted ? "\"" : "", without_quotes(of_table), "_", without_quotes(column.name), "_not_null",
               quoted ? "\"" : "");
}

std::string_view explicit_name(const Object &column)
{
    return is_inherited(column) ? column.text("not_null_inherited") : column.text("not_null_name");
}

std::string name_of(const Object &column, const Snapshot &snapshot)
{
    const std::string_view name = explicit_name(column);
    return name.empty() ? default_name(column, snapshot) : std::string(name);
}

// Where a constraint of the schema has the name already, the server would choose another by itself.
bool is_taken(const Object &column, const std::string &name, const Snapshot &was)
{
    const Object *before = was.find(Kind::column, column.identity);
    if (before != nullptr && before->has("not_null"))
        return true;
    return std::ranges::any_of(was.objects(), [&](const Object &each) {
        return each.schema == column.schema && ((each.kind == Kind::constraint && each.name == name) ||
                                                (each.kind == Kind::column && explicit_name(each) == name));
    });
}

std::string suffix(const Object &column)
{
    return cat(column.has("not_null_no_inherit") ? " NO INHERIT" : "",
               column.has("not_null_not_valid") ? " NOT VALID" : "");
}

std::string add_constraint(const Object &column, const Object &table, const Snapshot &is)
{
    return cat(alter_table(table), " ADD CONSTRAINT ", name_of(column, is), " NOT NULL ", column.name, suffix(column));
}

void comment_on(const Object &column, const std::string &name, Statements &statements)
{
    const std::string_view text = column.text("not_null_comment");
    statements.add(cat("COMMENT ON CONSTRAINT ", name, " ON ", column.parent, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

// One column that both snapshots have.
class Change
{
  public:
    Change(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
        : was_(was), is_(is), comparison_(comparison), alteration_(alteration),
          table_(*find_table(comparison.is, is.parent)), above_(columns_above(is, comparison, comparison.is)),
          below_(columns_below(is, comparison, comparison.is)), name_(name_of(is, comparison.is))
    {
    }

    void run()
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
            comes_after_those_above();
            comment_on(is_, name_, alteration_.statements);
        }
    }

  private:
    Statement &add_statement(std::string_view action)
    {
        return alteration_.statements.add(cat(alter_table(table_), action));
    }
    Statement &alter_column(std::string_view action) { return add_statement(cat(" ALTER COLUMN ", is_.name, action)); }
    const Object *before(const Object &column) const { return comparison_.was.find(Kind::column, column.identity); }

    bool follows() const
    {
        return std::ranges::any_of(above_, [&](const Object *above) {
            const Object *earlier = before(*above);
            return earlier != nullptr && gives_not_null(*earlier) != gives_not_null(*above);
        });
    }

    void comes_after_those_above()
    {
        for (const Object *above : above_)
            alteration_.after.push_back({above->kind, above->identity});
    }

    std::string may_fail() const
    {
        return table_.kind == Kind::table ? cat("rows of ", is_.parent, " whose ", is_.name, " is null")
                                          : std::string();
    }

    void add()
    {
        give_own_to_those_below();
        Statement &statement = is_.has("not_null_name") || !suffix(is_).empty()
                                   ? alteration_.statements.add(add_constraint(is_, table_, comparison_.is))
                                   : alter_column(" SET NOT NULL");
        if (!is_.has("not_null_not_valid"))
            statement.may_fail = may_fail();
    }

    // What they are to have of their own, or under a name of their own, is there before it comes from above.
    void give_own_to_those_below()
    {
        if (!gives_not_null(is_))
            return;
        for (const Object *below : std::ranges::reverse_view(below_)) {
            const Object *earlier = before(*below);
            if (earlier == nullptr || earlier->has("not_null") || !is_inherited(*below) ||
                (!below->has("not_null_local") && explicit_name(*below) == name_))
                continue;
            const Object &table = *find_table(comparison_.is, below->parent);
            Statement &statement = alteration_.statements.add(add_constraint(*below, table, comparison_.is));
            if (table.kind == Kind::table)
                statement.may_fail = cat("rows of ", below->parent, " whose ", below->name, " is null");
        }
    }

    // With what tables above no longer have, that of this one goes unless it is its own as well.
    void drop()
    {
        if (follows()) {
            if (!was_.has("not_null_local"))
                return;
            comes_after_those_above();
        }
        for (const Object *below : below_) {
            const Object *earlier = before(*below);
            const bool is_own = below->has("not_null") && (!is_inherited(*below) || below->has("not_null_local"));
            if (is_own && earlier != nullptr && is_inherited(*earlier) && !earlier->has("not_null_local"))
                alteration_.statements.add(
                    cat("ALTER TABLE ONLY ", below->parent, " ALTER COLUMN ", below->name, " SET NOT NULL"));
        }
        alter_column(" DROP NOT NULL");
    }

    bool is_made_anew() const
    {
        return !was_.has("not_null") ||
               (is_.has("not_null_not_valid") && !was_.has("not_null_not_valid") && !is_inherited(is_));
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
        if (is_inherited(was_) && is_inherited(is_) && !was_.attributes.same(is_.attributes, "not_null_local")) {
            if (is_.has("not_null_local"))
                alter_column(" SET NOT NULL");
            else
                alteration_.notes.push_back(cat("NOT NULL of ", is_.identity,
                                                " stays the table's own besides being inherited, which ALTER TABLE "
                                                "cannot change"));
        }
    }

    bool follows_in(std::string_view attribute) const
    {
        return std::ranges::any_of(above_, [&](const Object *above) {
            const Object *earlier = before(*above);
            return earlier != nullptr && !earlier->attributes.same(above->attributes, attribute);
        });
    }

    // Where the tables below have it under another name, the server does not find it there.
    void name()
    {
        std::string old = name_of(was_, comparison_.was);
        if (is_inherited(is_)) {
            if (!follows_in("not_null_name") && !follows_in("not_null_inherited"))
                name_ = std::move(old);
            return;
        }
        if (is_inherited(was_))
            comes_after_those_above();
        if (old == name_)
            return;
        const bool found_below = !gives_not_null(was_) || std::ranges::all_of(below_, [&](const Object *below) {
            const Object *earlier = before(*below);
            return earlier == nullptr || !is_inherited(*earlier) || explicit_name(*earlier) == old;
        });
        if (found_below) {
            add_statement(cat(" RENAME CONSTRAINT ", old, " TO ", name_));
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
        add_statement(cat(" ALTER CONSTRAINT ", name_, gives ? " INHERIT" : " NO INHERIT"));
        if (gives)
            return;
        // It stays with the tables below as their own.
        for (const Object *below : below_) {
            const Object *earlier = before(*below);
            if (earlier != nullptr && is_inherited(*earlier) && !below->has("not_null"))
                alteration_.statements.add(
                    cat("ALTER TABLE ", below->parent, " ALTER COLUMN ", below->name, " DROP NOT NULL"));
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
    Statement &statement = alteration.statements.add(
        cat(alter_table(table), " ALTER COLUMN ", is.name, wanted ? " SET NOT NULL" : " DROP NOT NULL"));
    if (wanted && table.kind == Kind::table)
        statement.may_fail = cat("rows of ", is.parent, " whose ", is.name, " is null");
    for (const Object *below : columns_below(is, comparison, comparison.is))
        if (below->has("not_null") != wanted && comparison.was.find(Kind::column, below->identity) != nullptr)
            alteration.statements.add(cat("ALTER TABLE ONLY ", below->parent, " ALTER COLUMN ", below->name,
                                          wanted ? " DROP NOT NULL" : " SET NOT NULL"));
}

} // namespace

bool gives_not_null(const Object &column)
{
    return column.has("not_null") && !column.has("not_null_no_inherit");
}

void inherit_not_null(Object &column, const Object &above, const Snapshot &snapshot)
{
    for (const std::string_view each : {"not_null", "not_null_name", "not_null_inherited", "not_null_local",
                                        "not_null_no_inherit", "not_null_not_valid", "not_null_comment"})
        column.attributes.erase(each);
    if (!gives_not_null(above))
        return;
    column.attributes.set("not_null", "true");
    if (snapshot.session.server_version >= has_constraints)
        column.attributes.set("not_null_inherited", name_of(above, snapshot));
}

std::string not_null_clause(const Object &column, const Comparison &comparison)
{
    if (!column.has("not_null"))
        return {};
    if (comparison.is.session.server_version < has_constraints)
        return " NOT NULL";
    const Object *table = find_table(comparison.is, column.parent);
    const bool comes_from_above = is_inherited(column) && !column.has("not_null_local") && table != nullptr &&
                                  table->has("inherits") && is_new(table->identity, comparison);
    // A new partition has no rows that could be in the way, and needs it to be attached.
    const bool comes_later = column.has("not_null_not_valid") && table != nullptr && !table->has("partition_of");
    if (comes_from_above || comes_later)
        return {};
    std::string name = name_of(column, comparison.is);
    if (explicit_name(column).empty() && !is_taken(column, name, comparison.was))
        name.clear();
    return cat(name.empty() ? "" : " CONSTRAINT ", name, " NOT NULL",
               column.has("not_null_no_inherit") ? " NO INHERIT" : "");
}

std::string not_null_element(const Object &column)
{
    if (!column.has("not_null_local") || column.has("not_null_not_valid"))
        return {};
    return cat("CONSTRAINT ", column.text("not_null_inherited"), " NOT NULL ", column.name);
}

void adapt_not_null(const Object &column, bool given, const Comparison &comparison, Statements &statements)
{
    if (given == column.has("not_null"))
        return;
    const Object &table = *find_table(comparison.is, column.parent);
    if (comparison.is.session.server_version >= has_constraints)
        statements.add(add_constraint(column, table, comparison.is));
    else
        statements.add(cat("ALTER TABLE ", column.parent, " ALTER COLUMN ", column.name,
                           column.has("not_null") ? " SET NOT NULL" : " DROP NOT NULL"));
}

void settle_not_null(const Object &column, const Comparison &comparison, Statements &statements)
{
    const Object *table = find_table(comparison.is, column.parent);
    if (table == nullptr || !column.has("not_null"))
        return;
    if (column.has("not_null_not_valid") && !is_inherited(column) && !column.has("inherited_only"))
        statements.add(add_constraint(column, *table, comparison.is));
    if (column.has("not_null_comment"))
        comment_on(column, name_of(column, comparison.is), statements);
}

void alter_not_null(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (comparison.is.session.server_version >= has_constraints)
        Change(was, is, comparison, alteration).run();
    else
        alter_without_constraint(was, is, comparison, alteration);
}

void note_inherited_names(const Comparison &comparison, std::vector<std::string> &notes)
{
    std::size_t count = 0;
    std::string first;
    for (const Object &column : comparison.is.objects()) {
        if (column.kind != Kind::column || !is_inherited(column))
            continue;
        const Object *before = comparison.was_of(column);
        if (before == nullptr || !is_inherited(*before) || comparison.fate_of_is(column) == Fate::replaced ||
            explicit_name(*before) == explicit_name(column))
            continue;
        // Renaming that which it is inherited from does it.
        const auto above = columns_above(column, comparison, comparison.is);
        if (std::ranges::any_of(above, [&](const Object *each) {
                const Object *earlier = comparison.was_of(*each);
                return earlier != nullptr && name_of(*earlier, comparison.was) == explicit_name(*before) &&
                       name_of(*each, comparison.is) == explicit_name(column);
            }))
            continue;
        if (count++ == 0)
            first = cat(explicit_name(*before), " ON ", column.parent);
    }
    if (count != 0)
        notes.push_back(cat("constraint ", first, count == 1 ? "" : cat(" and ", std::to_string(count - 1), " more"),
                            count == 1 ? " is" : " are",
                            " inherited under another name than in the model, which ALTER TABLE cannot change"));
}

} // namespace pgmigrate::model
