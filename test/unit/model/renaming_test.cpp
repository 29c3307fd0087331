// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "model/likely_renames.hpp"
#include "model/renaming.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

struct Asked {
    std::string relation; // with its schema
    std::string column;
    std::string new_name;
    std::string new_schema = "public";
};

std::vector<Renaming> plan(const SnapshotBuilder &database, const SnapshotBuilder &model,
                           const std::vector<Asked> &asked)
{
    const Snapshot was = database.build();
    const Snapshot is = model.build();
    std::vector<RenameRequest> requests;
    for (const Asked &each : asked)
        requests.push_back({was.find_relation(each.relation), each.column, each.new_schema, each.new_name});
    return renamings(requests, was, is);
}

std::vector<std::string> up(const SnapshotBuilder &database, const SnapshotBuilder &model,
                            const std::vector<Asked> &asked)
{
    std::vector<std::string> statements;
    for (const Renaming &each : plan(database, model, asked))
        statements.push_back(each.way_up);
    return statements;
}

std::vector<std::string> down(const SnapshotBuilder &database, const SnapshotBuilder &model,
                              const std::vector<Asked> &asked)
{
    std::vector<std::string> statements;
    for (const Renaming &each : plan(database, model, asked))
        statements.insert(statements.begin(), each.way_down);
    return statements;
}

// Tables with one serial column.
SnapshotBuilder serials(std::initializer_list<const char *> names)
{
    SnapshotBuilder builder;
    for (const char *name : names) {
        builder.table(name);
        builder.column(name, "id", "integer");
        builder.in_public(Kind::sequence, cat(name, "_id_seq")).set("owned_by", cat("public.", name, ".id"));
    }
    return builder;
}

std::string error_of(const SnapshotBuilder &database, const SnapshotBuilder &model, const std::vector<Asked> &asked)
{
    try {
        plan(database, model, asked);
    } catch (const core::Error &error) {
        return cat(error.sqlstate(), " ", error.what());
    }
    return "";
}

std::vector<std::string> likely(const SnapshotBuilder &database, const SnapshotBuilder &model)
{
    std::vector<std::string> lists;
    for (const LikelyRename &each : likely_renames(database.build(), model.build()))
        lists.push_back(each.list);
    return lists;
}

} // namespace

TEST(Renaming, sequences_go_with_their_tables)
{
    EXPECT_THAT(up(serials({"a"}), serials({"b"}), {{"public.a", "", "b"}}),
                ElementsAre("ALTER TABLE public.a RENAME TO b", "ALTER SEQUENCE public.a_id_seq RENAME TO b_id_seq"));
    EXPECT_THAT(down(serials({"a"}), serials({"b"}), {{"public.a", "", "b"}}),
                ElementsAre("ALTER SEQUENCE public.b_id_seq RENAME TO a_id_seq", "ALTER TABLE public.b RENAME TO a"));
}

TEST(Renaming, the_old_name_can_be_used_again)
{
    SnapshotBuilder model = serials({"b"});
    model.view("a", "SELECT", {});
    EXPECT_THAT(up(serials({"a"}), model, {{"public.a", "", "b"}}),
                ElementsAre("ALTER TABLE public.a RENAME TO b", "ALTER SEQUENCE public.a_id_seq RENAME TO b_id_seq"));
}

TEST(Renaming, what_has_the_new_name_steps_aside)
{
    EXPECT_THAT(up(serials({"a", "b"}), serials({"b"}), {{"public.a", "", "b"}}),
                ElementsAre("ALTER TABLE public.b RENAME TO b_replaced", "ALTER TABLE public.a RENAME TO b",
                            "ALTER SEQUENCE public.b_id_seq RENAME TO b_id_seq_replaced",
                            "ALTER SEQUENCE public.a_id_seq RENAME TO b_id_seq"));
    // By a name that neither side has.
    EXPECT_THAT(up(serials({"a", "b", "b_replaced"}), serials({"b", "b_replaced_1"}), {{"public.a", "", "b"}}),
                testing::Contains("ALTER TABLE public.b RENAME TO b_replaced_2"));
}

TEST(Renaming, names_are_exchanged)
{
    EXPECT_THAT(down(serials({"a", "b"}), serials({"a", "b"}), {{"public.a", "", "b"}, {"public.b", "", "a"}}),
                ElementsAre("ALTER SEQUENCE public.a_id_seq RENAME TO b_id_seq_replaced",
                            "ALTER TABLE public.a RENAME TO b_replaced",
                            "ALTER SEQUENCE public.b_id_seq RENAME TO a_id_seq",
                            "ALTER SEQUENCE public.b_id_seq_replaced RENAME TO b_id_seq",
                            "ALTER TABLE public.b RENAME TO a", "ALTER TABLE public.b_replaced RENAME TO b"));
}

