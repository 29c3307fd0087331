// SPDX-License-Identifier: PostgreSQL
#include "model/composition.hpp"

namespace pgmigrate::model
{

namespace
{

// A constraint or an index may have another name here.
const Object *find_twin(const Object &object, const Snapshot &from, const Snapshot &in)
{
    if (const Object *found = in.find(object.kind, object.identity))
        return found;
    if (object.kind != Kind::constraint && object.kind != Kind::index)
        return nullptr;
    const Object *parent = from.parent_of(object);
    const Object *relation = parent == nullptr ? nullptr : in.find(parent->kind, parent->identity);
    if (relation == nullptr)
        return nullptr;
    for (const Object *each : in.parts_of(*relation, object.kind))
        if (each->attributes == object.attributes)
            return each;
    return nullptr;
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
    result_.adopt(std::move(object));
    origins_.push_back({&origin, &from});
}

std::vector<Need> Composition::needs_of(const Origin &origin)
{
    std::vector<Need> needs;
    for (const Need &need : origin.object->needs) {
        const Object *direct = &(*origin.snapshot)[need.object];
        const auto stand_in = stand_ins_.find(direct);
        const Object &needed = stand_in == stand_ins_.end() ? *direct : *stand_in->second;
        if (const Object *found = find_twin(needed, *origin.snapshot, result_))
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
        const Object &object = *result_.find(origin.object->kind, origin.object->identity);
        result_.set_needs(result_.index_of(object), needs_of(origin));
    }
    result_.finish();
    return std::move(result_);
}

} // namespace pgmigrate::model
