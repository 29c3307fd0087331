// SPDX-License-Identifier: PostgreSQL
#include "model/not_null.hpp"

#include "model/inheritance.hpp"
#include "model/table.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

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

bool has_not_null(const Object &column, const Snapshot &was)
{
    const Object *before = was.find(Kind::column, column.identity);
    return before != nullptr && before->has("not_null");
}

} // namespace

// One that is inherited can have the name that it is to get already, because it was never given the one that it has in
// the snapshot.
bool not_null_name_is_taken(const Object &column, const Comparison &comparison)
{
    if (has_not_null(column, comparison.was))
        return true;
    const std::string name = default_name(column, comparison.is);
    const auto has_name = [&](const Object &each) {
        return each.schema == column.schema && ((each.kind == Kind::constraint && each.name == name) ||
                                                (each.kind == Kind::column && explicit_not_null_name(each) == name));
    };
    return std::ranges::any_of(comparison.was.objects(), has_name) ||
           std::ranges::any_of(comparison.is.objects(), [&](const Object &each) {
               return each.kind == Kind::column && has_name(each) && has_not_null(each, comparison.was);
           });
}

bool inherits_not_null(const Object &column)
{
    return column.has("not_null_from_above");
}

std::string_view explicit_not_null_name(const Object &column)
{
    return inherits_not_null(column) ? column.text("not_null_inherited") : column.text("not_null_name");
}

std::string not_null_name(const Object &column, const Snapshot &snapshot)
{
    const std::string_view name = explicit_not_null_name(column);
    return name.empty() ? default_name(column, snapshot) : std::string(name);
}

std::string not_null_suffix(const Object &column)
{
    return cat(column.has("not_null_no_inherit") ? " NO INHERIT" : "",
               column.has("not_null_not_valid") ? " NOT VALID" : "");
}

std::string add_not_null(const Object &column, const Object &table, const Snapshot &is)
{
    return cat(alter_table(table), " ADD CONSTRAINT ", not_null_name(column, is), " NOT NULL ", column.name,
               not_null_suffix(column));
}

void comment_on_not_null(const Object &column, const std::string &name, Statements &statements)
{
    const std::string_view text = column.text("not_null_comment");
    statements.add(cat("COMMENT ON CONSTRAINT ", name, " ON ", column.parent, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

bool gives_not_null(const Object &column)
{
    return column.has("not_null") && !column.has("not_null_no_inherit");
}

void inherit_not_null(Object &column, const Object &above, const Snapshot &snapshot)
{
    for (const std::string_view each :
         {"not_null", "not_null_name", "not_null_from_above", "not_null_inherited", "not_null_local",
          "not_null_no_inherit", "not_null_not_valid", "not_null_comment"})
        column.attributes.erase(each);
    if (!gives_not_null(above))
        return;
    column.attributes.set("not_null", "true");
    if (snapshot.session.server_version < not_null_is_constraint)
        return;
    column.attributes.set("not_null_from_above", "true");
    column.attributes.set("not_null_inherited", not_null_name(above, snapshot));
}

std::string not_null_clause(const Object &column, const Comparison &comparison)
{
    if (!column.has("not_null"))
        return {};
    if (comparison.is.session.server_version < not_null_is_constraint)
        return " NOT NULL";
    const Object *table = find_table(comparison.is, column.parent);
    const bool comes_from_above = inherits_not_null(column) && !column.has("not_null_local") && table != nullptr &&
                                  table->has("inherits") && is_new(table->identity, comparison);
    // A new partition has no rows that could be in the way, and needs it to be attached.
    const bool comes_later = column.has("not_null_not_valid") && table != nullptr && !table->has("partition_of");
    if (comes_from_above || comes_later)
        return {};
    const bool is_default = explicit_not_null_name(column).empty() && !not_null_name_is_taken(column, comparison);
    const std::string name = is_default ? std::string() : not_null_name(column, comparison.is);
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
    if (comparison.is.session.server_version >= not_null_is_constraint)
        statements.add(add_not_null(column, table, comparison.is));
    else
        statements.add(cat("ALTER TABLE ", column.parent, " ALTER COLUMN ", column.name,
                           column.has("not_null") ? " SET NOT NULL" : " DROP NOT NULL"));
}

void settle_not_null(const Object &column, const Comparison &comparison, Statements &statements)
{
    const Object *table = find_table(comparison.is, column.parent);
    if (table == nullptr || !column.has("not_null"))
        return;
    if (column.has("not_null_not_valid") && !inherits_not_null(column) && !column.has("inherited_only"))
        statements.add(add_not_null(column, *table, comparison.is));
    if (column.has("not_null_comment"))
        comment_on_not_null(column, not_null_name(column, comparison.is), statements);
}

void note_inherited_names(const Comparison &comparison, std::vector<std::string> &notes)
{
    std::size_t count = 0;
    std::string first;
    for (const Object &column : comparison.is.objects()) {
        if (column.kind != Kind::column || !inherits_not_null(column))
            continue;
        const Object *before = comparison.was_of(column);
        if (before == nullptr || !inherits_not_null(*before) || comparison.fate_of_is(column) == Fate::replaced ||
            explicit_not_null_name(*before) == explicit_not_null_name(column))
            continue;
        // Renaming that which it is inherited from does it.
        const auto above = columns_above(column, comparison, comparison.is);
        if (std::ranges::any_of(above, [&](const Object *each) {
                const Object *earlier = comparison.was_of(*each);
                return earlier != nullptr &&
                       not_null_name(*earlier, comparison.was) == explicit_not_null_name(*before) &&
                       not_null_name(*each, comparison.is) == explicit_not_null_name(column);
            }))
            continue;
        if (count++ == 0)
            first = cat(explicit_not_null_name(*before), " ON ", column.parent);
    }
    if (count != 0)
        notes.push_back(cat("constraint ", first, count == 1 ? "" : cat(" and ", std::to_string(count - 1), " more"),
                            count == 1 ? " is" : " are",
                            " inherited under another name than in the model, which ALTER TABLE cannot change"));
}

} // namespace pgmigrate::model
