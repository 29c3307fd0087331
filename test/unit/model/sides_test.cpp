// SPDX-License-Identifier: PostgreSQL
#include "model/sides.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

SnapshotBuilder database()
{
    SnapshotBuilder builder;
    builder.schema("public").set("owner", "dba").list("acl", {"=UC/dba"}).set("comment", "standard");
    builder.table("t").set("owner", "carol").list("acl", {"bob=r/carol", "carol=rawdDxt/carol"});
    builder.column("t", "id", "integer").set("not_null");
    builder.view("v", " SELECT t.id\n   FROM public.t;", {"id integer"})
        .set("owner", "carol")
        .needs(Kind::column, "public.t.id");
    builder.part(Kind::trigger, "t", Kind::table, "trg ON public.t", "trg").set("definition", "…");
    builder.table("gone").set("owner", "carol");
    builder.part(Kind::trigger, "gone", Kind::table, "trg ON public.gone", "trg").set("definition", "…");
    return builder;
}

// What an ORM has to say.
SnapshotBuilder model()
{
    SnapshotBuilder builder;
    builder.schema("public").set("owner", "alice");
    builder.table("t").set("owner", "alice").set("comment", "the model's");
    builder.column("t", "id", "bigint");
    return builder;
}

const Scope in_public{{"public"}};

Snapshot completed(const SnapshotBuilder &model, const SnapshotBuilder &database)
{
    Snapshot result = model.build();
    Snapshot there = database.build();
    EXPECT_THAT(confine(result, there, in_public, Silence::any), IsEmpty());
    return result;
}

Snapshot with_owners_of(const SnapshotBuilder &model, const SnapshotBuilder &database)
{
    Snapshot result = model.build();
    keep_owners(result, database.build());
    return result;
}

std::vector<std::string> changes(const SnapshotBuilder &database, const Snapshot &model)
{
    pgmigrate::core::NoInterrupts interrupts;
    const Snapshot was = database.build();
    return sql_of(diff(was, model, {}, interrupts));
}

} // namespace

TEST(Sides, what_the_model_says_of_no_table_is_the_databases)
{
    SnapshotBuilder there;
    there.schema("public");
    there.table("t").set("row_security").set("comment", "theirs").list("options", {"fillfactor=70"});
    there.column("t", "id", "integer").set("comment", "theirs").set("storage", "EXTERNAL");
    there.column("t", "name", "text").set("storage", "EXTERNAL").set("statistics", "5");
    SnapshotBuilder said;
    said.schema("public");
    said.table("t").set("comment", "mine");
    said.column("t", "id", "bigint");
    said.column("t", "name", "text");
    const Snapshot result = completed(said, there);
    const Object &table = *result.find(Kind::table, "public.t");
    EXPECT_TRUE(table.has("row_security"));
    EXPECT_EQ(table.text("comment"), "mine");
    EXPECT_THAT(std::vector(table.list("options").begin(), table.list("options").end()), ElementsAre("fillfactor=70"));
    EXPECT_FALSE(result.find(Kind::column, "public.t.id")->has("comment"));
    EXPECT_FALSE(result.find(Kind::column, "public.t.id")->has("storage"));
    EXPECT_EQ(result.find(Kind::column, "public.t.name")->text("storage"), "EXTERNAL");
    EXPECT_THAT(result.unknown,
                ElementsAre("options: the model has none, and the 1 of the database stay as they are",
                            "row security: the model has none, and the 1 of the database stay as they are",
                            "statistics: the model has none, and the 1 of the database stay as they are",
                            "storage: the model has none, and the 2 of the database stay as they are"));
}

TEST(Sides, kinds_that_the_model_has_none_of_are_the_databases)
{
    const Snapshot result = completed(model(), database());
    ASSERT_NE(result.find(Kind::view, "public.v"), nullptr);
    ASSERT_NE(result.find(Kind::trigger, "trg ON public.t"), nullptr);
    EXPECT_THAT(result.unknown, ElementsAre("trigger: the model has none, and the 2 of the database stay as they are",
                                            "view: the model has none, and the 1 of the database stay as they are"));
    // What they stand on is the model's.
    const Object &view = *result.find(Kind::view, "public.v");
    ASSERT_EQ(view.needs.size(), 1U);
    EXPECT_EQ(result[view.needs[0].object].identity, "public.t.id");
    EXPECT_EQ(result[view.needs[0].object].text("type"), "bigint");
    EXPECT_EQ(result.dependents_of(view.needs[0].object).size(), 1U);
}

