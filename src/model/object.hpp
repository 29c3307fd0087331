// SPDX-License-Identifier: PostgreSQL
#pragma once

// One object of a schema, as values. All names in it are quoted where SQL wants them quoted, all types, expressions and
// definitions are as the server writes them with nothing but pg_catalog in its search_path.

#include "model/kind.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::model
{

// A property of an object: a text, or a list of texts.
struct Attribute {
    std::string_view name; // of static storage, or of the snapshot's
    std::string text;
    std::vector<std::string> list;

    bool operator==(const Attribute &) const = default;
};

// What is as the server has it by default is left out, so that equal objects have equal attributes.
class Attributes
{
  public:
    void set(std::string_view name, std::string text);
    void set_list(std::string_view name, std::vector<std::string> list);
    void erase(std::string_view name);
    // One whose name comes behind those of all others.
    void append(Attribute attribute) { attributes_.push_back(std::move(attribute)); }
    void reserve(std::size_t count) { attributes_.reserve(count); }

    bool has(std::string_view name) const { return find(name) != nullptr; }
    // Empty if there is no such attribute.
    std::string_view text(std::string_view name) const;
    std::span<const std::string> list(std::string_view name) const;
    // Whether the attribute is the same in both: in neither, or in both with the same value; deparsed text by its
    // canonical form (expression.hpp).
    bool same(const Attributes &other, std::string_view name) const;

    auto begin() const { return attributes_.begin(); }
    auto end() const { return attributes_.end(); }
    std::size_t size() const { return attributes_.size(); }
    bool operator==(const Attributes &) const = default;

  private:
    const Attribute *find(std::string_view name) const;
    Attribute &place(std::string_view name);

    std::vector<Attribute> attributes_; // in the order of the names
};

// Where the object is in the catalogue that it was read from. Not a part of what is compared.
struct Address {
    std::uint32_t class_id = 0;
    std::uint32_t object_id = 0;
    std::int32_t sub_id = 0;

    bool operator==(const Address &) const = default;
};

// The type of the need that a column has of the column it is inherited from, which is none of pg_depend's.
inline constexpr char inherited_need = 'I';

// That of what is dropped with an extension and does not need it: DEPENDENCY_AUTO_EXTENSION.
inline constexpr char extension_need = 'x';

// That of what needs the row type of a table, a view or a composite type, and not that itself.
inline constexpr char row_need = 'R';

// What an object needs to exist, from pg_depend.
struct Need {
    std::uint32_t object; // its index in the snapshot
    char type;            // pg_depend.deptype

    bool operator==(const Need &) const = default;
};

struct Object {
    Kind kind = Kind::schema;
    std::string identity;      // as COMMENT ON has it: public.t, public.t.c, public.f(integer), check_name ON public.t
    std::string schema;        // of what it belongs to, too; empty outside of schemas
    std::string name;          // without schema, relation and arguments
    std::string parent;        // the identity of the relation, type or domain that it is a part of
    std::int32_t position = 0; // among its siblings, where they have an order (pg_attribute.attnum)
    Attributes attributes;
    std::vector<Need> needs;
    Address address;

    std::string_view text(std::string_view attribute) const { return attributes.text(attribute); }
    std::span<const std::string> list(std::string_view attribute) const { return attributes.list(attribute); }
    bool has(std::string_view attribute) const { return attributes.has(attribute); }
};

// Names an object in either snapshot.
struct Reference {
    Kind kind;
    std::string identity;

    bool operator==(const Reference &) const = default;
};

} // namespace pgmigrate::model
