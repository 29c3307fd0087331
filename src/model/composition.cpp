// SPDX-License-Identifier: PostgreSQL
#include "model/composition.hpp"

#include "model/key.hpp"

namespace pgmigrate::model
{

namespace
{

// What an object needs may have another name here, if it is a constraint or an index.
const Object *find_twin(const Object &needed, const Object &dependent, const Snapshot &from, const Snapshot &in)
{
    const Object *same_name = in.find(needed.kind, needed.identity);
    if (needed.kind != Kind::constraint && needed.kind != Kind::index)
        return same_name;
    if (same_name != nullptr && serves_as(*same_name, needed, dependent))
        return same_name;
    const Object *parent = from.parent_of(needed);
    const Object *relation = parent == nullptr ? nullptr : in.find(parent->kind, parent->identity);
    if (relation == nullptr)
        return nullptr;
    for (const Kind kind : {Kind::constraint, Kind::index})
        for (const Object *each : in.parts_of(*relation, kind))
            if (serves_as(*each, needed, dependent))
                return each;
    return nullptr;
}

// A column is of a table, its default of the column.
bool is_part_of(const Object &part, const Object &whole)
{
    return whole.identity == part.parent || (whole.kind == Kind::column && whole.identity == part.identity);
}

} // namespace

Composition::Composition(const Snapshot &base)
{
    result_.session = base.session;
    result_.unknown = base.unknown;
}

void Composition::take(Object object, const Object &origin, const Snapshot &from)
{
    object.needs.clear();
    origins_.push_back({&origin, &from, {object.kind, object.identity}, {}});
    result_.adopt(std::move(object));
}

void Composition::take_for(Object object, const Reference &whole, const Object &origin, const Snapshot &from)
{
    take(std::move(object), origin, from);
    origins_.back().whole = whole;
}

std::vector<Need> Composition::needs_of(const Origin &origin)
{
    std::vector<Need> needs;
    const Object *whole = origin.whole ? result_.find(*origin.whole) : nullptr;
    if (whole != nullptr)
        needs.push_back({result_.index_of(*whole), 'i'});
    for (const Need &need : origin.object->needs) {
        const Object *direct = &(*origin.snapshot)[need.object];
        if (origin.whole && is_part_of(*origin.object, *direct))
            continue;
        const auto stand_in = stand_ins_.find(direct);
        const Object &needed = stand_in == stand_ins_.end() ? *direct : *stand_in->second;
        if (const Object *found = find_twin(needed, *origin.object, *origin.snapshot, result_))
            needs.push_back({result_.index_of(*found), need.type});
        else
            gaps_.push_back({origin.object, origin.snapshot, &needed, need.type});
    }
    return needs;
}

Snapshot Composition::finish()
{
    result_.finish();
    for (const Origin &origin : origins_) {
        const Object &object = *result_.find(origin.self);
        result_.set_needs(result_.index_of(object), needs_of(origin));
    }
    result_.finish();
    return std::move(result_);
}

} // namespace pgmigrate::model