TEST(Renaming, columns_come_behind_their_tables)
{
    SnapshotBuilder database;
    database.table("t");
    database.column("t", "a", "integer");
    database.column("t", "b", "text");
    SnapshotBuilder model;
    model.table("u");
    model.column("u", "b", "integer");
    EXPECT_THAT(up(database, model, {{"public.t", "a", "b"}, {"public.t", "", "u"}}),
                ElementsAre("ALTER TABLE public.t RENAME TO u", "ALTER TABLE public.u RENAME COLUMN b TO b_replaced",
                            "ALTER TABLE public.u RENAME COLUMN a TO b"));
}

TEST(Renaming, a_new_column_does_not_take_the_sequence_of_the_old_name)
{
    SnapshotBuilder database;
    database.table("t");
    database.column("t", "a", "integer");
    database.in_public(Kind::sequence, "s").set("owned_by", "public.t.a");
    SnapshotBuilder model;
    model.table("u");
    model.column("u", "a", "integer");
    model.column("u", "b", "integer");
    model.in_public(Kind::sequence, "new").set("owned_by", "public.u.a");
    model.in_public(Kind::sequence, "s").set("owned_by", "public.u.b");
    EXPECT_THAT(up(database, model, {{"public.t", "", "u"}, {"public.t", "a", "b"}}),
                ElementsAre("ALTER TABLE public.t RENAME TO u", "ALTER TABLE public.u RENAME COLUMN a TO b"));
}

TEST(Renaming, attributes_of_types)
{
    SnapshotBuilder database;
    database.in_public(Kind::composite_type, "t");
    database.column("t", "a", "integer", Kind::composite_type);
    SnapshotBuilder model;
    model.in_public(Kind::composite_type, "t");
    model.column("t", "b", "integer", Kind::composite_type);
    EXPECT_THAT(up(database, model, {{"public.t", "a", "b"}}),
                ElementsAre("ALTER TYPE public.t RENAME ATTRIBUTE a TO b"));
    // Tables of the type follow.
    database.table("of_t").set("of_type", "public.t");
    database.column("of_t", "a", "integer").address(7, 1);
    EXPECT_THAT(up(database, model, {{"public.t", "a", "b"}}),
                ElementsAre("ALTER TYPE public.t RENAME ATTRIBUTE a TO b CASCADE"));
    EXPECT_THAT(down(database, model, {{"public.t", "a", "b"}}),
                ElementsAre("ALTER TYPE public.t RENAME ATTRIBUTE b TO a CASCADE"));
    EXPECT_THAT(plan(database, model, {{"public.t", "a", "b"}}).front().also, ElementsAre(Address{1259, 7, 1}));
    model.table("of_t").set("of_type", "public.t");
    model.column("of_t", "b", "integer");
    EXPECT_EQ(error_of(database, model, {{"public.of_t", "a", "b"}}),
              "22023 renames: public.of_t.a comes from public.t");
}

TEST(Renaming, columns_are_renamed_where_they_come_from)
{
    const auto family = [](const char *name) {
        SnapshotBuilder builder;
        builder.table("above");
        builder.column("above", name, "integer");
        builder.table("below").list("inherits", {"public.above"});
        builder.column("below", name, "integer").needs(Kind::column, cat("public.above.", name), inherited_need);
        return builder;
    };
    EXPECT_EQ(error_of(family("a"), family("b"), {{"public.below", "a", "b"}}),
              "22023 renames: public.below.a comes from public.above");
    EXPECT_THAT(up(family("a"), family("b"), {{"public.above", "a", "b"}}),
                ElementsAre("ALTER TABLE public.above RENAME COLUMN a TO b"));
}

TEST(Renaming, what_the_model_lacks_would_be_dropped)
{
    EXPECT_EQ(error_of(serials({"a"}), serials({"c"}), {{"public.a", "", "b"}}),
              "22023 renames: the model has no table public.b");
    EXPECT_EQ(error_of(serials({"a"}), serials({"a"}), {{"public.a", "id", "x"}}),
              "22023 renames: the model has no column public.a.x");
    SnapshotBuilder model;
    model.view("b", "SELECT", {});
    EXPECT_EQ(error_of(serials({"a"}), model, {{"public.a", "", "b"}}),
              "22023 renames: public.b is a view in the model, not a table");
    EXPECT_EQ(error_of(serials({"a", "b"}), serials({"c"}), {{"public.a", "", "c"}, {"public.b", "", "c"}}),
              "22023 renames: b:c and a:c exclude each other");
}

