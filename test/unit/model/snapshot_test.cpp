// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "unit/model/model_builder.hpp"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::SnapshotBuilder;

namespace
{

SnapshotBuilder two_tables()
{
    SnapshotBuilder builder;
    builder.table("b").set("comment", "the \"b\"").list("options", {"fillfactor=70", "user_catalog_table=true"});
    builder.column("b", "y", "text").address(4711, 2);
    builder.column("b", "x", "integer").needs(Kind::table, "public.b", 'n');
    builder.table("a");
    builder.view("v", " SELECT b.y FROM public.b;", {"y text"}).needs(Kind::column, "public.b.y");
    return builder;
}

void expect_same(const Snapshot &a, const Snapshot &b)
{
    EXPECT_EQ(a.session, b.session);
    EXPECT_EQ(a.unknown, b.unknown);
    ASSERT_EQ(a.size(), b.size());
    for (std::uint32_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].kind, b[i].kind);
        EXPECT_EQ(a[i].identity, b[i].identity);
        EXPECT_EQ(a[i].schema, b[i].schema);
        EXPECT_EQ(a[i].name, b[i].name);
        EXPECT_EQ(a[i].parent, b[i].parent);
        EXPECT_EQ(a[i].position, b[i].position);
        EXPECT_EQ(a[i].attributes, b[i].attributes);
        EXPECT_EQ(a[i].needs, b[i].needs);
        EXPECT_EQ(a[i].address, b[i].address);
        EXPECT_TRUE(std::ranges::equal(a.dependents_of(i), b.dependents_of(i)));
    }
}

void expect_damaged(const std::string &wire)
{
    try {
        decode(wire);
        ADD_FAILURE() << "decoded: " << testing::PrintToString(wire);
    } catch (const core::Error &error) {
        EXPECT_EQ(error.sqlstate(), core::sqlstate::internal_error);
        EXPECT_FALSE(error.message().empty());
    }
}

constexpr std::string_view magic = "pg_migrate snapshot 1\n";

std::string text(std::string_view value)
{
    return static_cast<char>(value.size()) + std::string(value);
}

// The wire of a snapshot with tables of these names, each with what `tail` says of position, address, attributes and
// needs.
std::string tables(std::initializer_list<std::string_view> names, const std::string &tail)
{
    std::string wire = cat(magic, text("alice"), text("dba"), std::string(2, '\0'));
    wire += static_cast<char>(names.size());
    for (const std::string_view name : names)
        wire += cat(text("table"), text(name), text("public"), text(name), text(""), tail);
    return wire;
}

std::string bytes(std::initializer_list<int> values)
{
    std::string all;
    for (const int each : values)
        all += static_cast<char>(each);
    return all;
}

// Position, class, object and part, then what there is of attributes and needs.
const std::string nowhere(4, '\0');
const std::string plain(6, '\0');

} // namespace

TEST(Snapshot, objects_are_in_the_order_of_kinds_and_names)
{
    const Snapshot snapshot = two_tables().build();
    std::vector<std::string> identities;
    for (const Object &each : snapshot.objects())
        identities.push_back(each.identity);
    EXPECT_THAT(identities, testing::ElementsAre("public.a", "public.b", "public.b.x", "public.b.y", "public.v"));
    for (std::uint32_t i = 0; i < snapshot.size(); ++i)
        EXPECT_EQ(snapshot.index_of(snapshot[i]), i);
}

TEST(Snapshot, objects_are_found_by_what_they_are)
{
    const Snapshot snapshot = two_tables().build();
    ASSERT_NE(snapshot.find(Kind::table, "public.a"), nullptr);
    EXPECT_EQ(snapshot.find(Kind::view, "public.a"), nullptr);
    EXPECT_EQ(snapshot.find(Kind::table, "public.A"), nullptr);
    EXPECT_EQ(snapshot.find_relation("public.v"), snapshot.find(Kind::view, "public.v"));
    EXPECT_EQ(snapshot.find_relation("public.b.y"), nullptr);
    const Object &column = *snapshot.find(Kind::column, "public.b.y");
    EXPECT_EQ(snapshot.parent_of(column), snapshot.find(Kind::table, "public.b"));
    EXPECT_EQ(snapshot.parent_of(*snapshot.find(Kind::table, "public.b")), nullptr);
}

