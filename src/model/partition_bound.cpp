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

// The content of a literal as it is compared.
std::string comparable_literal(std::string_view quoted)
{
    constexpr std::string_view midnight = " 00:00:00";
    constexpr std::size_t quotes = 2;
    std::string_view content = quoted.substr(1, quoted.size() - quotes);
    const auto is_number_or_day = [](std::string_view text) {
        return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos;
    };
    if (content.ends_with(midnight) && is_number_or_day(content.substr(0, content.size() - midnight.size())))
        content.remove_suffix(midnight.size());
    return std::string(is_number_or_day(content) ? content : quoted);
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

bool is_same_key(std::string_view item_was, std::string_view item_is, Sameness needed, const Comparison &comparison)
{
    const KeyType was = key_type(item_was);
    const KeyType is = key_type(item_is);
    // Values of what is made again are read from their texts.
    if (is_remade(was.type, comparison))
        return needed == Sameness::equality && was.type == is.type && was.collation == is.collation;
    if (!keeps(needed, was.type, is.type))
        return false;
    return was.collation == is.collation || was.collation == "-" || is.collation == "-" ||
           (needed == Sameness::equality && is_deterministic(was.collation, comparison.was));
}

// Whether the key is of the same columns, and has types under which they are in the same places.
bool is_same_but_for_types(const Object &was, const Object &is, const Comparison &comparison)
{
    const std::string_view key = was.text("partition_key");
    const auto types_were = was.list("partition_types");
    const auto types_are = is.list("partition_types");
    // An expression may come to something else.
    if (!was.attributes.same(is.attributes, "partition_key") || std::ranges::count(key, '(') != 1 ||
        types_were.size() != types_are.size() || has_remade_collation(was, comparison))
        return false;
    return std::equal(types_were.begin(), types_were.end(), types_are.begin(),
                      [&](std::string_view before, std::string_view after) {
                          return is_same_key(before, after, needed_by(key), comparison);
                      });
}

bool is_same_part(const Object &was, const Object &is)
{
    return was.attributes.same(is.attributes, "partition_of") &&
           comparable_bound(was.text("bound")) == comparable_bound(is.text("bound"));
}

// Rows of a partition that goes, or takes others, may be those of the default partition, which is attached behind them.
bool siblings_stay(const Object &above, const Comparison &comparison)
{
    return std::ranges::all_of(tables_below(above, comparison.was), [&](const Object *each) {
        const Object *is = comparison.is.find(each->kind, each->identity);
        return is != nullptr && is_same_part(*each, *is);
    });
}

// Whether the indexes that those of a partition are attached to stay: it would lose them, and those below it,
// otherwise.
bool stays_attached(const Object &partition, const Comparison &comparison)
{
    for (const Kind kind : {Kind::index, Kind::constraint})
        for (const Object *index : comparison.was.parts_of(partition, kind)) {
            const Object *above = index_above(*index, comparison.was);
            const Object *is = above == nullptr ? nullptr : comparison.is_of(*above);
            if (above != nullptr && (is == nullptr || differs_beyond_decorations(*above, *is)))
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

std::string comparable_bound(std::string_view bound)
{
    std::string text;
    for (std::size_t at = 0; at < bound.size();) {
        if (bound[at] != '\'') {
            text += bound[at++];
            continue;
        }
        std::size_t end = at + 1;
        while (end < bound.size() && (bound[end] != '\'' || (end + 1 < bound.size() && bound[end + 1] == '\'')))
            end += bound[end] == '\'' ? 2 : 1;
        end = std::min(end + 1, bound.size());
        text += comparable_literal(bound.substr(at, end - at));
        at = end;
    }
    return text;
}

bool keeps_its_rows(const Object &was, const Comparison &comparison)
{
    for (const Object *part = &was; part->has("partition_of");) {
        const Object *is = comparison.is.find(Kind::table, part->identity);
        const Object *above = comparison.was.find(Kind::table, part->text("partition_of"));
        const Object *above_is = comparison.is.find(Kind::table, part->text("partition_of"));
        if (is == nullptr || above == nullptr || above_is == nullptr || !is_same_part(*part, *is) ||
            !is_same_but_for_types(*above, *above_is, comparison) ||
            (part != &was && !is_moved(*above, comparison) && !stays_attached(*part, comparison)) ||
            (part->text("bound") == "DEFAULT" && !siblings_stay(*above, comparison)))
            return false;
        part = above;
    }
    return true;
}

} // namespace pgmigrate::model
