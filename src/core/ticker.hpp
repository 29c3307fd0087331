// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"

#include <cstdint>

namespace pgmigrate::core
{

// Asks for interrupts once in a while, so that a loop can tick at every iteration. The first tick asks as well: a plan
// over a small graph can then be cancelled too.
class Ticker
{
  public:
    explicit Ticker(InterruptCheck &interrupts) : interrupts_(interrupts) {}

    void tick()
    {
        if (count_++ % period == 0)
            interrupts_.check();
    }

  private:
    static constexpr std::uint32_t period = 2048;
    InterruptCheck &interrupts_;
    std::uint32_t count_ = 0;
};

} // namespace pgmigrate::core
