// SPDX-License-Identifier: PostgreSQL
#pragma once

// Which build of the library this process has loaded.

#include <cstdint>

namespace pgmigrate::pg
{

// Another number for another build: what processes lay out in shared memory is for those of the same build only, and a
// session keeps the library that it has loaded when another is installed. The first bytes of the build ID that the
// linker has written into the library.
std::uint64_t build_id();

} // namespace pgmigrate::pg
