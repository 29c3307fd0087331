// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::core
{

// Lets a long loop of a layer without a server obey cancel and statement_timeout. check() returns quickly, or throws
// what the implementation has to say; call it at least every few thousand iterations.
class InterruptCheck
{
  public:
    InterruptCheck() = default;
    InterruptCheck(const InterruptCheck &) = delete;
    InterruptCheck &operator=(const InterruptCheck &) = delete;
    virtual ~InterruptCheck() = default;
    virtual void check() = 0;
};

class NoInterrupts final : public InterruptCheck
{
  public:
    void check() override {}
};

} // namespace pgmigrate::core
