// SPDX-License-Identifier: PostgreSQL
#pragma once

// The rules of registering, editing and removing revisions.

#include "pg/catalogue.hpp"

#include <optional>
#include <string>

namespace pgmigrate::pg
{

// A registration as it is asked for: lists are comma separated texts.
struct RevisionRequest {
    std::string message;
    std::optional<std::string> up;
    std::optional<std::string> down;
    std::optional<std::string> revision; // none: a new id, and Alembic's rules for the parents
    std::string parents = "head";
    std::string labels;
    std::string depends_on;
    bool splice = false;
    bool up_outside_transaction = false; // the source demands it: CALL and DO are marked
    bool down_outside_transaction = false;
    bool keep_broken_down = false; // a syntax error in the down script is a warning
    // What the source does not tell stays as it is registered.
    bool keep_message = false;
    bool keep_down = false;
    bool keep_labels = false;
    bool keep_dependencies = false; // and those above are added
};

enum class Registration { added, unchanged, replaced };

struct RegistrationResult {
    std::string revision;
    Registration outcome = Registration::added;
};

class Authoring
{
  public:
    // `function`: the SQL function on whose behalf this is, for errors.
    Authoring(Catalogue &catalogue, const char *function) : catalogue_(catalogue), function_(function) {}

    RegistrationResult register_revision(const RevisionRequest &request);
    // Nothing stays as it is, an empty text empties a part. Returns the id.
    std::string edit(const std::string &target, const std::optional<std::string> &up,
                     const std::optional<std::string> &down, const std::optional<std::string> &message);
    std::string remove(const std::string &target);
    // Stores a down script that has been computed. It stands in for one that is not registered, and is no part of what
    // is: the checksum stays as it is, and the same registration again changes nothing. One that is registered is
    // replaced.
    void set_derived_down(const StoredRevision &stored, const std::string &script);
    // The one revision that `target` names, as registered.
    StoredRevision find_one(const std::string &target);

  private:
    RegistrationResult register_named(const RevisionRequest &request);
    RegistrationResult register_new(const RevisionRequest &request);
    void complete(StoredRevision &wanted, const RevisionRequest &request, const std::optional<StoredRevision> &stored);
    Registration replace(const StoredRevision &stored, const StoredRevision &wanted);
    void insert(StoredRevision &wanted);
    void tell_abbreviations(const StoredRevision &wanted);
    void check_graph_with(const StoredRevision &wanted);
    core::RevisionGraph graph_of_now();
    bool is_applied(const std::string &id);
    std::vector<std::string> literal_parents(const RevisionRequest &request,
                                             const std::optional<StoredRevision> &stored);
    StoredRevision wanted_revision(const RevisionRequest &request, const std::string &id);

    Catalogue &catalogue_;
    const char *function_;
    ServerInterrupts interrupts_;
};

// The checksum of a revision: its parents, dependencies, labels and the tokens of both scripts.
std::string revision_checksum(const StoredRevision &revision);

} // namespace pgmigrate::pg
