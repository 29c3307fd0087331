// SPDX-License-Identifier: PostgreSQL
#include "model/left_values.hpp"

#include "model/text.hpp"

#include <algorithm>
#include <utility>

namespace pgmigrate::model
{

namespace
{

std::string listed(const std::vector<const Object *> &objects)
{
    constexpr std::size_t most = 3;
    std::string list;
    for (std::size_t i = 0; i < std::min(objects.size(), most); ++i)
        list += cat(list.empty() ? "" : ", ", info(objects[i]->kind).name, " ", objects[i]->identity);
    return objects.size() > most ? cat(list, " and ", std::to_string(objects.size() - most), " more") : list;
}

bool stays(const Object &is, const Comparison &comparison)
{
    const Fate fate = comparison.fate_of_is(is);
    return fate == Fate::kept || fate == Fate::altered;
}

bool computes_otherwise(const Object &was, const Object &is)
{
    constexpr std::string_view what_it_does[] = {"source", "body", "library", "language"};
    return is.text("volatility") == "IMMUTABLE" && std::ranges::any_of(what_it_does, [&](std::string_view each) {
               return !was.attributes.same(is.attributes, each);
           });
}

bool keeps_results(const Object &object)
{
    return object.kind == Kind::index || (object.kind == Kind::constraint && !object.has("of_domain")) ||
           (object.kind == Kind::column && object.text("generated") == "STORED") || object.has("partition_key");
}

void note_computed(const Comparison &comparison, std::vector<std::string> &notes)
{
    for (const Object &function : comparison.is.objects()) {
        const Object *was = function.kind == Kind::function ? comparison.was_of(function) : nullptr;
        if (was == nullptr || comparison.fate_of_is(function) != Fate::altered || !computes_otherwise(*was, function))
            continue;
        std::vector<const Object *> results;
        for (const Need &dependent : comparison.is.dependents_of(comparison.is.index_of(function)))
            if (const Object &object = comparison.is[dependent.object];
                keeps_results(object) && stays(object, comparison))
                results.push_back(&object);
        if (!results.empty())
            notes.push_back(cat("what function ", function.identity,
                                " has computed before is not computed or checked again: ", listed(results)));
    }
}

// Those that a value of the type, or of an array of it, can be the OID of.
Kinds referred_kinds(std::string_view type)
{
    constexpr std::pair<std::string_view, Kinds> types[] = {
        {"regclass",
         Kinds(Kind::table, Kind::foreign_table, Kind::view, Kind::materialized_view, Kind::index, Kind::sequence)},
        {"regproc", routines},
        {"regprocedure", routines},
        {"regoper", Kinds(Kind::operator_)},
        {"regoperator", Kinds(Kind::operator_)},
        {"regtype", Kinds(Kind::enum_type, Kind::base_type, Kind::composite_type, Kind::range_type, Kind::domain,
                          Kind::table, Kind::view)},
        {"regconfig", Kinds(Kind::text_search_configuration)},
        {"regdictionary", Kinds(Kind::text_search_dictionary)},
        {"regcollation", Kinds(Kind::collation)},
    };
    if (type.ends_with("[]"))
        type.remove_suffix(2);
    const auto found = std::ranges::find(types, type, &std::pair<std::string_view, Kinds>::first);
    return found == std::end(types) ? Kinds() : found->second;
}

Kinds referred_kinds_of(const Object &column, const Snapshot &snapshot)
{
    std::string_view type = column.text("type");
    for (const Object *domain = snapshot.find(Kind::domain, type); domain != nullptr;
         domain = snapshot.find(Kind::domain, type))
        type = domain->text("type");
    return referred_kinds(type);
}

void note_references(const Comparison &comparison, std::vector<std::string> &notes)
{
    for (const Object &column : comparison.is.objects()) {
        const Object *table = column.kind == Kind::column ? comparison.is.parent_of(column) : nullptr;
        if (table == nullptr || table->kind != Kind::table || comparison.was_of(column) == nullptr)
            continue;
        const Kinds kinds = referred_kinds_of(column, comparison.is);
        if (kinds.empty())
            continue;
        std::vector<const Object *> again;
        for (const Object &object : comparison.is.objects())
            if (kinds.contains(object.kind) && comparison.fate_of_is(object) == Fate::replaced)
                again.push_back(&object);
        if (!again.empty())
            notes.push_back(cat("values of ", column.identity,
                                " that refer to what is made again do not any more: ", listed(again)));
    }
}

} // namespace

void note_left_values(const Comparison &comparison, std::vector<std::string> &notes)
{
    note_computed(comparison, notes);
    note_references(comparison, notes);
}

} // namespace pgmigrate::model
