// SPDX-License-Identifier: PostgreSQL
#pragma once

// What was dropped and made again under the same name, in two snapshots of one database: its address tells. What it
// held is gone.

#include "model/rules.hpp"

namespace pgmigrate::model
{

// The objects of `was`, by index, that are of one of these kinds and not the one that `is` has under their name. A
// table below which another one stays is none: it goes on having the rows of that one.
std::vector<bool> made_again(const Comparison &comparison, Kinds kinds);

// Their names, for the notes of a script that treats them as the same: "table public.t", "column public.t.c".
std::vector<std::string> names_made_again(const Snapshot &was, const Snapshot &is, Kinds kinds);

} // namespace pgmigrate::model
