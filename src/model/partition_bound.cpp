// SPDX-License-Identifier: PostgreSQL
#include "model/partition_bound.hpp"

#include "model/column.hpp"
#include "model/index_properties.hpp"
#include "model/inheritance.hpp"
#include "model/text.hpp"
#include "model/type_aside.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

bool is_number_or_day(std::string_view text)
{
    return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

// 1.50 and 1.5, 1.0 and 1.
std::string_view comparable_number(std::string_view digits)
{
    while (digits.find('.') != std::string_view::npos && (digits.ends_with('0') || digits.ends_with('.')))
        digits.remove_suffix(1);
    return digits;
}

// The content of a literal as it is compared.
std::string comparable_literal(std::string_view quoted, BoundOf of)
{
    constexpr std::string_view midnight = " 00:00:00";
    constexpr std::size_t quotes = 2;
    std::string_view content = quoted.substr(1, std::max(quoted.size(), quotes) - quotes);
    if (of.days && content.ends_with(midnight))
        content.remove_suffix(midnight.size());
    if (!is_number_or_day(content))
        return std::string(quoted);
    return std::string(of.numbers ? comparable_number(content) : content);
}

Sameness needed_by(std::string_view key)
{
    return key.starts_with("LIST") ? Sameness::equality : key.starts_with("HASH") ? Sameness::hash : Sameness::order;
}

bool is_deterministic(std::string_view collation, const Snapshot &snapshot)
{
    const Object *object = snapshot.find(Kind::collation, collation);
    return object == nullptr || !object->has("nondeterministic");
}

bool has_remade_collation(const Object &was, const Comparison &comparison)
{
    return std::any_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
        const Object &object = comparison.was[need.object];
        const Object *is = comparison.is_of(object);
        return (object.kind == Kind::collation || object.kind == Kind::operator_class) &&
               (is == nullptr || differs_beyond_decorations(object, *is));
    });
}

// What a partitioned table with a key of other types has in common with what it was.
class KeyChange
{
  public:
    KeyChange(const Object &was, const Object &is, const Comparison &comparison)
        : was_(was), is_(is), comparison_(comparison), needed_(needed_by(was.text("partition_key")))
    {
        constexpr std::string_view numbers[] = {"smallint", "integer", "bigint", "numeric"};
        bound_of_.numbers = true;
        for (const Object *table : {&was, &is})
            for (const std::string &each : table->list("partition_types")) {
                const std::string_view type = key_type(each).type;
                bound_of_.days |= type == "date" || type.starts_with("timestamp");
                bound_of_.numbers &= std::ranges::any_of(
                    numbers, [&](std::string_view number) { return type == number || type.starts_with("numeric("); });
            }
    }

    // Whether the key is of the same columns, and has types under which they are in the same places.
    bool keeps_places() const
    {
        const auto types_were = was_.list("partition_types");
        const auto types_are = is_.list("partition_types");
        // An expression may come to something else.
        if (!was_.attributes.same(is_.attributes, "partition_key") ||
            std::ranges::count(was_.text("partition_key"), '(') != 1 || types_were.size() != types_are.size() ||
            has_remade_collation(was_, comparison_))
            return false;
        // Two different moments on a day are told apart by the next column.
        if (types_were.size() > 1 && needed_ == Sameness::order && bound_of_.days &&
            !std::ranges::equal(types_were, types_are))
            return false;
        return std::equal(types_were.begin(), types_were.end(), types_are.begin(),
                          [&](std::string_view before, std::string_view after) { return is_same(before, after); });
    }

    bool has_same_bound(const Object &was, const Object &is) const
    {
        return was.attributes.same(is.attributes, "partition_of") &&
               comparable_bound(was.text("bound"), bound_of_) == comparable_bound(is.text("bound"), bound_of_);
    }

    // Rows of a partition that goes, or takes others, may be those of the default partition, which is attached behind
    // them.
    bool siblings_stay() const
    {
        return std::ranges::all_of(below(), [&](const Object *each) {
            const Object *is = comparison_.is.find(each->kind, each->identity);
            return is != nullptr && has_same_bound(*each, *is);
        });
    }

  private:
    // Not kept: it is asked for each of many partitions, and for most of them not needed.
    std::vector<const Object *> below() const { return tables_below(was_, comparison_.was); }

    bool is_same(std::string_view item_was, std::string_view item_is) const
    {
        const KeyType was = key_type(item_was);
        const KeyType is = key_type(item_is);
        // Values of what is made again are read from their texts.
        if (is_remade(was.type, comparison_))
            return needed_ == Sameness::equality && was.type == is.type && was.collation == is.collation &&
                   comparison_.was.find(Kind::enum_type, was.type) != nullptr;
        if (!keeps(needed_, was.type, is.type) && !takes_what_is_listed(was.type, is.type))
            return false;
        return was.collation == is.collation || was.collation == "-" || is.collation == "-" ||
               (needed_ == Sameness::equality && is_deterministic(was.collation, comparison_.was) &&
                is_deterministic(is.collation, comparison_.is));
    }

