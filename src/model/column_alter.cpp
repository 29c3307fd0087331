// SPDX-License-Identifier: PostgreSQL
#include "model/column.hpp"

#include "model/composite_type.hpp"
#include "model/inheritance.hpp"
#include "model/not_null.hpp"
#include "model/options.hpp"
#include "model/rebuilt_indexes.hpp"
#include "model/sequence.hpp"
#include "model/table.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

constexpr std::int32_t sets_expressions = 170000; // ALTER COLUMN … SET EXPRESSION
constexpr std::int32_t knows_default_storage = 160000;

// What a column of the type has where nothing else was said.
std::string_view default_storage(const Object &column, const Snapshot &snapshot)
{
    if (snapshot.session.server_version >= knows_default_storage)
        return "DEFAULT";
    const std::string_view type = column.text("type");
    return type.starts_with("numeric") || type == "inet" || type == "cidr" ? "MAIN" : "EXTENDED";
}

// What has to be made again around another type. Indexes, constraints and statistics objects are the server's own
// business, as long as they stay what they are.
constexpr Kinds stands_on_type{Kind::view,   Kind::materialized_view, Kind::rule,
                               Kind::policy, Kind::trigger,           Kind::default_value,
                               Kind::column, Kind::function,          Kind::procedure};

// One column that both snapshots have.
class Change
{
  public:
    Change(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
        : was_(was), is_(is), comparison_(comparison), alteration_(alteration),
          table_(*find_table(comparison.is, is.parent)), above_(columns_above(is, comparison, comparison.is)),
          alter_(cat(alter_table(table_), " ALTER COLUMN ", is.name))
    {
    }

    void run()
    {
        if (generated_anew()) {
            alteration_.replace = true;
            return;
        }
        expression();
        if (differs("identity_kind") && !is_.has("identity_kind"))
            add(" DROP IDENTITY");
        type();
        alter_not_null(was_, is_, comparison_, alteration_);
        identity();
        if (was_.has("default_of_another"))
            alteration_.statements.add(
                cat("ALTER TABLE ONLY ", is_.parent, " ALTER COLUMN ", is_.name, " DROP DEFAULT"));
        alter_column_properties(&was_, is_, comparison_, alteration_.statements);
        options_of_server();
        local();
    }

  private:
    bool differs(std::string_view attribute) const { return !was_.attributes.same(is_.attributes, attribute); }
    Statement &add(std::string_view action) { return alteration_.statements.add(cat(alter_, action)); }
    Statement &add_type(std::string_view action)
    {
        Statement &statement = add(action);
        statement.actions_at = alter_table(table_).size();
        return statement;
    }

    // A table above or the type of the table changes in the same way, and the column with it.
    bool follows(std::string_view attribute) const
    {
        if (std::any_of(above_.begin(), above_.end(), [&](const Object *above) {
                const Object *before = comparison_.was.find(Kind::column, above->identity);
                return before != nullptr && !before->attributes.same(above->attributes, attribute);
            }))
            return true;
        const Object *before = find_table(comparison_.was, is_.parent);
        return (attribute == "type" || attribute == "collation") && before != nullptr && table_.has("of_type") &&
               !leaves_type(*before, table_, comparison_);
    }

    // Nothing turns a column into a generated one, nor one whose values are not stored into another; before 17 nothing
    // changes what it is generated from.
    bool generated_anew() const
    {
        if (!is_.has("generated"))
            return was_.text("generated") == "VIRTUAL";
        if (differs("generated"))
            return true;
        return differs("expression") && (comparison_.is.session.server_version < sets_expressions ||
                                         (is_.text("generated") == "VIRTUAL" && keeps_virtual_expressions()));
    }

    // Where others stand on values that are not stored, the server does not let them change.
    bool keeps_virtual_expressions() const
    {
        const Object *table = find_table(comparison_.was, was_.parent);
        if (table == nullptr)
            return false;
        const auto constraints = comparison_.was.parts_of(*table, Kind::constraint);
        return std::any_of(constraints.begin(), constraints.end(),
                           [](const Object *each) { return each->text("type") == "c"; }) ||
               std::any_of(comparison_.was.objects().begin(), comparison_.was.objects().end(), [&](const Object &each) {
                   return each.kind == Kind::publication && (each.has("all_tables") || names(each, *table));
               });
    }

    // Whether a publication is of the table or of its schema.
    bool names(const Object &publication, const Object &table) const
    {
        return std::any_of(publication.needs.begin(), publication.needs.end(), [&](const Need &need) {
            const Object &object = comparison_.was[need.object];
            return &object == &table || object.parent == table.identity ||
                   (object.kind == Kind::schema && object.name == table.schema);
        });
    }

    void expression()
    {
        if (was_.has("generated") && !is_.has("generated") && !follows("generated"))
            add(" DROP EXPRESSION");
        if (is_.has("generated") && differs("expression") && !follows("expression"))
            add(cat(" SET EXPRESSION AS (", is_.text("expression"), ")"));
    }

    std::string rows_held() const
    {
        const Object *table = comparison_.was.parent_of(was_);
        return table == nullptr ? std::string() : held_rows(*table, comparison_);
    }

    void type()
    {
        const bool type_is_replaced = type_is_aside(was_, comparison_);
        const bool collation_is_replaced = std::any_of(was_.needs.begin(), was_.needs.end(), [&](const Need &need) {
            return comparison_.aside[need.object] && comparison_.was[need.object].kind == Kind::collation;
        });
        const bool differs_in_type = differs("type");
        if (!differs_in_type && !differs("collation") && !type_is_replaced && !collation_is_replaced)
            return;
        alteration_.rebuild = stands_on_type;
        for (const Object *below : columns_below(was_, comparison_, comparison_.was))
            if (comparison_.was.find(Kind::default_value, below->identity) != nullptr)
                alteration_.rebuild_also.push_back({Kind::default_value, below->identity});
        statistics_targets();
        publications();
        foreign_keys();
        if (const Object *table = comparison_.was.parent_of(was_))
            rebuild_users_of_row(*table, comparison_, alteration_.rebuild_also);
        behind_overloads();
        if (!above_.empty() || follows("type"))
            return;
        alter_as_only_parent(was_, is_, comparison_, alteration_);
        keep_indexes(was_, comparison_, alteration_);
        std::string action = cat(" TYPE ", is_.text("type"));
        if (is_.has("collation"))
            action += cat(" COLLATE ", is_.text("collation"));
        if (table_.kind == Kind::foreign_table) {
            add(action);
            return;
        }
        if (type_is_replaced) {
            Statement &statement = add_type(cat(action, " USING ", by_text(is_)));
            statement.may_fail = cat("values of ", is_.identity, " that the type does not have");
            if (const std::string held = rows_held(); !held.empty())
                statement.may_fail += cat("; ", held);
            if (loses_by_text(was_, is_, comparison_))
                statement.destroys = cat("what values of ", is_.identity, " have beyond the new type");
            return;
        }
        const Conversion how = differs_in_type ? conversion(was_, is_, comparison_) : Conversion{{}, false, false};
        Statement &statement = add_type(cat(action, how.using_clause));
        statement.may_fail = rows_held();
        if (statement.may_fail.empty() && how.may_fail)
            statement.may_fail = cat("values of ", is_.identity, " that do not fit");
        if (how.loses)
            statement.destroys = cat("what values of ", is_.identity, " have beyond the new type");
        if (depends_on_time_zone(was_, is_))
            statement.note = "the values are those of the TimeZone of the session";
    }

    // The server makes statistics objects again, and forgets their targets.
    void statistics_targets()
    {
        const Object *column = comparison_.was.find(Kind::column, was_.identity);
        if (column == nullptr)
            return;
        for (const Need &dependent : comparison_.was.dependents_of(comparison_.was.index_of(*column))) {
            const Object &before = comparison_.was[dependent.object];
            const Object *after = before.kind == Kind::statistics ? comparison_.is_of(before) : nullptr;
            if (after == nullptr || !after->has("target"))
                continue;
            FollowUp follow;
            follow.statements.add(cat("ALTER STATISTICS ", after->identity, " SET STATISTICS ", after->text("target")));
            follow.needs.push_back({after->kind, after->identity});
            alteration_.later.push_back(std::move(follow));
        }
    }

    bool changes_type(const Object &column) const
    {
        const Object *after = comparison_.is.find(Kind::column, column.identity);
        return after != nullptr &&
               (!column.attributes.same(after->attributes, "type") ||
                !column.attributes.same(after->attributes, "collation") || type_is_aside(column, comparison_));
    }

    // A column that a publication names keeps its type: the table leaves the publication for a moment. The first such
    // column does it for all.
    void publications()
    {
        const Object *own = comparison_.was.find(Kind::column, was_.identity);
        if (own == nullptr)
            return;
        for (const Object &publication : comparison_.was.objects()) {
            if (publication.kind != Kind::publication)
                continue;
            const Object *after = comparison_.is.find(publication.kind, publication.identity);
            if (after == nullptr || !names_column(publication, *own) ||
                !publication.attributes.same(after->attributes, "all_tables"))
                continue;
            std::vector<const Object *> all;
            for (const Object *column : comparison_.was.parts_of(*comparison_.was.parent_of(*own), Kind::column))
                if (names_column(publication, *column) && changes_type(*column))
                    all.push_back(column);
            if (all.empty() || all.front() != own)
                continue;
            for (const Object *column : all)
                if (column != own)
                    alteration_.before.push_back({column->kind, column->identity});
            alteration_.statements.add(
                cat("ALTER PUBLICATION ", publication.identity, " DROP TABLE ONLY ", is_.parent));
            FollowUp follow;
            follow.statements.add(publish_again(*after));
            follow.needs.push_back({after->kind, after->identity});
            for (const Need &need : after->needs)
                follow.needs.push_back({comparison_.is[need.object].kind, comparison_.is[need.object].identity});
            for (const Object *column : all)
                follow.needs.push_back({column->kind, column->identity});
            alteration_.later.push_back(std::move(follow));
        }
    }

    bool names_column(const Object &publication, const Object &column) const
    {
        return std::any_of(publication.needs.begin(), publication.needs.end(),
                           [&](const Need &need) { return &comparison_.was[need.object] == &column; });
    }

    bool type_changes(const Object &column) const
    {
        const Object *after = comparison_.is_of(column);
        return type_is_aside(column, comparison_) ||
               (after != nullptr && !column.attributes.same(after->attributes, "type"));
    }

    // Types that are compared with each other without a cast.
    static std::string_view family(std::string_view type)
    {
        if (type == "smallint" || type == "integer" || type == "bigint")
            return "integer";
        return type.starts_with("character varying") ? "text" : type;
    }

    // Where both sides change one after the other, they have types in between that may not be compared.
    void foreign_keys()
    {
        const bool stays_comparable =
            !type_is_aside(was_, comparison_) && family(was_.text("type")) == family(is_.text("type"));
        if (stays_comparable)
            return;
        for (const Need &dependent : comparison_.was.dependents_of(comparison_.was.index_of(was_))) {
            const Object &key = comparison_.was[dependent.object];
            if (key.kind != Kind::constraint || key.text("type") != "f" || key.has("inherited_from"))
                continue;
            const bool others_change = std::any_of(key.needs.begin(), key.needs.end(), [&](const Need &need) {
                const Object &column = comparison_.was[need.object];
                return column.kind == Kind::column && &column != &was_ && type_changes(column);
            });
            if (others_change)
                alteration_.rebuild_also.push_back({Kind::constraint, key.identity});
        }
    }

    // Constraints and indexes that stay are understood anew with the new type (ATPostAlterTypeCleanup() in
    // tablecmds.c).
    void behind_overloads()
    {
        for (const Need &dependent : comparison_.is.dependents_of(comparison_.is.index_of(is_))) {
            const Object &object = comparison_.is[dependent.object];
            if (comparison_.was_of(object) == nullptr)
                continue;
            for (const Need &need : object.needs)
                if (const Object &called = comparison_.is[need.object];
                    routines.contains(called.kind) && comparison_.was_of(called) == nullptr)
                    alteration_.after.push_back({called.kind, called.identity});
        }
    }

    void identity()
    {
        if (!is_.has("identity_kind"))
            return;
        if (!was_.has("identity_kind")) {
            add_identity();
            return;
        }
        if (differs("identity_kind"))
            add(cat(" SET GENERATED ", is_.text("identity_kind")));
        const Object *before = comparison_.was.find(Kind::sequence, was_.text("sequence"));
        const Object *after = comparison_.is.find(Kind::sequence, is_.text("sequence"));
        if (differs("sequence") && before != nullptr && after != nullptr) {
            alteration_.statements.add(cat("ALTER SEQUENCE ", before->identity, " RENAME TO ", after->name));
            alter_sequence_numbers(*before, *after, alteration_.statements);
        }
    }

    // Its own, or one of nobody's that the sequence of the identity takes the place of.
    const Object *sequence_before() const
    {
        if (const Object *owned = owned_sequence(was_, comparison_.was))
            return owned;
        const Object *loose = comparison_.was.find(Kind::sequence, is_.text("sequence"));
        return loose != nullptr && !loose->has("of_identity") && !loose->has("owned_by") ? loose : nullptr;
    }

    // The sequence that the column had as a serial one goes on counting.
    void add_identity()
    {
        const std::string clause =
            cat(" ADD GENERATED ", is_.text("identity_kind"), " AS IDENTITY", identity_options(is_, comparison_.is));
        const Object *serial = sequence_before();
        if (serial == nullptr) {
            add(clause);
            go_on_behind();
            return;
        }
        const bool same_name = serial->identity == is_.text("sequence");
        std::string old = serial->identity;
        if (same_name) {
            const std::string name = comparison_.helpers->next_to(*serial, "_replaced");
            alteration_.statements.add(cat("ALTER SEQUENCE ", serial->identity, " RENAME TO ", name));
            old = cat(serial->schema, ".", name);
        }
        add(clause);
        if (const Object *sequence = comparison_.is.find(Kind::sequence, is_.text("sequence")))
            go_on_from(old, *serial, *sequence, alteration_.statements);
        if (same_name)
            alteration_.statements.add(cat("DROP SEQUENCE ", old));
    }

    void go_on_behind()
    {
        const Object *sequence = comparison_.is.find(Kind::sequence, is_.text("sequence"));
        const Object *before = find_table(comparison_.was, is_.parent);
        if (sequence == nullptr || before == nullptr || table_.kind == Kind::foreign_table)
            return;
        // Policies would hide rows from the owner.
        const bool forced = before->has("force_row_security") || table_.has("force_row_security");
        if (forced)
            alteration_.statements.add(cat("ALTER TABLE ", is_.parent, " NO FORCE ROW LEVEL SECURITY"));
        go_on_behind_values(*sequence, is_, alteration_.statements);
        if (forced && table_.has("force_row_security"))
            alteration_.statements.add(cat("ALTER TABLE ", is_.parent, " FORCE ROW LEVEL SECURITY"));
    }

    void options_of_server()
    {
        if (differs("server_options"))
            add(foreign_option_changes(was_.list("server_options"), is_.list("server_options")));
    }

    void local()
    {
        if (!differs("inherited_only") || table_.has("partition_of") || table_.has("of_type"))
            return;
        if (!is_.has("inherited_only"))
            make_local(is_, comparison_, alteration_.later);
        else
            alteration_.notes.push_back(cat(is_.identity, " stays a column of its own besides being inherited, which "
                                                          "ALTER TABLE cannot change"));
    }

    const Object &was_;
    const Object &is_;
    const Comparison &comparison_;
    Alteration &alteration_;
    const Object &table_;
    const std::vector<const Object *> above_;
    const std::string alter_;
};

} // namespace

