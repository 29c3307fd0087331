// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/interrupt.hpp"
#include "files/format.hpp"

#include <string>
#include <vector>

namespace pgmigrate::pg
{

// The files below a directory of the server, in the database's encoding; hidden ones (a name that starts with '.') are
// left out. A file is read when its content is asked for, which `interrupts` has to outlive. The caller must have the
// rights of pg_read_server_files. A relative path is taken from the data directory, as pg_read_file takes it.
std::vector<files::File> read_directory(const std::string &path, core::InterruptCheck &interrupts);

} // namespace pgmigrate::pg
