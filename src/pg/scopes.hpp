// SPDX-License-Identifier: PostgreSQL
#pragma once

// Brackets: what the constructor changes, the destructor puts back.

#include <optional>
#include <string>

#include "pg/boundary.hpp"

extern "C" {
#include "utils/resowner.h"
#include "utils/snapshot.h"
}

namespace pgmigrate::pg
{

// Who runs, as SetUserIdAndSecContext() keeps it.
struct Identity {
    Oid user;
    int security_context;

    static Identity current();
    void assume() const;
};

// For pg_migrate's own statements: the rights of the catalogue's owner, kept from everything that a planted object
// could do with them, and a search_path in which nothing planted is found.
class OwnerScope
{
  public:
    explicit OwnerScope(Oid owner);
    OwnerScope(const OwnerScope &) = delete;
    OwnerScope &operator=(const OwnerScope &) = delete;
    ~OwnerScope();

  private:
    Identity outer_;
    int guc_level_;
};

// For a script: the caller's rights and settings. SET ROLE and SET SESSION AUTHORIZATION are refused by the server in
// here, so that a script cannot reach the rights that the caller's session has beside those of his current role; the
// runner carries out a SET ROLE itself. What the script changes of the settings ends with the scope, SET as well as SET
// LOCAL.
//
// In a worker a script goes on over several transactions: there its settings stay with the session, and the worker puts
// them back when the revision is complete.
class ScriptScope
{
  public:
    enum class Settings { end_with_scope, stay };

    // `schema` goes first in the search_path, unless settings stay.
    ScriptScope(const Identity &caller, const std::optional<std::string> &schema,
                Settings settings = Settings::end_with_scope);
    ScriptScope(const ScriptScope &) = delete;
    ScriptScope &operator=(const ScriptScope &) = delete;
    ~ScriptScope();

    // Takes on `role` if the caller may (SET ROLE); the caller's own for none.
    void set_role(const std::optional<std::string> &role);

    // In milliseconds, for each lock that a statement waits for, unless the script sets another.
    void set_lock_timeout(int milliseconds);

    // Before each statement: a script is read under standard_conforming_strings = on, and means the same when it runs.
    void keep_strings_standard();

  private:
    Identity outer_;
    Identity caller_;
    int guc_level_ = 0; // 0: settings stay
};

// Frees at its end what is allocated in it.
class MemoryScope
{
  public:
    MemoryScope();
    MemoryScope(const MemoryScope &) = delete;
    MemoryScope &operator=(const MemoryScope &) = delete;
    ~MemoryScope();

  private:
    MemoryContext scratch_;
    MemoryContext outer_;
};

// What is tried in it is undone unless commit() is called: the only way to go on after a server error.
class Subtransaction
{
  public:
    Subtransaction();
    Subtransaction(const Subtransaction &) = delete;
    Subtransaction &operator=(const Subtransaction &) = delete;
    ~Subtransaction();
    void commit();

  private:
    MemoryContext memory_;
    ResourceOwner owner_;
    bool open_ = false;
};

// A snapshot of this instant, whatever the isolation level.
class LatestSnapshot
{
  public:
    LatestSnapshot();
    LatestSnapshot(const LatestSnapshot &) = delete;
    LatestSnapshot &operator=(const LatestSnapshot &) = delete;
    ~LatestSnapshot();
    Snapshot get() const { return snapshot_; }

  private:
    Snapshot snapshot_;
};

// For reading the catalogue with the rights of the current user: what the server deparses is qualified by its schema,
// and is the same whatever the session has set.
class CatalogueScope
{
  public:
    CatalogueScope();
    CatalogueScope(const CatalogueScope &) = delete;
    CatalogueScope &operator=(const CatalogueScope &) = delete;
    ~CatalogueScope();

  private:
    int guc_level_;
};

// Sets a setting until the scope ends.
class SettingScope
{
  public:
    SettingScope(const char *name, const std::string &value);
    SettingScope(const SettingScope &) = delete;
    SettingScope &operator=(const SettingScope &) = delete;
    ~SettingScope();

  private:
    int guc_level_;
};

} // namespace pgmigrate::pg
