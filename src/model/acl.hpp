// SPDX-License-Identifier: PostgreSQL
#pragma once

// Who may do what with an object: the attribute "acl", a sorted list of entries `grantee=privileges/grantor`, as the
// server writes them but for the order of the letters and the quotes of the names; PUBLIC is empty. It is absent where
// it is what the server gives to the owner and to PUBLIC by default.

#include "model/rules.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::model
{

class Acl
{
  public:
    struct Entry {
        std::string grantee; // quoted; empty for PUBLIC
        std::string grantor;
        std::uint32_t privileges = 0; // a bit for each of the letters
        std::uint32_t options = 0;    // which of them with grant option

        bool operator==(const Entry &) const = default;
    };

    Acl() = default;
    explicit Acl(std::span<const std::string> list);
    // What the owner and PUBLIC have by default. `type` as in pg_default_acl, and then some: r S f T n of these; l a
    // language, F a wrapper, s a server, c a column (nothing).
    static Acl by_default(char type, std::string_view owner, std::int32_t server_version);

    // An entry of the grantee and grantor gets more. Letters that are not known are left out.
    void add(std::string_view grantee, std::string_view grantor, std::uint32_t privileges, std::uint32_t options);
    void add(const Acl &more);
    void take(const Acl &less);
    // As changing the owner does.
    void change_owner(std::string_view was, std::string_view is);

    std::vector<std::string> list() const; // never empty: where nobody has any privilege it says so
    const std::vector<Entry> &entries() const { return entries_; }
    bool empty() const { return entries_.empty(); }
    bool operator==(const Acl &) const = default;

    static std::uint32_t bits(std::string_view letters);

  private:
    std::vector<Entry> entries_; // sorted by grantee and grantor, without empty ones
};

// What GRANT … ON has behind ON, and what belongs to it.
struct GrantTarget {
    std::string on;        // TABLE public.t; TABLES of default privileges
    std::string columns;   // " (c)" for a column
    std::string prefix;    // ALTER DEFAULT PRIVILEGES … with a space behind it
    std::string owner;     // who grants if not another one is named
    std::string session;   // who runs the script
    std::uint32_t all = 0; // what ALL stands for
};

// Statements that turn one list into another. Where an entry's grantor is not the owner they become him for a moment.
// Returns what has been revoked, by grantee and grantor.
Acl grant(const Acl &was, const Acl &is, const GrantTarget &target, Statements &statements);

// The type of by_default() for a kind; '\0' where nothing can be granted.
char acl_type(Kind kind);
std::uint32_t all_privileges(char type, std::int32_t server_version);

} // namespace pgmigrate::model
