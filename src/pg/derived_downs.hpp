// SPDX-License-Identifier: PostgreSQL
#pragma once

// pg_migrate.derive_down: a revision without a down script gets one when it is upgraded to.

#include "executor/database.hpp"
#include "model/snapshot.hpp"
#include "pg/catalogue.hpp"

#include <optional>
#include <string>

namespace pgmigrate::pg
{

class DerivedDowns
{
  public:
    // `schema`: of the line that runs. A script for a tenant would name his schema, and serve no other: there is none.
    explicit DerivedDowns(const std::optional<std::string> &schema) : of_tenant_(schema.has_value()) {}

    // Before the first statement of a step: remembers the schema if a script is to be derived.
    void begin(const executor::Step &step);
    // Behind the last one, in the transaction that records it. What fails is a warning: the step has been run.
    void end(Catalogue &catalogue, const executor::Step &step);

  private:
    bool of_tenant_;
    std::string revision_; // that has been begun
    std::optional<model::Snapshot> before_;
};

} // namespace pgmigrate::pg
