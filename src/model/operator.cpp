// SPDX-License-Identifier: PostgreSQL

// Operators. Commutators and negators name each other: whichever is made first makes a shell of the other, which that
// one fills when it is made; whichever is dropped clears the name that the other has of it.

#include "model/operator.hpp"

#include "model/rules.hpp"
#include "model/text.hpp"

#include <algorithm>
#include <unordered_set>

namespace pgmigrate::model
{

namespace
{

constexpr std::int32_t links_can_be_set = 170000; // ALTER OPERATOR … SET (COMMUTATOR, NEGATOR, HASHES, MERGES)

constexpr std::string_view links[] = {"commutator", "negator"};
constexpr std::string_view estimators[] = {"restrict", "join"};
constexpr std::string_view promises[] = {"hashes", "merges"};

std::string upper(std::string_view word)
{
    std::string all(word);
    std::transform(all.begin(), all.end(), all.begin(),
                   [](char each) { return each >= 'a' && each <= 'z' ? static_cast<char>(each - 'a' + 'A') : each; });
    return all;
}

std::string qualified(std::string_view name)
{
    return cat("OPERATOR(", name, ")");
}

std::string definition(const Object &object)
{
    std::string sql =
        cat("CREATE OPERATOR ", object.schema, ".", object.name, " (\n    FUNCTION = ", object.text("function"));
    const auto add = [&](std::string_view keyword, std::string_view value) {
        sql += cat(",\n    ", keyword, value.empty() ? "" : " = ", value);
    };
    if (object.has("left"))
        add("LEFTARG", object.text("left"));
    if (object.has("right"))
        add("RIGHTARG", object.text("right"));
    for (const std::string_view link : links)
        if (object.has(link))
            add(upper(link), qualified(object.text(link)));
    for (const std::string_view estimator : estimators)
        if (object.has(estimator))
            add(upper(estimator), object.text(estimator));
    for (const std::string_view promise : promises)
        if (object.has(promise))
            add(upper(promise), "");
    return sql + "\n)";
}

// A shell comes with what names it.
void make(const Object &object, Parts, const Comparison &, Statements &statements)
{
    if (!object.has("shell"))
        statements.add(definition(object));
}

void drop(const Object &object, const Comparison &, Statements &statements)
{
    statements.add(cat("DROP OPERATOR ", object.identity));
}

// ---- what operators are to each other

std::string operand(const Object &object, std::string_view side)
{
    return object.has(side) ? std::string(object.text(side)) : "NONE";
}

// The identity of the commutator or negator.
std::string partner(const Object &object, std::string_view link)
{
    if (!object.has(link))
        return {};
    const bool swapped = link == "commutator";
    return cat(object.text(link), "(", operand(object, swapped ? "right" : "left"), ", ",
               operand(object, swapped ? "left" : "right"), ")");
}

// What no ALTER OPERATOR changes.
bool is_another(const Object &was, const Object &is, const Comparison &comparison)
{
    const auto differs = [&](std::string_view name) { return !was.attributes.same(is.attributes, name); };
    if (differs("function") || differs("result") || differs("shell"))
        return true;
    const bool can_gain = comparison.is.session.server_version >= links_can_be_set;
    return std::any_of(std::begin(promises), std::end(promises),
                       [&](std::string_view promise) { return differs(promise) && (was.has(promise) || !can_gain); });
}

// Of two operators that stop or begin to name each other, it is enough that one is made again: whether that is the
// first.
bool falls_to(const Object &operator_, const Object &other, const Snapshot &was)
{
    const auto dependents = [&](const Object &object) { return was.dependents_of(was.index_of(object)).size(); };
    if (dependents(operator_) != dependents(other))
        return dependents(operator_) < dependents(other);
    return operator_.identity <= other.identity;
}

// Whether the name that the operator has of its partner is cleared with something else.
bool is_cleared(const Object &operator_, std::string_view link, const Comparison &comparison)
{
    const Object *other = comparison.was.find(Kind::operator_, partner(operator_, link));
    if (other == nullptr || other == &operator_ || partner(*other, link) != operator_.identity)
        return false;
    const Object *then = comparison.is_of(*other);
    if (then == nullptr || is_another(*other, *then, comparison))
        return true;
    return !other->attributes.same(then->attributes, link) && !falls_to(operator_, *other, comparison.was);
}

// Whether the operator is given the name of its partner by something else.
bool is_set(const Object &was, const Object &is, std::string_view link, const Comparison &comparison)
{
    const Object *other = comparison.is.find(Kind::operator_, partner(is, link));
    if (other == nullptr || other == &is || partner(*other, link) != is.identity)
        return false;
    const Object *before = comparison.was_of(*other);
    if (before == nullptr || is_another(*before, *other, comparison))
        return true;
    return !before->attributes.same(other->attributes, link) && !falls_to(was, *before, comparison.was);
}

void alter(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration)
{
    if (was.has("shell") && !is.has("shell")) {
        alteration.statements.add(definition(is));
        return;
    }
    alteration.replace = is_another(was, is, comparison);
    const bool can_be_set = comparison.is.session.server_version >= links_can_be_set;
    std::string changes;
    const auto set = [&](std::string_view keyword, std::string_view value) {
        changes += cat(changes.empty() ? "" : ", ", keyword, value.empty() ? "" : " = ", value);
    };
    for (const std::string_view link : links) {
        if (was.attributes.same(is.attributes, link))
            continue;
        if (was.has(link) && !is_cleared(was, link, comparison))
            alteration.replace = true;
        if (!is.has(link))
            continue;
        if (is_set(was, is, link, comparison))
            continue;
        if (can_be_set && !was.has(link))
            set(upper(link), qualified(is.text(link)));
        else
            alteration.replace = true;
    }
    for (const std::string_view estimator : estimators)
        if (!was.attributes.same(is.attributes, estimator))
            set(upper(estimator), is.has(estimator) ? is.text(estimator) : std::string_view("NONE"));
    for (const std::string_view promise : promises)
        if (!was.attributes.same(is.attributes, promise))
            set(upper(promise), "");
    if (!alteration.replace && !changes.empty())
        alteration.statements.add(cat("ALTER OPERATOR ", is.identity, " SET (", changes, ")"));
}

// A shell is made by the operator that names it.
std::optional<Emergence> emerge(const Object &is, const Comparison &comparison)
{
    if (!is.has("shell"))
        return std::nullopt;
    for (const Object &other : comparison.is.objects())
        if (other.kind == Kind::operator_ && !other.has("shell") &&
            std::any_of(std::begin(links), std::end(links),
                        [&](std::string_view link) { return partner(other, link) == is.identity; })) {
            Emergence emergence{is, {Kind::operator_, other.identity}};
            if (is.has("owner"))
                emergence.as.attributes.set("owner", comparison.was.session.role);
            emergence.as.attributes.erase("comment");
            return emergence;
        }
    return std::nullopt;
}

} // namespace

constinit const Rules operator_rules{.make = make, .drop = drop, .alter = alter, .emerge = emerge};

std::vector<const Object *> unnamed_shells(const Snapshot &snapshot)
{
    std::unordered_set<std::string> named;
    std::vector<const Object *> shells;
    for (const Object &object : snapshot.objects()) {
        if (object.kind != Kind::operator_)
            continue;
        for (const std::string_view link : links)
            named.insert(partner(object, link));
        if (object.has("shell"))
            shells.push_back(&object);
    }
    std::erase_if(shells, [&](const Object *shell) { return named.contains(shell->identity); });
    return shells;
}

} // namespace pgmigrate::model
