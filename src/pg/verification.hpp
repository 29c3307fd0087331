// SPDX-License-Identifier: PostgreSQL
#pragma once

// Proves revisions: up, down, up again, with the schema compared at each turn, and all of it rolled back.

#include "pg/planning.hpp"

#include <functional>
#include <optional>
#include <string>

namespace pgmigrate::pg
{

struct VerifiedRevision {
    std::string revision;
    bool up = false;        // the up script has run
    bool down = false;      // and the down script behind it
    bool identical = false; // the schema was the same after down as before up, and the same after up again
    std::string difference; // what was not, or the error
};

class Verification
{
  public:
    Verification(Catalogue &catalogue, core::InterruptCheck &interrupts)
        : catalogue_(catalogue), interrupts_(interrupts), planner_(catalogue, interrupts)
    {
    }

    // The revisions that an upgrade to the target would run, in its order; ends with the first whose up script fails.
    void run(const RunRequest &request, const std::function<void(const VerifiedRevision &)> &on_done);

  private:
    executor::Step down_step(const executor::Step &up, const StoredRevision &stored,
                             const std::optional<std::string> &schema);

    Catalogue &catalogue_;
    core::InterruptCheck &interrupts_;
    Planner planner_;
};

} // namespace pgmigrate::pg
