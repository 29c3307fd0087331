// SPDX-License-Identifier: PostgreSQL
#include "model/column.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <array>

namespace pgmigrate::model
{

namespace
{

// Without its length: character varying(20) is character varying.
std::string base_of(std::string_view type)
{
    const std::size_t open = type.find('(');
    const std::size_t close = type.find(')', std::min(open, type.size()));
    if (open == std::string_view::npos || close == std::string_view::npos || type.starts_with('"'))
        return std::string(type);
    return cat(type.substr(0, open), type.substr(close + 1));
}

bool is_text(std::string_view base)
{
    return base == "text" || base == "character varying" || base == "character";
}

bool is_one_of(std::string_view base, std::initializer_list<std::string_view> names)
{
    return std::find(names.begin(), names.end(), base) != names.end();
}

// The numbers in the order in which each takes all values of those before it.
int number_rank(std::string_view base)
{
    constexpr std::string_view numbers[] = {"smallint", "integer", "bigint", "numeric"};
    const auto found = std::find(std::begin(numbers), std::end(numbers), base);
    return found == std::end(numbers) ? -1 : static_cast<int>(found - std::begin(numbers));
}

bool is_float(std::string_view base)
{
    return is_one_of(base, {"real", "double precision"});
}

bool is_moment(std::string_view base)
{
    return is_one_of(base, {"date", "timestamp without time zone", "timestamp with time zone"});
}

// Casts of the server's own types that an assignment makes.
bool is_assignable(std::string_view was, std::string_view is)
{
    if (was == is || is_text(is))
        return true;
    if ((number_rank(was) >= 0 || is_float(was)) && (number_rank(is) >= 0 || is_float(is)))
        return true;
    return (is_moment(was) && is_moment(is)) ||
           (is_one_of(was, {"json", "jsonb"}) && is_one_of(is, {"json", "jsonb"})) || (was == "cidr" && is == "inet") ||
           (was == "inet" && is == "cidr") || (was == "money" && is == "numeric") ||
           (is_one_of(was, {"integer", "bigint", "numeric"}) && is == "money") ||
           (is_one_of(was, {"bit", "bit varying"}) && is_one_of(is, {"bit", "bit varying"})) ||
           (is_one_of(was, {"oid", "bigint"}) && is_one_of(is, {"oid", "bigint"}));
}

bool is_castable(std::string_view was, std::string_view is)
{
    return is_assignable(was, is) || is_text(was) ||
           (is_one_of(was, {"integer", "boolean"}) && is_one_of(is, {"integer", "boolean"}));
}

// The numbers in the parentheses of a type: the length, or precision and scale. -1 where there is none.
std::array<int, 2> modifiers_of(std::string_view type)
{
    std::array<int, 2> numbers = {-1, -1};
    std::size_t at = type.find('(');
    for (int &number : numbers) {
        if (at == std::string_view::npos)
            break;
        number = 0;
        for (++at; at < type.size() && type[at] >= '0' && type[at] <= '9'; ++at)
            number = number * 10 + (type[at] - '0');
        if (at >= type.size() || type[at] != ',')
            break;
    }
    return numbers;
}

// Keys that are doubled are lost, their order and white space.
bool becomes_binary(std::string_view was, std::string_view is)
{
    return was == "json" && is == "jsonb";
}

// The server rounds and cuts without a word.
bool loses(std::string_view was, std::string_view is, std::string_view base_was, std::string_view base_is)
{
    const bool was_inexact = is_one_of(base_was, {"numeric", "money"}) || is_float(base_was);
    if (was_inexact && is_one_of(base_is, {"smallint", "integer", "bigint"}))
        return true;
    if (base_was == "numeric" && base_is == "money")
        return true;
    if (becomes_binary(base_was, base_is) || (base_was == "integer" && base_is == "boolean"))
        return true;
    if ((base_was == "double precision" && base_is == "real") || (base_was == "numeric" && is_float(base_is)))
        return true;
    const auto [precision, scale] = modifiers_of(is);
    if (base_is == "numeric" && precision >= 0 && was_inexact) {
        const auto [precision_was, scale_was] = modifiers_of(was);
        return is_float(base_was) || precision_was < 0 || std::max(scale, 0) < std::max(scale_was, 0);
    }
    constexpr std::string_view with_seconds[] = {"timestamp without time zone", "timestamp with time zone",
                                                 "time without time zone", "time with time zone", "interval"};
    if (std::ranges::find(with_seconds, base_was) != std::end(with_seconds)) {
        const int digits_were = modifiers_of(was)[0];
        return base_is == "date" || base_is.starts_with("time without") != base_was.starts_with("time without") ||
               (precision >= 0 && (digits_were < 0 || precision < digits_were));
    }
    return (is_text(base_was) && is_one_of(base_is, {"name", "\"char\""})) || (base_was == "inet" && base_is == "cidr");
}

// What the elements of an array are, what is under a domain, and the bounds of a range.
std::string_view stored_type(std::string_view type, const Snapshot &snapshot)
{
    while (type.ends_with("[]"))
        type.remove_suffix(2);
    if (const Object *domain = snapshot.find(Kind::domain, type))
        return stored_type(domain->text("type"), snapshot);
    if (const Object *range = snapshot.find(Kind::range_type, type))
        return stored_type(range->text("subtype"), snapshot);
    return type;
}

// An explicit cast cuts without a word what an assignment would refuse, each element of an array and under a domain,
// too; and a text may say more of a time than the type.
bool cuts(std::string_view type, const Snapshot &snapshot)
{
    const std::string_view is = stored_type(type, snapshot);
    return modifiers_of(is)[0] >= 0 || is.starts_with("date") || is.starts_with("time") || is.starts_with("interval") ||
           is_one_of(is, {"name", "\"char\""});
}

bool always_fits(std::string_view was, std::string_view is, std::string_view base_was, std::string_view base_is)
{
    if (is == "text" || (is_text(base_is) && is == base_is && is != "character"))
        return true;
    if (number_rank(base_was) >= 0 && number_rank(base_is) > number_rank(base_was) && is == base_is)
        return true;
    if (is_moment(base_was) && is_moment(base_is))
        return true;
    if (base_was != base_is)
        return false;
    const auto [precision, scale] = modifiers_of(is);
    const auto [precision_was, scale_was] = modifiers_of(was);
    if (base_is == "character varying" || base_is == "character")
        return precision_was >= 0 && precision >= precision_was;
    if (base_is == "numeric" && precision >= 0)
        return precision_was >= 0 &&
               precision - std::max(scale, 0) >= precision_was - std::max(scale_was, 0) + (scale < scale_was ? 1 : 0);
    return is == base_is && was != is;
}

} // namespace

Conversion conversion(const Object &was, const Object &is, const Comparison &comparison)
{
    const std::string before = base_of(was.text("type"));
    const std::string after = base_of(is.text("type"));
    const bool may_fail = !always_fits(was.text("type"), is.text("type"), before, after);
    const std::string_view stored_was = stored_type(was.text("type"), comparison.was);
    const std::string_view stored_is = stored_type(is.text("type"), comparison.is);
    const bool lossy = loses(stored_was, stored_is, base_of(stored_was), base_of(stored_is));
    if (is_assignable(before, after))
        return {{}, may_fail, lossy};
    // An explicit cast where there is one; every type can be written and read as a text.
    return {cat(" USING ", is.name, is_castable(before, after) ? "::" : "::text::", is.text("type")), may_fail,
            lossy || cuts(is.text("type"), comparison.is)};
}

bool keeps(Sameness what, std::string_view type_was, std::string_view type_is)
{
    if (type_was == type_is)
        return true;
    const std::string was = base_of(type_was);
    const std::string is = base_of(type_is);
    const auto both = [&](std::initializer_list<std::string_view> names) {
        return is_one_of(was, names) && is_one_of(is, names);
    };
    // These share an operator family: the server compares them, and finds them by their hashes, across types. What is
    // too long for a text loses spaces at its end.
    if (both({"smallint", "integer", "bigint"}) ||
        (both({"text", "character varying"}) && always_fits(type_was, type_is, was, is)))
        return true;
    const bool stays_exact = type_is.find('-') == std::string_view::npos && !loses(type_was, type_is, was, is);
    if (is == "numeric" && number_rank(was) >= 0 && stays_exact)
        return what != Sameness::hash || was == is;
    // What has a time of day is cut to its day: the bounds, being days, stay where they are, and what lies between
    // them; two that were different may be the same.
    if (was == "date" && is == "timestamp without time zone")
        return what != Sameness::hash;
    if (is == "date" && was == "timestamp without time zone")
        return what == Sameness::order;
    return false;
}

bool takes_whole_text(std::string_view type_was, std::string_view type_is, std::size_t length)
{
    const int most = modifiers_of(type_is)[0];
    return is_one_of(base_of(type_was), {"text", "character varying"}) && base_of(type_is) == "character varying" &&
           most > 0 && length < static_cast<std::size_t>(most);
}

bool has_one_spelling(std::string_view type)
{
    return is_one_of(base_of(type), {"smallint", "integer", "bigint", "text", "character varying", "date",
                                     "timestamp without time zone", "uuid", "boolean"});
}

bool depends_on_time_zone(const Object &was, const Object &is)
{
    constexpr std::string_view zoned = "timestamp with time zone";
    const std::string before = base_of(was.text("type"));
    const std::string after = base_of(is.text("type"));
    return is_moment(before) && is_moment(after) && (before == zoned) != (after == zoned);
}

bool type_is_aside(const Object &was, const Comparison &comparison)
{
    return std::any_of(was.needs.begin(), was.needs.end(), [&](const Need &need) {
        const Kind kind = comparison.was[need.object].kind;
        return comparison.aside[need.object] && kind != Kind::table && kind != Kind::collation;
    });
}

namespace
{

// What has too many digits is rounded and cut where it is read from a text, but for a number without any.
bool loses_digits(std::string_view was, std::string_view is, const Snapshot &snapshot)
{
    const std::string base_was = base_of(was);
    const std::string base_is = base_of(is);
    if (was == is || is_one_of(base_is, {"smallint", "integer", "bigint", "boolean"}))
        return false;
    return loses(was, is, base_was, base_is) || (cuts(is, snapshot) && !always_fits(was, is, base_was, base_is));
}

// The text of a row: what is too long for an attribute is an error, what is too exact is rounded.
bool loses_in_row(std::string_view type_was, std::string_view type_is, const Comparison &comparison)
{
    const std::string_view before = stored_type(type_was, comparison.was);
    const std::string_view after = stored_type(type_is, comparison.is);
    const Object *row_was = comparison.was.find(Kind::composite_type, before);
    const Object *row_is = comparison.is.find(Kind::composite_type, after);
    if (row_was == nullptr || row_is == nullptr) {
        const std::string base_is = base_of(after);
        return !is_text(base_is) && !is_one_of(base_is, {"bit", "bit varying"}) &&
               loses_digits(before, after, comparison.is);
    }
    const std::vector<const Object *> attributes = comparison.is.parts_of(*row_is, Kind::column);
    return std::ranges::any_of(comparison.was.parts_of(*row_was, Kind::column), [&](const Object *each) {
        const auto after_it = std::ranges::find(attributes, each->name, [](const Object *part) { return part->name; });
        return after_it != attributes.end() && loses_in_row(each->text("type"), (*after_it)->text("type"), comparison);
    });
}

} // namespace

bool loses_by_text(const Object &was, const Object &is, const Comparison &comparison)
{
    const std::string_view before = stored_type(was.text("type"), comparison.was);
    const std::string_view after = stored_type(is.text("type"), comparison.is);
    if (comparison.was.find(Kind::composite_type, before) != nullptr &&
        comparison.is.find(Kind::composite_type, after) != nullptr)
        return loses_in_row(before, after, comparison);
    return loses_digits(before, after, comparison.is);
}

std::string by_text(const Object &is)
{
    const std::string_view type = is.text("type");
    return cat(is.name, type.ends_with("[]") ? "::text[]::" : "::text::", type);
}

} // namespace pgmigrate::model