// Keys go on their names in a circle when their tables have exchanged theirs.
TEST(Renaming, the_names_of_keys_are_exchanged)
{
    const auto keys = [](const char *of_a, const char *of_b) {
        SnapshotBuilder builder;
        for (const auto &[table, key] : {std::pair{"a", of_a}, std::pair{"b", of_b}}) {
            builder.table(table);
            builder.column(table, "id", "integer").set("not_null");
            builder.constraint(table, key, "p", "PRIMARY KEY (id)").set("index");
        }
        return builder;
    };
    EXPECT_THAT(sql_of(keys("x", "y"), keys("y", "x")),
                ElementsAre("ALTER TABLE public.a RENAME CONSTRAINT x TO x_replaced",
                            "ALTER TABLE public.b RENAME CONSTRAINT y TO x",
                            "ALTER TABLE public.a RENAME CONSTRAINT x_replaced TO y"));
    EXPECT_THAT(sql_of(keys("x", "y"), keys("z", "x")), ElementsAre("ALTER TABLE public.a RENAME CONSTRAINT x TO z",
                                                                    "ALTER TABLE public.b RENAME CONSTRAINT y TO x"));
}

// A table with a serial column that is its key.
void add_keyed(SnapshotBuilder &builder, const std::string &schema, const std::string &name, std::uint32_t address,
               const std::string &key = {})
{
    const std::string path = cat(schema, ".", name);
    builder.add(Kind::table, path, schema, name).address(address);
    builder.add(Kind::column, cat(path, ".id"), schema, "id", path).set("type", "integer").address(address, 1);
    builder.add(Kind::sequence, cat(path, "_id_seq"), schema, cat(name, "_id_seq"))
        .set("owned_by", cat(path, ".id"))
        .address(address + 1);
    const std::string key_name = key.empty() ? cat(name, "_pkey") : key;
    builder.add(Kind::constraint, cat(key_name, " ON ", path), schema, key_name, path)
        .set("index")
        .address(address + 2);
}

TEST(Renaming, to_another_schema)
{
    SnapshotBuilder database;
    database.schema("public");
    database.schema("other");
    add_keyed(database, "public", "t", 10);
    SnapshotBuilder model;
    model.schema("other");
    add_keyed(model, "other", "t", 20);
    EXPECT_THAT(up(database, model, {{"public.t", "", "t", "other"}}),
                ElementsAre("ALTER TABLE public.t SET SCHEMA other"));
    EXPECT_THAT(down(database, model, {{"public.t", "", "t", "other"}}),
                ElementsAre("ALTER TABLE other.t SET SCHEMA public"));
    // With another name, which is free on the way.
    SnapshotBuilder renamed;
    add_keyed(renamed, "other", "u", 20);
    EXPECT_THAT(up(database, renamed, {{"public.t", "", "u", "other"}}),
                ElementsAre("ALTER TABLE public.t RENAME TO u", "ALTER TABLE public.u SET SCHEMA other",
                            "ALTER SEQUENCE other.t_id_seq RENAME TO u_id_seq"));
    EXPECT_EQ(error_of(database, model, {{"public.t", "", "u", "other"}}),
              "22023 renames: the model has no table other.u");
    EXPECT_EQ(error_of(database, model, {{"public.t_id_seq", "", "t_id_seq", "other"}}),
              "22023 renames: the sequence public.t_id_seq is the column's public.t.id");
}

TEST(Renaming, to_a_schema_that_is_made)
{
    SnapshotBuilder database;
    add_keyed(database, "public", "a", 10);
    add_keyed(database, "public", "b", 20);
    SnapshotBuilder model;
    add_keyed(model, "other", "a", 30);
    add_keyed(model, "other", "b", 40);
    const std::vector<Asked> asked{{"public.a", "", "a", "other"}, {"public.b", "", "b", "other"}};
    EXPECT_THAT(up(database, model, asked), ElementsAre("CREATE SCHEMA other", "ALTER TABLE public.a SET SCHEMA other",
                                                        "ALTER TABLE public.b SET SCHEMA other"));
    EXPECT_THAT(down(database, model, asked),
                ElementsAre("ALTER TABLE other.b SET SCHEMA public", "ALTER TABLE other.a SET SCHEMA public",
                            "DROP SCHEMA other"));
}

// What comes with a table steps aside where its name is taken.
TEST(Renaming, names_that_are_taken_in_the_other_schema)
{
    SnapshotBuilder database;
    database.schema("other");
    add_keyed(database, "public", "t", 10);
    add_keyed(database, "other", "t", 20);
    SnapshotBuilder model;
    model.schema("other");
    add_keyed(model, "other", "t", 30);
    add_keyed(model, "other", "old", 40);
    EXPECT_THAT(
        up(database, model, {{"public.t", "", "old", "other"}}),
        ElementsAre("ALTER TABLE public.t RENAME TO old", "ALTER SEQUENCE public.t_id_seq RENAME TO t_id_seq_replaced",
                    "ALTER INDEX public.t_pkey RENAME TO t_pkey_replaced", "ALTER TABLE public.old SET SCHEMA other",
                    "ALTER SEQUENCE other.t_id_seq_replaced RENAME TO old_id_seq"));
}

