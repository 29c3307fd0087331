// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

// A cancel that has come before waits until the end of the scope: what follows says that something has been done which
// cannot be undone. One that comes within the scope is served as always.
class DeferredCancel
{
  public:
    DeferredCancel() noexcept;
    ~DeferredCancel();
    DeferredCancel(const DeferredCancel &) = delete;
    DeferredCancel &operator=(const DeferredCancel &) = delete;

  private:
    bool pending_;
};

} // namespace pgmigrate::pg
