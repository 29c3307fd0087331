// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a kind of object knows about itself: how it is made, dropped and altered. One file per kind has the functions;
// rules.cpp has the table.
//
// The attributes "owner", "acl" and "comment" are nobody's business here: decorations.cpp has them for all kinds.

#include "model/helper_names.hpp"
#include "model/snapshot.hpp"
#include "model/statement.hpp"

#include <compare>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace pgmigrate::model
{

struct Options {
    bool online = false;   // avoid long locks
    bool restores = false; // a way back, behind which rows can be missing that others refer to
    // For two snapshots of one database: kinds of which an object of another address is another one, though it has the
    // same name.
    Kinds known_by_address{};
};

// What becomes of an object between the two snapshots.
enum class Fate : std::uint8_t {
    kept,
    altered,
    dropped,  // of `was` only
    made,     // of `is` only
    replaced, // dropped and made again
    emerges,  // of `is` only: made by something else that is made
};

// The two sides of a comparison.
struct Comparison {
    Comparison(const Snapshot &old, const Snapshot &now, const Options &how);

    const Snapshot &was;
    const Snapshot &is;
    Options options;
    std::vector<Fate> fate_was; // by index
    std::vector<Fate> fate_is;
    std::vector<bool> aside; // by index of `was`: types that are replaced while columns keep their data; see set_aside
    std::vector<bool> made_again; // by index of `was`: what has been dropped and made again: made_again.hpp

    // Those that are one object in both snapshots under different names; all others are paired by their identities.
    std::unordered_map<std::uint32_t, std::uint32_t> renamed_was; // to the index of `is`
    std::unordered_map<std::uint32_t, std::uint32_t> renamed_is;
    // By index, that of the same object on the other side, or Snapshot::none.
    std::vector<std::uint32_t> pair_of_was;
    std::vector<std::uint32_t> pair_of_is;

    std::shared_ptr<HelperNames> helpers; // what they are called is found out while statements are written

    // The same object on the other side; nullptr if there is none.
    const Object *is_of(const Object &object) const { return counterpart(object, was, pair_of_was, is); }
    const Object *was_of(const Object &object) const { return counterpart(object, is, pair_of_is, was); }

    // Whether an object of `was` is another one than that of its name in `is`.
    bool is_made_again(const Object &object) const
    {
        return was.owns(object) && !made_again.empty() && made_again[was.index_of(object)];
    }

    Fate fate_of_was(const Object &object) const { return fate_was[was.index_of(object)]; }
    Fate fate_of_is(const Object &object) const { return fate_is[is.index_of(object)]; }

  private:
    // An object of neither is one that rules imagine.
    static const Object *counterpart(const Object &object, const Snapshot &own, const std::vector<std::uint32_t> &pairs,
                                     const Snapshot &other)
    {
        if (!own.owns(object))
            return other.find(object.kind, object.identity);
        const std::uint32_t pair = pairs[own.index_of(object)];
        return pair == Snapshot::none ? nullptr : &other[pair];
    }
};

// Statements that are carried out after the object they belong to and after everything they name.
struct FollowUp {
    Statements statements;
    std::vector<Reference> needs;         // objects of `is`
    std::vector<Reference> needs_whole{}; // the same, and what follows them
    std::vector<Reference> after_drops{}; // objects of `was` that are dropped before
    // Objects of `is` that it is a follow-up of, too.
    std::vector<Reference> also_of{};
    std::vector<Reference> then{}; // objects of `is` that are made after it
    // Objects of `is` that are not whole before: what needs them comes after it.
    std::vector<Reference> completes{};
    // Rows are out of sight from the first of these tables of `was` that is set aside or altered until this is done:
    // it is done soon, and nothing is committed in between.
    std::vector<Reference> hides{};
};

// How an object becomes another.
struct Alteration {
    // It cannot: the old one is dropped and the new one made. Whatever needs it is dropped before and made again.
    bool replace = false;
    Statements statements;
    std::vector<FollowUp> later;
    // Who needs the object and is of one of these kinds is dropped before the statements and made again after them.
    Kinds rebuild;
    // The same for single objects of `was`.
    std::vector<Reference> rebuild_also;
    // Objects of `is` that, where they change as well, change before this one or after it.
    std::vector<Reference> after;
    std::vector<Reference> before;
    std::vector<Reference> after_drops; // objects of `was` that are dropped before
    // What cannot be done, for the notes of the script.
    std::vector<std::string> notes;
    // The statements leave nothing of what the object was, so that what it needed for that may be dropped after them.
    bool rewrites = false;
};

// An object that comes into being by itself when another one is made or altered.
struct Emergence {
    Object as;       // how it is then
    Reference cause; // an object of `is`
};

// What is put into one statement with an object that is made: the columns of a table, their defaults, constraints. In
// the order of kinds, then of positions, then of names.
using Parts = std::span<const Object *const>;

struct Rules {
    // Required. Statements that make the object with its parts.
    void (*make)(const Object &object, Parts parts, const Comparison &comparison, Statements &statements) = nullptr;

    // Required. Statements that drop it. `comparison.fate_of_was` tells whether it is made again.
    void (*drop)(const Object &object, const Comparison &comparison, Statements &statements) = nullptr;

    // Required. Called when attributes other than those of decorations.cpp differ. Before the fates of other objects
    // are final: looks at attributes, not at fates.
    void (*alter)(const Object &was, const Object &is, const Comparison &comparison, Alteration &alteration) = nullptr;

    // Whether what is to be done to its parts can only be done by replacing the object, whatever its own attributes
    // say.
    bool (*outgrown)(const Object &was, const Object &is, const Comparison &comparison) = nullptr;

    // What is to be done behind make() when other objects are there, too: ALTER SEQUENCE … OWNED BY, cycles.
    void (*follow)(const Object &object, const Comparison &comparison, std::vector<FollowUp> &later) = nullptr;

    // For an object of `is` that is made: whether it comes into being by itself (an inherited column). For one that
    // `was` has, too, it is asked when all fates are final.
    std::optional<Emergence> (*emerge)(const Object &is, const Comparison &comparison) = nullptr;

    // Objects of `is` that are made or altered before this one is made, though it does not need them.
    void (*behind)(const Object &is, const Comparison &comparison, std::vector<Reference> &first) = nullptr;

    // For an object of `was` that is dropped: the object of `was` with which it disappears by itself, beyond what
    // pg_depend tells (an inherited column). When that one is altered, the object is dropped after it (its table leaves
    // the parent that it was inherited from).
    std::optional<Reference> (*vanish)(const Object &was, const Comparison &comparison) = nullptr;

    // Whether the object can be a part of the statement that makes its parent: `must` if it cannot be made otherwise.
    // Where it would close a circle, what `may` be merged is made by a statement of its own.
    enum class Merge : std::uint8_t { never, may, must };
    Merge (*merge)(const Object &object, const Comparison &comparison) = nullptr;

    // Whether what pg_depend says is needed when the object is made (in `is`) or dropped (in `was`). All is, without.
    bool (*needs)(const Object &object, const Need &need, const Snapshot &snapshot) = nullptr;

    // For kinds whose names nothing depends on, and for sequences of serial columns: the statements that rename `was`
    // to `is`, which differ in nothing else. A pair of one that would be dropped and one that would be made is taken
    // for the same object then.
    void (*rename)(const Object &was, const Object &is, const Comparison &comparison, Statements &statements) = nullptr;
    // For what is needed by something that it needs itself, as a type is by its input function: a statement that makes
    // something of that name, and the one that then takes the place of make(), if it is another. Where that one can
    // follow on what is there already, so can an alteration that rewrites.
    void (*announce)(const Object &object, const Comparison &comparison, Statements &statements) = nullptr;
    void (*complete)(const Object &object, const Comparison &comparison, Statements &statements) = nullptr;

    // For types under columns. Instead of being dropped before the new one is made, the old one is set aside under
    // another name, the columns are altered, and then it is dropped.
    // Tables are set aside, too, when they can't be altered; refill() moves what they hold to the new one.
    void (*set_aside)(const Object &was, const Comparison &comparison, Statements &statements) = nullptr;
    void (*drop_aside)(const Object &was, const Comparison &comparison, Statements &statements) = nullptr;
    void (*refill)(const Object &was, const Object &is, const Comparison &comparison, Statements &statements) = nullptr;
    // The same for what looks at all rows of the new one, those of partitions that have stayed among them.
    void (*look_back)(const Object &was, const Object &is, const Comparison &comparison,
                      Statements &statements) = nullptr;

    // What is said of an object behind the statement that makes it, or that it is a part of.
    void (*settle)(const Object &object, const Comparison &comparison, Statements &statements) = nullptr;
    // What is done when it has its owner.
    void (*fill)(const Object &object, const Comparison &comparison, Statements &statements) = nullptr;
};
const Rules &rules_of(Kind kind);

// The rules of each kind, defined in the file of the kind.
extern const Rules schema_rules;
extern const Rules extension_rules;
extern const Rules language_rules;
extern const Rules access_method_rules;
extern const Rules foreign_data_wrapper_rules;
extern const Rules server_rules;
extern const Rules user_mapping_rules;
extern const Rules event_trigger_rules;
extern const Rules publication_rules;
extern const Rules cast_rules;
extern const Rules transform_rules;
extern const Rules conversion_rules;
extern const Rules collation_rules;
extern const Rules operator_rules;
extern const Rules operator_family_rules;
extern const Rules operator_family_member_rules;
extern const Rules operator_class_rules;
extern const Rules text_search_parser_rules;
extern const Rules text_search_template_rules;
extern const Rules text_search_dictionary_rules;
extern const Rules text_search_configuration_rules;
extern const Rules subscription_rules;
extern const Rules default_privileges_rules;
extern const Rules privileges_rules;
extern const Rules sequence_rules;
extern const Rules table_rules;
extern const Rules foreign_table_rules;
extern const Rules column_rules;
extern const Rules default_rules;
extern const Rules enum_type_rules;
extern const Rules base_type_rules;
extern const Rules composite_type_rules;
extern const Rules range_type_rules;
extern const Rules domain_rules;
extern const Rules routine_rules; // functions and procedures
extern const Rules aggregate_rules;
extern const Rules view_rules;
extern const Rules materialized_view_rules;
extern const Rules constraint_rules;
extern const Rules index_rules;
extern const Rules statistics_rules;
extern const Rules trigger_rules;
extern const Rules policy_rules;
extern const Rules rule_rules;

// decorations.cpp. `session` is that of the snapshot whose script is run: who owns what is new.
void decorate_new(const Object &object, const Comparison &comparison, Statements &statements);
void depend_on_extensions(const Object &object, Statements &statements);
// Whether that gives it to another owner than who makes it.
bool is_given_away(const Object &object, const Comparison &comparison);
void decorate_changed(const Object &was, const Object &is, const Comparison &comparison, Statements &statements);
// Whether attributes differ that are not those of decorations.
bool differs_beyond_decorations(const Object &was, const Object &is);
bool decorations_differ(const Object &was, const Object &is);
bool is_decoration(std::string_view attribute);
// What is known of an object, and is no property of it: no difference. is_decoration() counts it in.
bool is_remark(std::string_view attribute);

} // namespace pgmigrate::model
