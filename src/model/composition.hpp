// SPDX-License-Identifier: PostgreSQL
#pragma once

// A snapshot made of objects of others.

#include "model/snapshot.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace pgmigrate::model
{

class Composition
{
  public:
    // What an object needed where it was read, and the composition lacks. Both are objects of the other snapshot.
    struct Gap {
        const Object *object;
        const Snapshot *from;
        const Object *need;
        char type; // of the need
    };

    // With the session and the unknown objects of `base`. What objects are taken from has to outlive finish(), and not
    // the snapshot that it returns.
    explicit Composition(const Snapshot &base);
    // `object` as one of the composition, which needs what the other objects of the names are that `origin`, an object
    // of `from`, needs there.
    void take(Object object, const Object &origin, const Snapshot &from);
    void take(const Object &origin, const Snapshot &from) { take(origin, origin, from); }
    // The same for a part of a `whole` that `origin` is no part of.
    void take_for(Object object, const Reference &whole, const Object &origin, const Snapshot &from);
    // What needs `left_out`, an object that is not taken, needs `instead`: both are of a snapshot that is taken from.
    void stand_in(const Object &left_out, const Object &instead) { stand_ins_.emplace(&left_out, &instead); }
    Snapshot finish();
    // After finish().
    const std::vector<Gap> &gaps() const { return gaps_; }

  private:
    struct Origin {
        const Object *object = nullptr;
        const Snapshot *snapshot = nullptr;
        Reference self;                 // in the composition
        std::optional<Reference> whole; // that it is a part of, if the origin is of another
    };

    std::vector<Need> needs_of(const Origin &origin);

    Snapshot result_;
    std::vector<Origin> origins_; // of the objects in the order in which they were taken
    std::unordered_map<const Object *, const Object *> stand_ins_;
    std::vector<Gap> gaps_;
};

} // namespace pgmigrate::model