TEST(Renaming, schemas_are_exchanged)
{
    SnapshotBuilder both;
    both.schema("public");
    both.schema("other");
    add_keyed(both, "public", "t", 10, "here");
    add_keyed(both, "other", "t", 20, "there");
    const std::vector<std::string> statements =
        up(both, both, {{"public.t", "", "t", "other"}, {"other.t", "", "t", "public"}});
    EXPECT_THAT(statements, ElementsAre("ALTER TABLE other.t RENAME TO t_replaced",
                                        "ALTER SEQUENCE public.t_id_seq RENAME TO t_id_seq_replaced",
                                        "ALTER TABLE public.t SET SCHEMA other",
                                        "ALTER SEQUENCE other.t_id_seq RENAME TO t_id_seq_replaced_1",
                                        "ALTER SEQUENCE other.t_id_seq_replaced RENAME TO t_id_seq",
                                        "ALTER TABLE other.t_replaced SET SCHEMA public",
                                        "ALTER TABLE public.t_replaced RENAME TO t",
                                        "ALTER SEQUENCE public.t_id_seq_replaced_1 RENAME TO t_id_seq"));
}

TEST(LikelyRenames, of_another_schema)
{
    SnapshotBuilder database;
    add_keyed(database, "public", "t", 10);
    SnapshotBuilder model;
    add_keyed(model, "other", "t", 20);
    EXPECT_THAT(likely(database, model), ElementsAre("public.t:other.t"));
    // One in the same schema is likelier.
    add_keyed(model, "public", "u", 30);
    EXPECT_THAT(likely(database, model), ElementsAre("public.t:u"));
    // Two that it may be.
    SnapshotBuilder two;
    add_keyed(two, "other", "t", 20);
    add_keyed(two, "third", "t", 30);
    EXPECT_THAT(likely(database, two), IsEmpty());
    // With other columns besides, but not with few of its own.
    SnapshotBuilder less;
    less.add(Kind::table, "other.t", "other", "t");
    less.add(Kind::column, "other.t.new", "other", "new", "other.t").set("type", "integer");
    EXPECT_THAT(likely(database, less), IsEmpty());
    less.add(Kind::column, "other.t.id", "other", "id", "other.t").set("type", "bigint");
    EXPECT_THAT(likely(database, less), ElementsAre("public.t:other.t"));
    // A type of the same schema goes along.
    SnapshotBuilder typed;
    typed.table("t");
    typed.column("t", "state", "public.state");
    SnapshotBuilder moved;
    moved.add(Kind::table, "other.t", "other", "t");
    moved.add(Kind::column, "other.t.state", "other", "state", "other.t").set("type", "other.state");
    EXPECT_THAT(likely(typed, moved), ElementsAre("public.t:other.t"));
}

TEST(LikelyRenames, the_same_columns)
{
    EXPECT_THAT(likely(serials({"a"}), serials({"b"})), ElementsAre("public.a:b"));
    EXPECT_THAT(likely(serials({"a"}), serials({"a", "b"})), IsEmpty());
    // Which is which?
    EXPECT_THAT(likely(serials({"a"}), serials({"b", "c"})), IsEmpty());
    EXPECT_THAT(likely(serials({"a", "b"}), serials({"c"})), IsEmpty());
    SnapshotBuilder other;
    other.table("b");
    other.column("b", "id", "bigint");
    EXPECT_THAT(likely(serials({"a"}), other), IsEmpty());
    EXPECT_THAT(likely(SnapshotBuilder(), other), IsEmpty());
    const auto partition = [](const char *name) {
        SnapshotBuilder builder;
        builder.table(name).set("partition_of", "public.t");
        builder.column(name, "id", "integer");
        return builder;
    };
    EXPECT_THAT(likely(partition("a"), partition("b")), IsEmpty());
}

TEST(LikelyRenames, a_column_of_the_same_type)
{
    const auto table = [](std::initializer_list<std::pair<const char *, const char *>> columns) {
        SnapshotBuilder builder;
        builder.table("t");
        for (const auto &[name, type] : columns)
            builder.column("t", name, type);
        return builder;
    };
    EXPECT_THAT(likely(table({{"a", "integer"}, {"b", "text"}}), table({{"c", "integer"}, {"b", "text"}})),
                ElementsAre("public.t.a:c"));
    EXPECT_THAT(likely(table({{"a", "integer"}}), table({{"c", "bigint"}})), IsEmpty());
    EXPECT_THAT(likely(table({{"a", "integer"}}), table({{"b", "integer"}, {"c", "integer"}})), IsEmpty());
    EXPECT_THAT(likely(table({{"a", "integer"}, {"b", "text"}}), table({{"c", "text"}, {"d", "integer"}})),
                ElementsAre("public.t.a:d", "public.t.b:c"));
}
