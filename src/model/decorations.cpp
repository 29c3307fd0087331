// SPDX-License-Identifier: PostgreSQL
#include "model/grants.hpp"
#include "model/text.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

constexpr std::string_view names[] = {"acl", "comment", "depends_on", "index_comment", "owner", "security_labels"};
// What is known of an object, and is no property of it.
constexpr std::string_view remarks[] = {
    "default_comment", "default_version", "label_ids",       "member_names", "no_data", "not_null_inherited",
    "of_database",     "positional",      "reaches_outside", "outside",      "secret",  "updates_to"};

// As differs() of both would be told by the first attribute that only one has or that is not the same.
bool covers(const Object &a, const Object &b)
{
    for (const Attribute &each : a.attributes)
        if (!is_decoration(each.name) && !a.attributes.same(b.attributes, each.name))
            return false;
    return true;
}

// ---- comments

void comment_on(const Object &object, std::string_view text, Statements &statements)
{
    statements.add(cat("COMMENT ON ", info(object.kind).keyword, " ", object.identity, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

// The index of a constraint has a comment of its own.
void comment_on_index(const Object &constraint, Statements &statements)
{
    const std::string_view text = constraint.text("index_comment");
    statements.add(cat("COMMENT ON INDEX ", constraint.schema, ".", constraint.name, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

// ---- security labels

std::string_view provider_of(std::string_view label)
{
    return label.substr(0, label.find(' '));
}

void label(const Object &object, std::string_view provider, std::string_view text, Statements &statements)
{
    statements.add(cat("SECURITY LABEL FOR ", provider, " ON ", info(object.kind).keyword, " ", object.identity, " IS ",
                       text.empty() ? std::string("NULL") : literal(text)));
}

void label_changed(const Object *was, const Object &is, Statements &statements)
{
    constexpr std::string_view name = "security_labels"; // of "provider label"
    const auto has = [&](const Object &object, const auto &matches) {
        const auto list = object.list(name);
        return std::any_of(list.begin(), list.end(), matches);
    };
    if (was != nullptr)
        for (const std::string &each : was->list(name))
            if (!has(is, [&](std::string_view other) { return provider_of(other) == provider_of(each); }))
                label(is, provider_of(each), "", statements);
    for (const std::string &each : is.list(name))
        if (was == nullptr || !has(*was, [&](std::string_view other) { return other == each; }))
            label(is, provider_of(each), std::string_view(each).substr(provider_of(each).size() + 1), statements);
}

// ---- extensions that an object is dropped with

void depend(const Object &object, std::string_view no, std::string_view extension, Statements &statements)
{
    statements.add(
        cat("ALTER ", info(object.kind).keyword, " ", object.identity, " ", no, "DEPENDS ON EXTENSION ", extension));
}

void dependence_changed(const Object *was, const Object &is, Statements &statements)
{
    constexpr std::string_view name = "depends_on";
    const auto has = [&](const Object &object, const std::string &extension) {
        const auto list = object.list(name);
        return std::find(list.begin(), list.end(), extension) != list.end();
    };
    if (was != nullptr)
        for (const std::string &each : was->list(name))
            if (!has(is, each))
                depend(is, "NO ", each, statements);
    for (const std::string &each : is.list(name))
        if (was == nullptr || !has(*was, each))
            depend(is, "", each, statements);
}

// ---- owners

void owner_to(const Object &object, Statements &statements)
{
    statements.add(cat("ALTER ", info(object.kind).keyword, " ", object.identity, " OWNER TO ", object.text("owner")));
}

// The owner of a sequence that belongs to a column changes with the table's.
bool owner_comes_with_table(const Object &was, const Object &is, const Comparison &comparison)
{
    if (is.kind != Kind::sequence || !is.has("owned_by") || !was.attributes.same(is.attributes, "owned_by"))
        return false;
    const std::string_view column = is.text("owned_by");
    const Object *of = comparison.is.find(Kind::column, column);
    const Object *before = of != nullptr ? comparison.was.find_relation(of->parent) : nullptr;
    return before != nullptr && before->text("owner") == was.text("owner");
}

} // namespace

bool is_remark(std::string_view name)
{
    return std::find(std::begin(remarks), std::end(remarks), name) != std::end(remarks);
}

bool is_decoration(std::string_view name)
{
    return std::find(std::begin(names), std::end(names), name) != std::end(names) || is_remark(name);
}

bool differs_beyond_decorations(const Object &was, const Object &is)
{
    return !covers(was, is) || !covers(is, was);
}

bool decorations_differ(const Object &was, const Object &is)
{
    return std::any_of(std::begin(names), std::end(names),
                       [&](std::string_view name) { return !was.attributes.same(is.attributes, name); });
}

void depend_on_extensions(const Object &object, Statements &statements)
{
    dependence_changed(nullptr, object, statements);
}

bool is_given_away(const Object &object, const Comparison &comparison)
{
    return object.has("owner") && object.text("owner") != comparison.was.session.role;
}

void decorate_new(const Object &object, const Comparison &comparison, Statements &statements)
{
    // Who owns an object has to be set before grants are: they are its owner's. That of an identity column's sequence
    // is the table's.
    if (is_given_away(object, comparison) && !object.has("of_identity"))
        owner_to(object, statements);
    grant_new(object, comparison, statements);
    if (object.text("comment") != object.text("default_comment"))
        comment_on(object, object.text("comment"), statements);
    if (object.has("index_comment"))
        comment_on_index(object, statements);
    label_changed(nullptr, object, statements);
    dependence_changed(nullptr, object, statements);
}

void decorate_changed(const Object &was, const Object &is, const Comparison &comparison, Statements &statements)
{
    if (is.has("owner") && was.has("owner") && !was.attributes.same(is.attributes, "owner") &&
        !owner_comes_with_table(was, is, comparison))
        owner_to(is, statements);
    grant_changed(was, is, comparison, statements);
    if (!was.attributes.same(is.attributes, "comment"))
        comment_on(is, is.text("comment"), statements);
    if (!was.attributes.same(is.attributes, "index_comment"))
        comment_on_index(is, statements);
    label_changed(&was, is, statements);
    dependence_changed(&was, is, statements);
}

} // namespace pgmigrate::model
