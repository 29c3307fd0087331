// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a statement that runs alone, outside of a transaction, may leave behind, and what to do about it. All of it in a
// transaction, connected to SPI, with the rights and the search_path of the caller in force. Statements are judged by
// their parse tree, what they have left by the catalogue.

#include <string>
#include <vector>

#include "pg/boundary.hpp"

namespace pgmigrate::pg
{

// Before the statement runs: what it works on and the objects that are there already, to tell later what it has left or
// removed. The table and its indexes for CREATE INDEX CONCURRENTLY, the table and the invalid indexes of the database
// for REINDEX CONCURRENTLY; otherwise the index, partition, database or tablespace that it names, if there is one.
std::vector<Oid> objects_before(const std::string &sql);

// The same for a statement that was begun in another database, of which this one is a copy or a restored dump: where it
// has left an OID that means nothing here, and names are all there is.
std::vector<Oid> objects_by_name(const std::string &sql);

// The relation to lock (ShareUpdateExclusiveLock, which the statement itself takes) before it runs, so that the lock
// can be waited for under a timeout; InvalidOid for none, and for one on which the caller may not run the statement.
// While it is held, nobody else builds or drops an index there; so the functions below are to be called under it.
Oid relation_to_lock(const std::string &sql);

enum class Action { run, adopt, stop };

struct Advice {
    Action action = Action::run;
    std::vector<std::string> first; // statements to run alone before
    std::string instead;            // to be run in place of the statement, alone
    std::string notice;             // what has been found and is done about it; empty for the ordinary case
    std::string detail;             // for stop: what is in doubt
};

// For the first attempt: what the statement would trip over or take for its own work.
Advice advise_before(const std::string &sql);

// For a statement of which only the beginning is known. `before`: what objects_before() said.
Advice advise_in_doubt(const std::string &sql, const std::vector<Oid> &before);

// For a statement that has failed: statements to run alone that remove what it has left.
std::vector<std::string> clean_up(const std::string &sql, const std::vector<Oid> &before);

// After that: what has been done of it and only the statement itself can bring to an end, so that it stays in doubt.
// Empty: nothing.
std::string left_half_done(const std::string &sql, const std::vector<Oid> &before);

} // namespace pgmigrate::pg
