// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>

namespace pgmigrate::pg
{

// What became of a statement that cannot run in a transaction.
enum class PlainForm {
    done,        // in a form that can, with the same outcome
    unnecessary, // it changes no schema
    impossible,
};

// Runs one such statement in the transaction as it is, with the rights and settings that are in force.
PlainForm run_plain_form(const std::string &sql);

} // namespace pgmigrate::pg
