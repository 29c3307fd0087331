// SPDX-License-Identifier: PostgreSQL
// Whatever bytes are kept as a snapshot: either they are refused, with the error that is for it, or they are a snapshot
// that goes on the wire as what it is, and that can be compared with another one.
#include "../unit/model/model_builder.hpp"
#include "core/error.hpp"
#include "model/renames.hpp"
#include "model/sides.hpp"

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>

namespace
{

using namespace pgmigrate;
using namespace pgmigrate::model;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

// What a database may have when the snapshot is compared with it.
Snapshot database()
{
    test::SnapshotBuilder builder;
    builder.schema("public").set("owner", "dba");
    builder.in_public(Kind::enum_type, "e").list("labels", {"a", "b"});
    builder.table("t").set("owner", "alice").list("acl", {"alice=rawdDxt/alice", "bob=r*/alice"});
    builder.column("t", "c", "integer").set("not_null").address(1, 1);
    builder.column("t", "d", "public.e").needs(Kind::enum_type, "public.e");
    builder.default_of("t", "c", "1");
    builder.constraint("t", "k", "p", "PRIMARY KEY (c)").set("index").needs(Kind::column, "public.t.c", 'a');
    builder.index("t", "i", "btree (c)").needs(Kind::column, "public.t.c", 'a');
    builder.table("p")
        .set("partition_of", "public.t")
        .set("partition_bound", "DEFAULT")
        .needs(Kind::table, "public.t", 'a');
    builder.column("p", "c", "integer").set("inherited_only").address(2, 1);
    builder.view("v", " SELECT 1;", {"n integer"}).needs(Kind::column, "public.t.c");
    builder.function("f", "integer", "SELECT 1");
    return builder.build();
}

std::optional<Snapshot> decoded(std::string_view wire)
{
    try {
        return decode(wire);
    } catch (const core::Error &error) {
        require(error.sqlstate() == core::sqlstate::internal_error && !error.message().empty());
        return std::nullopt;
    }
}

void compare(const Snapshot &was, const Snapshot &is)
{
    core::NoInterrupts interrupts;
    try {
        render(diff(was, is, {.online = was.size() % 2 == 0}, interrupts));
    } catch (const std::exception &) { // there is no order, or a text is not what it is called
    }
    rename_back(was, is);
}

void check(std::string_view wire)
{
    const std::optional<Snapshot> snapshot = decoded(wire);
    if (!snapshot)
        return;
    const std::string again = encode(*snapshot);
    require(encode(decode(again)) == again);
    core::NoInterrupts interrupts;
    require(diff(*snapshot, *snapshot, {}, interrupts).empty());

    static const Snapshot &other = *new Snapshot(database());
    compare(*snapshot, other);
    compare(other, *snapshot);
    for (const auto &[model, there] : {std::pair(&*snapshot, &other), std::pair(&other, &*snapshot)}) {
        Snapshot completed = *model;
        keep_owners(completed, *there);
        Snapshot around = *there;
        try {
            confine(completed, around, {{"public"}}, Silence::any);
            require(encode(decode(encode(completed))) == encode(completed));
        } catch (const core::Error &error) { // what is said of a part may not go with what it is a part of
            require(error.sqlstate() == core::sqlstate::internal_error);
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    check({reinterpret_cast<const char *>(data), size});
    return 0;
}