TEST(Sides, what_is_taken_over_outlives_where_it_was_read_into)
{
    Snapshot result = decode(encode(model().build()));
    {
        Snapshot theirs = decode(encode(database().build()));
        confine(result, theirs, in_public, Silence::any);
    }
    // Takes the memory that has become free.
    const Snapshot other = decode(encode(database().build()));
    EXPECT_EQ(result.find(Kind::table, "public.t")->text("comment"), "the model's");
    EXPECT_EQ(result.find(Kind::column, "public.t.id")->text("type"), "bigint");
    EXPECT_EQ(result.find(Kind::view, "public.v")->text("definition"), " SELECT t.id\n   FROM public.t;");
    for (const Object &object : result.objects())
        for (const Attribute &each : object.attributes)
            EXPECT_EQ(result.keep_name(each.name).data(), each.name.data());
}

TEST(Sides, tables_are_the_models_and_what_is_on_a_dropped_one_goes)
{
    const Snapshot result = completed(model(), database());
    EXPECT_EQ(result.find(Kind::table, "public.gone"), nullptr);
    EXPECT_EQ(result.find(Kind::trigger, "trg ON public.gone"), nullptr);
    EXPECT_FALSE(result.find(Kind::column, "public.t.id")->has("not_null"));
    EXPECT_EQ(result.find(Kind::table, "public.t")->text("comment"), "the model's");
}

TEST(Sides, a_kind_that_the_model_has_is_the_models)
{
    SnapshotBuilder mine = model();
    mine.view("w", " SELECT 1;", {});
    const Snapshot result = completed(mine, database());
    EXPECT_EQ(result.find(Kind::view, "public.v"), nullptr);
    EXPECT_NE(result.find(Kind::view, "public.w"), nullptr);
    EXPECT_THAT(result.unknown, ElementsAre(HasSubstr("trigger")));
}

TEST(Sides, owners_are_the_databases_and_grants_where_the_model_has_none)
{
    const Snapshot result = completed(model(), database());
    const Object &table = *result.find(Kind::table, "public.t");
    EXPECT_EQ(table.text("owner"), "carol");
    EXPECT_THAT(table.list("acl"), ElementsAre("bob=r/carol", "carol=rawdDxt/carol"));
    const Object &schema = *result.find(Kind::schema, "public");
    EXPECT_EQ(schema.text("owner"), "dba");
    EXPECT_EQ(schema.text("comment"), "standard");
}

TEST(Sides, a_model_with_grants_keeps_them)
{
    SnapshotBuilder mine = model();
    mine.table("u").list("acl", {"(nobody)"});
    const Snapshot result = completed(mine, database());
    EXPECT_FALSE(result.find(Kind::table, "public.t")->has("acl"));
    EXPECT_THAT(result.find(Kind::schema, "public")->list("acl"), ElementsAre("=UC/dba"));
}

TEST(Sides, nothing_differs_that_the_model_does_not_say)
{
    SnapshotBuilder mine;
    mine.schema("public").set("owner", "alice");
    mine.table("t").set("owner", "alice");
    mine.column("t", "id", "integer").set("not_null");
    mine.table("gone").set("owner", "alice");
    pgmigrate::core::NoInterrupts interrupts;
    const Snapshot there = database().build();
    EXPECT_THAT(sql_of(diff(there, completed(mine, database()), {}, interrupts)), IsEmpty());
}

// The model is read by another process: the names of its attributes are its own.
TEST(Sides, names_of_attributes_outlive_the_snapshots_they_came_with)
{
    SnapshotBuilder mine = model();
    mine.table("mine").set("force_row_security").set("owner", "alice");
    SnapshotBuilder there = database();
    there.in_public(Kind::domain, "d").set("an_attribute_with_a_long_name", "x").set("owner", "carol");
    Snapshot result = decode(encode(mine.build()));
    {
        Snapshot other = decode(encode(there.build()));
        confine(result, other, in_public, Silence::any);
        keep_owners(result, other);
    }
    EXPECT_EQ(result.find(Kind::table, "public.mine")->text("force_row_security"), "true");
    EXPECT_EQ(result.find(Kind::domain, "public.d")->text("an_attribute_with_a_long_name"), "x");
}

