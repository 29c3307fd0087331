// SPDX-License-Identifier: PostgreSQL
#pragma once

// The kinds of objects that a schema consists of, and what is true of a kind as a whole.

#include <cstdint>
#include <optional>
#include <string_view>

namespace pgmigrate::model
{

// In the order in which a script makes them where nothing else decides.
enum class Kind : std::uint8_t {
    schema,
    extension,
    language,
    access_method,
    foreign_data_wrapper,
    server,
    user_mapping,
    collation,
    enum_type,
    base_type,
    composite_type,
    range_type,
    domain,
    sequence,
    table,
    foreign_table,
    column,        // of any relation and of composite types
    default_value, // of a column or domain
    function,
    procedure,
    aggregate,
    conversion,
    operator_family,
    operator_class,
    operator_,              // of two operands or one
    operator_family_member, // that belongs to no operator class
    cast,
    transform,
    text_search_parser,
    text_search_template,
    text_search_dictionary,
    text_search_configuration,
    constraint, // of a table or a domain
    index,
    view,
    materialized_view,
    statistics,
    rule,
    trigger,
    policy,
    event_trigger,
    publication,
    subscription,
    default_privileges,
    privileges, // on what is nobody's: the server's and extensions' objects, system columns
};
inline constexpr int kind_count = static_cast<int>(Kind::privileges) + 1;

struct KindInfo {
    Kind kind;
    std::string_view name; // as messages and results have it
    std::string_view
        keyword; // as COMMENT ON, ALTER … OWNER TO and DROP have it; empty where there is no such statement
    std::string_view grant_keyword; // as GRANT … ON has it; empty where nothing can be granted
    bool holds_data; // is never dropped where an alteration is possible; a publication is where its readers stand
};
const KindInfo &info(Kind kind);
// `likely` is tried first.
std::optional<Kind> kind_named(std::string_view name, Kind likely = Kind::schema);

// A set of kinds.
class Kinds
{
  public:
    constexpr Kinds() = default;
    template <class... More>
    explicit constexpr Kinds(Kind first, More... more) : bits_((bit(first) | ... | bit(more)))
    {
    }
    static constexpr Kinds all()
    {
        Kinds kinds;
        kinds.bits_ = ~std::uint64_t{0};
        return kinds;
    }
    constexpr bool contains(Kind kind) const { return (bits_ & bit(kind)) != 0; }
    constexpr bool empty() const { return bits_ == 0; }
    constexpr Kinds &operator|=(Kinds other)
    {
        bits_ |= other.bits_;
        return *this;
    }

  private:
    static constexpr std::uint64_t bit(Kind kind) { return std::uint64_t{1} << static_cast<unsigned>(kind); }
    std::uint64_t bits_ = 0;
};

// What can have several of one name, with other arguments.
inline constexpr Kinds routines{Kind::function, Kind::procedure, Kind::aggregate};
static_assert(kind_count <= 64);

} // namespace pgmigrate::model