    // A list has its values, however they are written for the other type. The default partition has all others, of
    // which one may become one of them.
    bool takes_what_is_listed(std::string_view was, std::string_view is) const
    {
        if (needed_ != Sameness::equality)
            return false;
        const std::vector<const Object *> all = below();
        return std::ranges::all_of(
                   all, [&](const Object *each) { return takes_whole_text(was, is, each->text("bound").size()); }) ||
               (has_one_spelling(was) &&
                std::ranges::none_of(all, [](const Object *each) { return each->text("bound") == "DEFAULT"; }));
    }

    const Object &was_;
    const Object &is_;
    const Comparison &comparison_;
    Sameness needed_;
    BoundOf bound_of_;
};

// Whether something that is attached to an index, at any depth, is to be there without it.
bool outlives_index(const Object &index, const Comparison &comparison)
{
    return std::ranges::any_of(comparison.was.dependents_of(comparison.was.index_of(index)),
                               [&](const Need &dependent) {
                                   const Object &below = comparison.was[dependent.object];
                                   if (index_above(below, comparison.was) != &index)
                                       return false;
                                   const Object *is = comparison.is_of(below);
                                   return (is != nullptr && is->attributes.same(below.attributes, "definition")) ||
                                          outlives_index(below, comparison);
                               });
}

// It goes before the column changes, and that may be before partitions are detached.
bool is_on_changed_column(const Object &index, const Comparison &comparison)
{
    return std::ranges::any_of(index.needs, [&](const Need &need) {
        const Object &column = comparison.was[need.object];
        const Object *is = column.kind == Kind::column ? comparison.is_of(column) : nullptr;
        return column.kind == Kind::column && (is == nullptr || differs_beyond_decorations(column, *is));
    });
}

// Whether the indexes that those of a partition are attached to stay: those below it would go with them otherwise.
bool stays_attached(const Object &partition, const Comparison &comparison)
{
    for (const Kind kind : {Kind::index, Kind::constraint})
        for (const Object *index : comparison.was.parts_of(partition, kind)) {
            const Object *above = index_above(*index, comparison.was);
            const Object *is = above == nullptr ? nullptr : comparison.is_of(*above);
            if (above != nullptr && (is == nullptr || differs_beyond_decorations(*above, *is)) &&
                (is_on_changed_column(*above, comparison) || outlives_index(*index, comparison)))
                return false;
        }
    return true;
}

} // namespace

KeyType key_type(std::string_view item)
{
    constexpr std::string_view collate = " COLLATE ";
    const std::size_t end = item.rfind(collate);
    if (end == std::string_view::npos)
        return {item, "-"};
    return {item.substr(0, end), item.substr(end + collate.size())};
}

std::string comparable_bound(std::string_view bound, BoundOf of)
{
    constexpr std::string_view digits = "0123456789.";
    std::string text;
    for (std::size_t at = 0; at < bound.size();) {
        std::size_t end = at + 1;
        if (bound[at] == '\'') {
            while (end < bound.size() && (bound[end] != '\'' || (end + 1 < bound.size() && bound[end + 1] == '\'')))
                end += bound[end] == '\'' ? 2 : 1;
            end = std::min(end + 1, bound.size());
            text += comparable_literal(bound.substr(at, end - at), of);
        } else if (of.numbers && digits.find(bound[at]) != std::string_view::npos) {
            end = std::min(bound.find_first_not_of(digits, at), bound.size());
            text += comparable_number(bound.substr(at, end - at));
        } else {
            text += bound[at];
        }
        at = end;
    }
    return text;
}

bool keeps_its_rows(const Object &was, const Comparison &comparison)
{
    for (const Object *part = &was; part->has("partition_of");) {
        const Object *is = comparison.is.find(part->kind, part->identity);
        const Object *above = comparison.was.find(Kind::table, part->text("partition_of"));
        const Object *above_is = comparison.is.find(Kind::table, part->text("partition_of"));
        if (is == nullptr || above == nullptr || above_is == nullptr)
            return false;
        const KeyChange change(*above, *above_is, comparison);
        if (!change.keeps_places() || !change.has_same_bound(*part, *is) ||
            (part->text("bound") == "DEFAULT" && !change.siblings_stay()) ||
            (part != &was && !is_moved(*above, comparison) && !stays_attached(*part, comparison)))
            return false;
        part = above;
    }
    return true;
}

} // namespace pgmigrate::model
