// SPDX-License-Identifier: PostgreSQL
#pragma once

// Runs the scripts of revisions in the transaction of the caller to see what they do, not to do it: within a
// Subtransaction that is rolled back.

#include "executor/database.hpp"
#include "pg/catalogue.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pgmigrate::pg
{

class Rehearsal
{
  public:
    // `schema`: the tenant whose line the scripts belong to.
    Rehearsal(Catalogue &catalogue, std::optional<std::string> schema)
        : catalogue_(catalogue), schema_(std::move(schema))
    {
    }

    // Runs all statements with the rights of the caller. What cannot run in a transaction is run in a form that can
    // and leaves the same schema (CREATE INDEX without CONCURRENTLY), or passed over where it changes no schema
    // (VACUUM). Throws feature_not_supported for what has no such form.
    void run(const executor::Step &step);

    // What has been passed over, for a remark: "VACUUM, at line 3".
    const std::vector<std::string> &passed_over() const { return passed_over_; }

  private:
    void run_statement(const executor::Step &step, std::size_t number);

    Catalogue &catalogue_;
    std::optional<std::string> schema_;
    std::vector<std::string> passed_over_;
};

} // namespace pgmigrate::pg
