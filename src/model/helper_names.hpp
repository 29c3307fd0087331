// SPDX-License-Identifier: PostgreSQL
#pragma once

// Names that a script gives to what is there for a moment only.

#include "model/snapshot.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

namespace pgmigrate::model
{

// What neither snapshot has, nor another helper: name_suffix, or with a number behind it. Asked again for the same
// object it answers the same.
class HelperNames
{
  public:
    HelperNames(const Snapshot &was, const Snapshot &is) : was_(was), is_(is) {}

    // Of a relation, type or routine in the schema of `object`; without the schema.
    std::string next_to(const Object &object, std::string_view suffix)
    {
        return next_to(object.schema, object.identity, object.name, suffix);
    }
    std::string next_to(std::string_view schema, std::string_view identity, std::string_view name,
                        std::string_view suffix);
    // Free in each of the schemas, or relations.
    std::string within(std::initializer_list<std::string_view> places, std::string_view identity, std::string_view name,
                       std::string_view suffix);
    // Of a constraint of the table of `column`.
    std::string constraint_for(const Object &column, std::string_view suffix);

  private:
    void learn();

    const Snapshot &was_;
    const Snapshot &is_;
    std::unordered_set<std::string> taken_;    // of which schema or table, not quoted
    std::map<std::string, std::string> given_; // by object and suffix
};

} // namespace pgmigrate::model
