// SPDX-License-Identifier: PostgreSQL
#pragma once

// The kinds of statements that in_doubt.hpp tells apart.

#include "pg/in_doubt.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pg/spi.hpp"

extern "C" {
#include "nodes/parsenodes.h"
}

namespace pgmigrate::pg
{

// A statement. What is not overridden is what holds for one that nothing is known about.
class Case
{
  public:
    Case() = default;
    Case(const Case &) = delete;
    Case &operator=(const Case &) = delete;
    virtual ~Case() = default;

    virtual std::vector<Oid> objects_before() const { return {}; }
    // The same where the OIDs of then mean nothing, told by the names of now. InvalidOid for what is gone.
    virtual std::vector<Oid> objects_by_name() const { return objects_before(); }
    virtual Oid relation_to_lock() const { return InvalidOid; }
    virtual Advice advise_before() const { return {}; }
    virtual Advice advise_in_doubt(const std::vector<Oid> &before) const = 0;
    virtual std::vector<std::string> clean_up(const std::vector<Oid> &) const { return {}; }
    virtual std::string left_half_done(const std::vector<Oid> &) const { return {}; }
};

// Each returns null for a statement that is not its own. The tree and the text outlive what is returned.
std::unique_ptr<Case> index_case(const Node *statement, const std::string &sql);
std::unique_ptr<Case> partition_case(const Node *statement);
std::unique_ptr<Case> database_case(const Node *statement);

Advice adopt(const std::string &notice);
Advice stop(const std::string &detail);

// What a statement worked on when it was begun: the first of `before`. By its name it may mean another one now, or
// none: that may have another name, or the search_path be another.
Oid object_of(const std::vector<Oid> &before);
std::optional<Advice> stop_if_another(const std::vector<Oid> &before, Oid meant_now);
// What it worked on is gone, and there is another one of its name.
Advice stop_at_new_one(const char *kind, Oid meant_now);

bool is_among(Oid object, const std::vector<Oid> &objects);
bool relation_exists(Oid relation);
// With its schema, quoted; empty when there is no such relation.
std::string qualified_name(Oid relation);
// The relation that is meant by `name` in the search_path of now; InvalidOid for none.
Oid relation_named(const RangeVar *name);
// '\0' when there is no such relation.
char kind_of(Oid relation);

// A query on the system catalogues, in which nothing planted is found.
Rows query_catalogues(Query &query, Values &parameters);
std::vector<Oid> oids_of(const Rows &rows);

} // namespace pgmigrate::pg