TEST(Sides, a_part_of_what_nobody_has_is_not_taken_over)
{
    SnapshotBuilder there = database();
    there.add(Kind::policy, "p ON public.elsewhere", "public", "p", "public.elsewhere");
    const Snapshot result = completed(model(), there);
    EXPECT_EQ(result.find(Kind::policy, "p ON public.elsewhere"), nullptr);
}

TEST(Sides, owners_are_not_compared_with_a_text_that_names_none)
{
    SnapshotBuilder mine = model();
    mine.table("only_in_the_model").set("owner", "alice");
    const Snapshot result = with_owners_of(mine, database());
    EXPECT_EQ(result.find(Kind::table, "public.t")->text("owner"), "carol");
    EXPECT_EQ(result.find(Kind::table, "public.only_in_the_model")->text("owner"), "alice");
    EXPECT_THAT(result.unknown, ElementsAre("owners: the model names none, and those of the database stay"));
}

TEST(Sides, owners_that_are_the_same_need_no_note)
{
    EXPECT_THAT(with_owners_of(database(), database()).unknown, IsEmpty());
}

TEST(Sides, versions_stay_that_the_model_does_not_name)
{
    const auto with_versions = [](const char *version) {
        SnapshotBuilder builder;
        for (const char *name : {"citext", "hstore"})
            builder.add(Kind::extension, name, "", name)
                .set("in_schema", "public")
                .set("version", version)
                .list("updates_to", {"1.2"});
        return builder;
    };
    Snapshot result = with_versions("1.2").build();
    keep_versions(result, with_versions("1.1").build(), {"hstore"});
    EXPECT_THAT(changes(with_versions("1.1"), result), ElementsAre("ALTER EXTENSION hstore UPDATE TO '1.2'"));
    EXPECT_THAT(result.unknown, ElementsAre("extension citext: the model names no version, and 1.1 stays"));
    Snapshot same = with_versions("1.1").build();
    keep_versions(same, with_versions("1.1").build(), {});
    EXPECT_THAT(same.unknown, IsEmpty());
}

TEST(Sides, privileges_on_the_language_sql_are_the_databases_where_the_model_has_none)
{
    const auto with = [](std::initializer_list<std::string_view> of, const char *entry) {
        SnapshotBuilder builder;
        for (const std::string_view each : of)
            builder.add(Kind::privileges, cat("ON ", each), "", "").list("granted", {entry});
        return builder;
    };
    const auto granted = [](const Snapshot &snapshot) {
        std::vector<std::string> all;
        for (const Object &each : snapshot.objects())
            all.push_back(cat(each.identity, " ", each.list("granted").front()));
        return all;
    };
    const Snapshot there = with({"LANGUAGE plpgsql", "LANGUAGE sql"}, "bob=U/dba").build();
    Snapshot silent = with({"SCHEMA pg_catalog"}, "carol=U/dba").build();
    keep_privileges_on_sql(silent, there);
    EXPECT_THAT(granted(silent), ElementsAre("ON LANGUAGE sql bob=U/dba", "ON SCHEMA pg_catalog carol=U/dba"));
    Snapshot telling = with({"LANGUAGE sql"}, "carol=U/dba").build();
    keep_privileges_on_sql(telling, there);
    EXPECT_THAT(granted(telling), ElementsAre("ON LANGUAGE sql carol=U/dba"));
}

TEST(Sides, a_schema_of_the_database_is_kept)
{
    SnapshotBuilder there = database();
    there.schema("tools").set("owner", "dave");
    Snapshot result = model().build();
    keep_schema(result, there.build(), "tools");
    ASSERT_NE(result.find(Kind::schema, "tools"), nullptr);
    EXPECT_EQ(result.find(Kind::schema, "tools")->text("owner"), "dave");
    keep_schema(result, there.build(), "nowhere");
    EXPECT_EQ(result.find(Kind::schema, "nowhere"), nullptr);
}

