// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "model/index_properties.hpp"
#include "model/snapshot.hpp"

#include <limits>

namespace pgmigrate::model
{

namespace
{

// The first bytes; the number changes with the form. Kinds and attributes go by name, so that a form can be read by a
// later version that knows more of them.
constexpr std::string_view magic = "pg_migrate snapshot 1\n";

core::Error damaged()
{
    return core::Error(core::sqlstate::internal_error, "a snapshot of a schema is damaged")
        .hint("If it is the one that migrate_drift() compares with: the next run that is done replaces it.");
}

class Writer
{
  public:
    // As many bytes of seven bits as it takes, the lowest first.
    void number(std::uint64_t value)
    {
        while (value >= 0x80) {
            wire += static_cast<char>(value | 0x80);
            value >>= 7;
        }
        wire += static_cast<char>(value);
    }
    void text(std::string_view value)
    {
        number(value.size());
        wire += value;
    }

    std::string wire{magic};
};

class Reader
{
  public:
    explicit Reader(std::string_view wire) : rest_(wire)
    {
        if (!rest_.starts_with(magic))
            throw damaged();
        rest_.remove_prefix(magic.size());
    }

    std::uint64_t number()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<unsigned char>(take(1)[0]);
            value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
            if ((byte & 0x80U) == 0)
                return value;
        }
        throw damaged();
    }
    // One that its type has room for.
    template <class Number>
    Number number_of()
    {
        const std::uint64_t value = number();
        if (value > std::numeric_limits<Number>::max())
            throw damaged();
        return static_cast<Number>(value);
    }
    std::int32_t signed_number() { return static_cast<std::int32_t>(number_of<std::uint32_t>()); }
    // A number of things that take at least a byte each: more than there are bytes left is damage, not a reason to
    // reserve memory.
    std::size_t count()
    {
        const std::uint64_t value = number();
        if (value > rest_.size())
            throw damaged();
        return static_cast<std::size_t>(value);
    }
    std::string_view text() { return take(count()); }
    bool done() const { return rest_.empty(); }

  private:
    std::string_view take(std::size_t size)
    {
        if (size > rest_.size())
            throw damaged();
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    std::string_view rest_;
};

void write(Writer &writer, const Object &object)
{
    writer.text(info(object.kind).name);
    for (const std::string *text : {&object.identity, &object.schema, &object.name, &object.parent})
        writer.text(*text);
    writer.number(static_cast<std::uint32_t>(object.position));
    writer.number(object.address.class_id);
    writer.number(object.address.object_id);
    writer.number(static_cast<std::uint32_t>(object.address.sub_id));
    writer.number(object.attributes.size());
    for (const Attribute &attribute : object.attributes) {
        writer.text(attribute.name);
        writer.text(attribute.text);
        writer.number(attribute.list.size());
        for (const std::string &each : attribute.list)
            writer.text(each);
    }
    writer.number(object.needs.size());
    for (const Need &need : object.needs) {
        writer.number(need.object);
        writer.number(static_cast<unsigned char>(need.type));
    }
}

Object read_object(Reader &reader, Snapshot &snapshot, std::size_t objects)
{
    Object object;
    const Kind previous_kind = snapshot.size() == 0 ? Kind::schema : snapshot[snapshot.size() - 1].kind;
    const std::optional<Kind> kind = kind_named(reader.text(), previous_kind);
    if (!kind)
        throw damaged();
    object.kind = *kind;
    for (std::string *text : {&object.identity, &object.schema, &object.name, &object.parent})
        *text = reader.text();
    object.position = reader.signed_number();
    object.address.class_id = reader.number_of<std::uint32_t>();
    object.address.object_id = reader.number_of<std::uint32_t>();
    object.address.sub_id = reader.signed_number();
    std::string_view previous;
    const std::size_t attributes = reader.count();
    object.attributes.reserve(attributes);
    for (std::size_t left = attributes; left > 0; --left) {
        const std::string_view name = snapshot.keep_name(reader.text());
        if (name <= previous)
            throw damaged();
        previous = name;
        Attribute attribute{name, std::string(reader.text()), std::vector<std::string>(reader.count())};
        for (std::string &each : attribute.list)
            each = reader.text();
        object.attributes.append(std::move(attribute));
    }
    const std::size_t needs = reader.count();
    object.needs.reserve(needs);
    for (std::size_t left = needs; left > 0; --left) {
        Need need{};
        need.object = reader.number_of<std::uint32_t>();
        need.type = static_cast<char>(reader.number_of<unsigned char>());
        if (need.object >= objects)
            throw damaged();
        object.needs.push_back(need);
    }
    return object;
}

// Rules go from a part to its whole and on, some of them by recursion. No schema is that deep.
template <class Next>
void refuse_depth(const Snapshot &snapshot, Next next)
{
    constexpr int deepest = 1000;
    for (const Object &object : snapshot.objects()) {
        int depth = 0;
        for (const Object *each = &object; each != nullptr; each = next(*each))
            if (++depth > deepest)
                throw damaged();
    }
}

} // namespace

std::string encode(const Snapshot &snapshot)
{
    Writer writer;
    writer.text(snapshot.session.role);
    writer.text(snapshot.session.database_owner);
    writer.number(static_cast<std::uint32_t>(snapshot.session.server_version));
    writer.number(snapshot.unknown.size());
    for (const std::string &each : snapshot.unknown)
        writer.text(each);
    writer.number(snapshot.size());
    for (const Object &object : snapshot.objects())
        write(writer, object);
    return std::move(writer.wire);
}

Snapshot decode(std::string_view wire)
{
    Reader reader(wire);
    Snapshot snapshot;
    snapshot.session.role = reader.text();
    snapshot.session.database_owner = reader.text();
    snapshot.session.server_version = reader.signed_number();
    snapshot.unknown.resize(reader.count());
    for (std::string &each : snapshot.unknown)
        each = reader.text();
    const std::size_t objects = reader.count();
    snapshot.reserve(objects);
    for (std::size_t left = objects; left > 0; --left)
        snapshot.add(read_object(reader, snapshot, objects));
    if (!reader.done())
        throw damaged();
    snapshot.finish();
    constexpr Kinds parts{Kind::column,  Kind::constraint, Kind::index, Kind::default_value,
                          Kind::trigger, Kind::policy,     Kind::rule};
    for (const Object &object : snapshot.objects())
        if (parts.contains(object.kind) && snapshot.parent_of(object) == nullptr)
            throw damaged();
    refuse_depth(snapshot, [&](const Object &each) { return snapshot.parent_of(each); });
    refuse_depth(snapshot, [&](const Object &each) {
        const std::string_view above = each.text("partition_of");
        return above.empty() ? nullptr : snapshot.find(Kind::table, above);
    });
    refuse_depth(snapshot, [&](const Object &each) { return index_above(each, snapshot); });
    return snapshot;
}

} // namespace pgmigrate::model