TEST(Snapshot, parts_are_in_the_order_of_their_positions)
{
    const Snapshot snapshot = two_tables().build();
    const auto columns = snapshot.parts_of(*snapshot.find(Kind::table, "public.b"), Kind::column);
    ASSERT_EQ(columns.size(), 2U);
    EXPECT_EQ(columns[0]->name, "y");
    EXPECT_EQ(columns[1]->name, "x");
    EXPECT_TRUE(snapshot.parts_of(*snapshot.find(Kind::table, "public.b"), Kind::constraint).empty());
    EXPECT_TRUE(snapshot.parts_of(*snapshot.find(Kind::table, "public.a"), Kind::column).empty());
}

TEST(Snapshot, needs_follow_objects_to_their_places_and_are_known_from_both_ends)
{
    const Snapshot snapshot = two_tables().build();
    const Object &view = *snapshot.find(Kind::view, "public.v");
    const std::uint32_t column = snapshot.index_of(*snapshot.find(Kind::column, "public.b.y"));
    ASSERT_EQ(view.needs.size(), 1U);
    EXPECT_EQ(view.needs[0], (Need{column, 'n'}));
    EXPECT_THAT(snapshot.dependents_of(column), testing::ElementsAre(Need{snapshot.index_of(view), 'n'}));
}

TEST(Snapshot, two_objects_of_one_name_are_an_error_that_names_them)
{
    SnapshotBuilder builder;
    builder.table("a");
    builder.table("a");
    try {
        builder.build();
        FAIL();
    } catch (const core::Error &error) {
        EXPECT_EQ(error.sqlstate(), core::sqlstate::internal_error);
        EXPECT_THAT(error.message(), testing::HasSubstr("public.a"));
    }
}

TEST(Snapshot, the_wire_brings_everything_back)
{
    Snapshot snapshot = two_tables().build();
    snapshot.unknown = {"large objects", "z"};
    const std::string wire = encode(snapshot);
    const Snapshot again = decode(wire);
    expect_same(snapshot, again);
    EXPECT_EQ(encode(again), wire);
    expect_same(Snapshot(), decode(encode(Snapshot())));
}

TEST(Snapshot, the_wire_brings_back_negative_and_large_numbers)
{
    SnapshotBuilder builder(-1);
    builder.table("a").address(4294967295U, -7);
    const Snapshot again = decode(encode(builder.build()));
    EXPECT_EQ(again[0].address, (Address{1259, 4294967295U, -7}));
    EXPECT_EQ(again.session.server_version, -1);
}

TEST(Snapshot, a_wire_that_ends_early_is_refused_wherever_it_ends)
{
    const std::string wire = encode(two_tables().build());
    for (std::size_t length = 0; length < wire.size(); ++length)
        expect_damaged(wire.substr(0, length));
    expect_damaged(wire + '\0');
}

TEST(Snapshot, any_byte_that_changes_is_refused_or_another_snapshot)
{
    const std::string wire = encode(two_tables().build());
    for (std::size_t at = 0; at < wire.size(); ++at)
        for (const unsigned change : {0x01U, 0x20U, 0x80U, 0xffU}) {
            std::string other = wire;
            other[at] = static_cast<char>(static_cast<unsigned char>(other[at]) ^ change);
            try {
                EXPECT_NE(encode(decode(other)), wire);
            } catch (const core::Error &error) {
                EXPECT_EQ(error.sqlstate(), core::sqlstate::internal_error);
            }
        }
}

TEST(Snapshot, the_error_says_what_helps)
{
    try {
        decode("something else");
        FAIL();
    } catch (const core::Error &error) {
        EXPECT_EQ(error.message(), "a snapshot of a schema is damaged");
        EXPECT_THAT(error.hint(), testing::HasSubstr("migrate_drift()"));
    }
}

TEST(Snapshot, what_encode_does_not_write_is_refused)
{
    ASSERT_EQ(decode(tables({"a", "b"}, plain)).size(), 2U);
    expect_damaged(cat("pg_migrate snapshot 2\n", tables({"a"}, plain).substr(magic.size())));
    // A kind that is none.
    std::string other = tables({"a"}, plain);
    other[other.find("table")] = 'T';
    expect_damaged(other);
    expect_damaged(tables({"a", "a"}, plain));
}