TEST(Sides, a_schema_of_the_model_stays_as_it_is)
{
    SnapshotBuilder mine = model();
    mine.schema("tools").set("owner", "erin");
    SnapshotBuilder there = database();
    there.schema("tools").set("owner", "dave");
    Snapshot result = mine.build();
    keep_schema(result, there.build(), "tools");
    EXPECT_EQ(result.find(Kind::schema, "tools")->text("owner"), "erin");
}

TEST(Sides, shells_that_no_operator_names_are_kept)
{
    const auto operator_ = [](SnapshotBuilder & builder, const std::string &name) -> auto &
    {
        return builder.add(Kind::operator_, cat("public.", name, "(integer, integer)"), "public", name)
            .set("left", "integer")
            .set("right", "integer");
    };
    SnapshotBuilder there = database();
    operator_(there, "<<").set("function", "f").set("commutator", "public.>>");
    operator_(there, ">>").set("shell");
    operator_(there, "!!").set("shell");
    there.in_public(Kind::domain, "gone");
    operator_(there, "??").set("shell").needs(Kind::domain, "public.gone");
    Snapshot result = model().build();
    keep_unnamed_shells(result, there.build());
    std::vector<std::string> kept;
    for (const Object &object : result.objects())
        if (object.kind == Kind::operator_)
            kept.push_back(object.name);
    EXPECT_THAT(kept, ElementsAre("!!"));
}

TEST(Sides, needs_of_the_model_stay_with_their_objects)
{
    SnapshotBuilder mine = model();
    mine.default_of("t", "id", "7");
    const Snapshot result = with_owners_of(mine, database());
    const Object &value = *result.find(Kind::default_value, "public.t.id");
    ASSERT_EQ(value.needs.size(), 1U);
    EXPECT_EQ(result[value.needs[0].object].kind, Kind::column);
    EXPECT_EQ(result[value.needs[0].object].identity, "public.t.id");
}

TEST(Sides, the_owner_that_stays_has_what_the_models_has_granted)
{
    const auto owned_by = [](const char *owner, const char *grants) {
        SnapshotBuilder builder;
        builder.table("t").set("owner", owner).list("acl", {cat("bob=r/", owner), cat(owner, "=rawdDxt/", owner)});
        builder.column("t", "id", "integer").list("acl", {cat("bob=w/", owner)});
        builder.table("closed").set("owner", owner).list("acl", {cat(owner, "=rawdDxt/", owner), grants});
        return builder;
    };
    const SnapshotBuilder database = owned_by("carol", "dan=r/carol");
    EXPECT_THAT(changes(database, with_owners_of(owned_by("alice", "dan=r/alice"), database)), IsEmpty());
    EXPECT_THAT(changes(database, completed(owned_by("alice", "dan=r/alice"), database)), IsEmpty());
    // One that is granted to the owner already is no grant.
    EXPECT_THAT(changes(database, with_owners_of(owned_by("alice", "carol=r/alice"), database)),
                ElementsAre(HasSubstr("REVOKE SELECT ON TABLE public.closed FROM dan")));
}

TEST(Sides, a_column_that_is_new_grants_in_the_name_of_the_owner_that_stays)
{
    SnapshotBuilder theirs;
    theirs.table("t").set("owner", "carol");
    SnapshotBuilder mine;
    mine.table("t").set("owner", "alice");
    mine.column("t", "new", "integer").list("acl", {"bob=r/alice"});
    const Snapshot result = with_owners_of(mine, theirs);
    EXPECT_THAT(result.find(Kind::column, "public.t.new")->list("acl"), ElementsAre("bob=r/carol"));
}

TEST(Sides, default_privileges_are_no_grants_of_a_model)
{
    const auto with = [](SnapshotBuilder builder) {
        builder.add(Kind::default_privileges, "FOR ROLE alice ON TABLES", "", "")
            .set("role", "alice")
            .set("type", "r")
            .list("granted", {"alice=rawdDxt/alice", "erin=r/alice"});
        return builder;
    };
    SnapshotBuilder mine = with(SnapshotBuilder());
    mine.table("t").set("owner", "alice").list("acl", {"alice=rawdDxt/alice", "erin=r/alice"});
    SnapshotBuilder theirs = with(SnapshotBuilder());
    theirs.table("t").set("owner", "carol").list("acl", {"bob=r/carol", "carol=rawdDxt/carol"});
    EXPECT_THAT(changes(theirs, completed(mine, theirs)), IsEmpty());
}