void alter_column(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (find_table(comparison.is, is.parent) == nullptr)
        alter_column_properties(&was, is, comparison, alteration.statements); // of a view, whose columns follow it
    else
        Change(was, is, comparison, alteration).run();
}

void alter_column_properties(const Object *was, const Object &is, const Comparison &comparison, Statements &statements)
{
    const Object *relation = comparison.is.find_relation(is.parent);
    if (relation == nullptr)
        return;
    const bool table = relation->kind == Kind::table;
    const std::string alter =
        cat("ALTER ", info(relation->kind).keyword, table ? " ONLY " : " ", is.parent, " ALTER COLUMN ", is.name);
    const auto differs = [&](std::string_view name) {
        return was != nullptr ? !was->attributes.same(is.attributes, name) : is.has(name);
    };
    // ALTER COLUMN TYPE brings the storage and the compression of the type; DEFAULT is a word for storage from 16 on
    // only.
    const bool type_changes =
        was != nullptr && (differs("type") || differs("collation") || type_is_aside(*was, comparison));
    if (differs("storage") || (type_changes && is.has("storage"))) {
        if (is.has("storage"))
            statements.add(cat(alter, " SET STORAGE ", is.text("storage")));
        else if (!type_changes)
            statements.add(cat(alter, " SET STORAGE ", default_storage(is, comparison.is)));
    }
    // CREATE TABLE and ADD COLUMN have said it of a table's.
    if ((differs("compression") && (was != nullptr || !table)) || (type_changes && is.has("compression")))
        statements.add(cat(alter, " SET COMPRESSION ",
                           is.has("compression") ? is.text("compression") : std::string_view("default")));
    if (differs("statistics"))
        statements.add(
            cat(alter, " SET STATISTICS ", is.has("statistics") ? is.text("statistics") : std::string_view("-1")));
    const ParameterChanges changes =
        parameter_changes(was != nullptr ? was->list("options") : OptionList(), is.list("options"));
    if (!changes.reset.empty())
        statements.add(cat(alter, " RESET (", changes.reset, ")"));
    if (!changes.set.empty())
        statements.add(cat(alter, " SET (", changes.set, ")"));
}

} // namespace pgmigrate::model