TEST(Snapshot, numbers_beyond_their_types_are_refused)
{
    const std::string rest = bytes({0, 0, 0, 0, 0});
    ASSERT_EQ(decode(tables({"a"}, bytes({0xff, 0xff, 0xff, 0xff, 0x0f}) + rest))[0].position, -1);
    expect_damaged(tables({"a"}, bytes({0xff, 0xff, 0xff, 0xff, 0x1f}) + rest)); // 33 bits
    expect_damaged(tables({"a"}, bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}) + rest)); // 70
    expect_damaged(tables({"a"}, std::string(12, '\x80') + rest));
    // As many texts, attributes or needs as nobody has written.
    expect_damaged(tables({"a"}, nowhere + bytes({0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})));
    expect_damaged(tables({"a"}, nowhere + bytes({0, 0xff, 0xff, 0xff, 0xff, 0x7f})));
}

TEST(Snapshot, needs_are_of_objects_that_are_there)
{
    ASSERT_EQ(decode(tables({"a", "b"}, nowhere + bytes({0, 1, 1, 'n'})))[0].needs.size(), 1U);
    expect_damaged(tables({"a", "b"}, nowhere + bytes({0, 1, 2, 'n'})));
    expect_damaged(tables({"a", "b"}, nowhere + bytes({0, 1, 0x80, 0x80, 0x80, 0x80, 0x10, 'n'}))); // 2^32
    expect_damaged(tables({"a", "b"}, nowhere + bytes({0, 1, 1, 0x80 | 'n', 0x02})));               // no letter
}

TEST(Snapshot, attributes_are_in_order_and_once)
{
    const auto attributes = [](std::initializer_list<std::string_view> names) {
        std::string tail = nowhere + static_cast<char>(names.size());
        for (const std::string_view name : names)
            tail += cat(text(name), text("x"), std::string(1, '\0'));
        return tail + '\0';
    };
    ASSERT_EQ(decode(tables({"t"}, attributes({"a", "b"})))[0].text("b"), "x");
    expect_damaged(tables({"t"}, attributes({"b", "a"})));
    expect_damaged(tables({"t"}, attributes({"a", "a"})));
}

// What the rules follow has an end.
TEST(Snapshot, what_is_a_part_of_itself_is_refused)
{
    SnapshotBuilder parts;
    parts.add(Kind::table, "public.a", "public", "a", "public.b");
    parts.add(Kind::table, "public.b", "public", "b", "public.a");
    expect_damaged(encode(parts.build()));
    SnapshotBuilder partitions;
    partitions.table("a").set("partition_of", "public.a");
    expect_damaged(encode(partitions.build()));
    SnapshotBuilder indexes;
    indexes.table("t");
    indexes.index("t", "i", "btree (a)").set("attached_to", "public.j");
    indexes.index("t", "j", "btree (a)").set("attached_to", "public.i");
    expect_damaged(encode(indexes.build()));
}

TEST(Snapshot, partitions_of_partitions_are_as_deep_as_anybody_makes_them)
{
    const auto nested = [](int depth) {
        SnapshotBuilder builder;
        builder.table("p0");
        for (int i = 1; i < depth; ++i)
            builder.table(cat("p", std::to_string(i))).set("partition_of", cat("public.p", std::to_string(i - 1)));
        return encode(builder.build());
    };
    EXPECT_EQ(decode(nested(1000)).size(), 1000U);
    expect_damaged(nested(1001));
}

// A name that this version does not know is kept, and with it the text that belongs to it.
TEST(Snapshot, names_of_attributes_live_as_long_as_a_copy_of_the_snapshot)
{
    Snapshot copy;
    {
        SnapshotBuilder builder;
        builder.table("a").set("an_attribute_of_a_later_version", "x");
        const std::string wire = encode(builder.build());
        const Snapshot decoded = decode(wire);
        copy = decoded;
    }
    EXPECT_EQ(copy[0].text("an_attribute_of_a_later_version"), "x");
}

TEST(Snapshot, one_name_is_kept_once)
{
    Snapshot snapshot;
    const std::string_view first = snapshot.keep_name("definition");
    EXPECT_EQ(snapshot.keep_name(std::string("definition")).data(), first.data());
    EXPECT_NE(snapshot.keep_name("condition").data(), first.data());
    EXPECT_EQ(first, "definition");
}

TEST(Snapshot, parts_without_their_whole_are_refused)
{
    SnapshotBuilder builder;
    builder.add(Kind::column, "public.t.c", "public", "c", "public.t");
    expect_damaged(encode(builder.build()));
    builder.table("t");
    EXPECT_EQ(decode(encode(builder.build())).size(), 2U);
}
