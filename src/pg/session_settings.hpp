// SPDX-License-Identifier: PostgreSQL
#pragma once

namespace pgmigrate::pg
{

// What a printed script needs so that the settings of a step end with it, as they do in a run: the settings of the
// session are remembered before the step and put back after it. They are remembered in the memory of the process,
// which no RESET ALL or DISCARD ALL of the script reaches. The caller has connected to SPI.

void remember_settings();
// Puts back what differs from what was remembered, and forgets it. A setting that cannot be changed any more
// (temp_buffers once there are temporary tables) is left with a WARNING. Does nothing if nothing has been remembered.
void restore_settings();

} // namespace pgmigrate::pg
