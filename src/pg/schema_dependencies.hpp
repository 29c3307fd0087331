// SPDX-License-Identifier: PostgreSQL
#pragma once

// pg_depend, and what it means for the objects of a schema.

#include "pg/schema_objects.hpp"

namespace pgmigrate::pg
{

class Dependencies
{
  public:
    explicit Dependencies(Snapshot snapshot);

    std::size_t size() const { return dependencies_.size(); }
    std::vector<model::Address> members_of_extensions() const;
    // What each of the objects needs of the others: model::Object.needs.
    void set_needs(SchemaObjects &objects) const;
    // Objects of kinds that nothing here knows, which a later server may have: "pg_catalogue 16384".
    std::vector<std::string> unknown_objects() const;

  private:
    struct Dependency {
        model::Address object;
        model::Address on;
        char type; // pg_depend.deptype
    };

    ByAddress<model::Address> aliases() const;
    static void set_defaults_of_domains(SchemaObjects &objects);
    void set_inheritance(SchemaObjects &objects) const;

    Snapshot snapshot_;
    std::vector<Dependency> dependencies_;
};

} // namespace pgmigrate::pg
