// SPDX-License-Identifier: PostgreSQL
#include "model/renames.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

using namespace pgmigrate::model;
using test::SnapshotBuilder;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

std::vector<std::string> back(const SnapshotBuilder &now, const SnapshotBuilder &then)
{
    return rename_back(now.build(), then.build());
}

SnapshotBuilder tables(std::initializer_list<std::pair<const char *, std::uint32_t>> names)
{
    SnapshotBuilder builder;
    for (const auto &[name, id] : names)
        builder.table(name).address(id);
    return builder;
}

} // namespace

TEST(Renames, what_has_kept_its_name_stays)
{
    EXPECT_THAT(back(tables({{"a", 1}, {"b", 2}}), tables({{"a", 1}, {"b", 2}})), IsEmpty());
    // Others have come and gone.
    EXPECT_THAT(back(tables({{"a", 1}, {"b", 2}}), tables({{"a", 1}, {"c", 3}})), IsEmpty());
    EXPECT_THAT(back(SnapshotBuilder(), SnapshotBuilder()), IsEmpty());
}

TEST(Renames, objects_are_known_by_their_addresses)
{
    EXPECT_THAT(back(tables({{"b", 1}}), tables({{"\"A a\"", 1}})),
                ElementsAre("ALTER TABLE public.b RENAME TO \"A a\""));
}

TEST(Renames, an_object_of_another_kind_is_another_one)
{
    SnapshotBuilder now;
    now.view("v", "SELECT 1", {}).address(1);
    EXPECT_THAT(back(now, tables({{"a", 1}})), IsEmpty());
}

TEST(Renames, arguments_are_of_types_that_have_their_names_back)
{
    const auto function = [](const std::string &type, const std::string &name) {
        SnapshotBuilder builder;
        builder.in_public(Kind::enum_type, type).address(1);
        builder.in_public(Kind::domain, "e_other").address(2);
        const std::string arguments = cat("public.", type, ", public.e_other, public.", type, "[]");
        builder.function(name, arguments, "SELECT 1")
            .address(3)
            .needs(Kind::enum_type, cat("public.", type))
            .needs(Kind::domain, "public.e_other");
        return builder;
    };
    EXPECT_THAT(back(function("e", "g"), function("old", "f")),
                ElementsAre("ALTER TYPE public.e RENAME TO old",
                            "ALTER FUNCTION public.g(public.old, public.e_other, public.old[]) RENAME TO f"));
}

TEST(Renames, swapped_names_go_by_a_third_one)
{
    EXPECT_THAT(back(tables({{"a", 1}, {"b", 2}}), tables({{"a", 2}, {"b", 1}})),
                ElementsAre("ALTER TABLE public.b RENAME TO b_pgm", "ALTER TABLE public.a RENAME TO b",
                            "ALTER TABLE public.b_pgm RENAME TO a"));
}

TEST(Renames, a_chain_of_names_ends_where_it_began)
{
    const std::vector<std::string> statements =
        back(tables({{"b", 1}, {"c", 2}, {"d", 3}}), tables({{"a", 1}, {"b", 2}, {"c", 3}}));
    EXPECT_THAT(statements, ElementsAre("ALTER TABLE public.b RENAME TO a", "ALTER TABLE public.c RENAME TO b",
                                        "ALTER TABLE public.d RENAME TO c"));
}

// Carries the statements out on the names and looks at the result.
TEST(Renames, any_permutation_of_names_is_undone_without_a_collision)
{
    std::vector<std::string> names{"a", "b", "c", "d"};
    std::vector<std::uint32_t> ids{1, 2, 3, 4};
    do {
        SnapshotBuilder now;
        SnapshotBuilder then;
        std::map<std::string, std::uint32_t> present;
        for (std::size_t i = 0; i < names.size(); ++i) {
            now.table(names[i]).address(ids[i]);
            then.table(names[i]).address(static_cast<std::uint32_t>(i + 1));
            present[names[i]] = ids[i];
        }
        for (const std::string &sql : back(now, then)) {
            constexpr std::string_view alter = "ALTER TABLE public.";
            constexpr std::string_view to = " RENAME TO ";
            const std::size_t at = sql.find(to);
            const std::string from = sql.substr(alter.size(), at - alter.size());
            const std::string target = sql.substr(at + to.size());
            ASSERT_TRUE(present.contains(from)) << sql;
            ASSERT_FALSE(present.contains(target)) << sql;
            present[target] = present[from];
            present.erase(from);
        }
        for (std::size_t i = 0; i < names.size(); ++i)
            EXPECT_EQ(present[names[i]], i + 1);
        EXPECT_EQ(present.size(), names.size());
    } while (std::next_permutation(ids.begin(), ids.end()));
}

TEST(Renames, a_name_that_something_new_has_is_taken_from_it)
{
    EXPECT_THAT(back(tables({{"a", 9}, {"b", 1}}), tables({{"a", 1}})),
                ElementsAre("ALTER TABLE public.a RENAME TO a_pgm", "ALTER TABLE public.b RENAME TO a"));
}

TEST(Renames, relations_and_types_share_their_names)
{
    SnapshotBuilder now = tables({{"b", 1}});
    now.in_public(Kind::enum_type, "a").address(9);
    EXPECT_THAT(back(now, tables({{"a", 1}})),
                ElementsAre("ALTER TYPE public.a RENAME TO a_pgm", "ALTER TABLE public.b RENAME TO a"));
}

TEST(Renames, columns_are_named_by_what_their_tables_are_called_by_then)
{
    SnapshotBuilder now = tables({{"b", 1}});
    now.column("b", "x", "integer").address(1, 1);
    now.column("b", "y", "integer").address(1, 2);
    SnapshotBuilder then = tables({{"a", 1}});
    then.column("a", "y", "integer").address(1, 1);
    then.column("a", "x", "integer").address(1, 2);
    EXPECT_THAT(back(now, then),
                ElementsAre("ALTER TABLE public.b RENAME TO a", "ALTER TABLE public.a RENAME COLUMN y TO y_pgm",
                            "ALTER TABLE public.a RENAME COLUMN x TO y",
                            "ALTER TABLE public.a RENAME COLUMN y_pgm TO x"));
}

TEST(Renames, columns_of_different_tables_do_not_meet)
{
    SnapshotBuilder now = tables({{"a", 1}, {"b", 2}});
    now.column("a", "x", "integer").address(1, 1);
    now.column("b", "y", "integer").address(2, 1);
    SnapshotBuilder then = tables({{"a", 1}, {"b", 2}});
    then.column("a", "y", "integer").address(1, 1);
    then.column("b", "y", "integer").address(2, 1);
    EXPECT_THAT(back(now, then), ElementsAre("ALTER TABLE public.a RENAME COLUMN x TO y"));
}

TEST(Renames, a_column_of_nothing_is_left_alone)
{
    const auto side = [](const char *name) {
        SnapshotBuilder builder;
        builder.add(Kind::column, cat("public.t.", name), "public", name, "public.t").address(1, 1);
        return builder;
    };
    EXPECT_THAT(back(side("x"), side("y")), IsEmpty());
}

TEST(Renames, attributes_of_composite_types_have_a_statement_of_their_own)
{
    const auto side = [](const char *name) {
        SnapshotBuilder builder;
        builder.in_public(Kind::composite_type, "pair").address(1);
        builder.column("pair", name, "integer", Kind::composite_type).address(1, 1);
        return builder;
    };
    EXPECT_THAT(back(side("x"), side("y")), ElementsAre("ALTER TYPE public.pair RENAME ATTRIBUTE x TO y"));
}

TEST(Renames, schemas_come_first_and_what_has_moved_goes_back)
{
    SnapshotBuilder now;
    now.schema("s").address(10);
    now.schema("other").address(11);
    now.add(Kind::table, "other.b", "other", "b").address(1);
    SnapshotBuilder then;
    then.schema("r").address(10);
    then.schema("other").address(11);
    then.add(Kind::table, "r.a", "r", "a").address(1);
    EXPECT_THAT(back(now, then), ElementsAre("ALTER SCHEMA s RENAME TO r", "ALTER TABLE other.b SET SCHEMA r",
                                             "ALTER TABLE r.b RENAME TO a"));
}

TEST(Renames, columns_are_renamed_with_those_they_are_inherited_from)
{
    const auto side = [](const char *name) {
        SnapshotBuilder builder;
        builder.table("z_above").address(1);
        builder.table("m_below").address(2);
        builder.table("a_lowest").address(3);
        std::uint32_t id = 1;
        std::string parent;
        for (const char *table : {"z_above", "m_below", "a_lowest"}) {
            const std::string column = cat("public.", table, ".", name);
            auto &added = builder.add(Kind::column, column, "public", name, cat("public.", table)).address(id++, 1);
            if (!parent.empty())
                added.needs(Kind::column, parent, inherited_need);
            parent = column;
        }
        return builder;
    };
    EXPECT_THAT(back(side("new"), side("old")), ElementsAre("ALTER TABLE public.z_above RENAME COLUMN new TO old"));
}

TEST(Renames, values_of_enums_are_known_by_their_own_addresses)
{
    const auto side = [](std::vector<std::string> labels, std::vector<std::string> ids) {
        SnapshotBuilder builder;
        builder.in_public(Kind::enum_type, "e")
            .address(1)
            .list("labels", std::move(labels))
            .list("label_ids", std::move(ids));
        return builder;
    };
    EXPECT_THAT(back(side({"it's", "b"}, {"10", "11"}), side({"a", "b"}, {"10", "11"})),
                ElementsAre("ALTER TYPE public.e RENAME VALUE 'it''s' TO 'a'"));
    EXPECT_THAT(back(side({"b", "a"}, {"10", "11"}), side({"a", "b"}, {"10", "11"})),
                ElementsAre("ALTER TYPE public.e RENAME VALUE 'a' TO 'a_pgm'",
                            "ALTER TYPE public.e RENAME VALUE 'b' TO 'a'",
                            "ALTER TYPE public.e RENAME VALUE 'a_pgm' TO 'b'"));
    // What has been dropped and made anew is another one.
    EXPECT_THAT(back(side({"x", "b"}, {"12", "11"}), side({"a", "b"}, {"10", "11"})), IsEmpty());
}

TEST(Renames, a_sequence_goes_with_its_table)
{
    const auto side = [](const char *schema, const char *sequence) {
        SnapshotBuilder builder;
        builder.schema("r").address(10);
        builder.schema("s").address(11);
        const std::string table = std::string(schema) + ".t";
        builder.add(Kind::table, table, schema, "t").address(1);
        builder.add(Kind::column, table + ".id", schema, "id", table).address(1, 1);
        builder.add(Kind::sequence, std::string(schema) + "." + sequence, schema, sequence)
            .address(2)
            .set("owned_by", table + ".id");
        return builder;
    };
    EXPECT_THAT(back(side("s", "q"), side("r", "q")), ElementsAre("ALTER TABLE s.t SET SCHEMA r"));
    EXPECT_THAT(back(side("s", "new"), side("r", "q")),
                ElementsAre("ALTER TABLE s.t SET SCHEMA r", "ALTER SEQUENCE r.new RENAME TO q"));
}

TEST(Renames, what_has_changed_places_between_schemas_does_not_meet)
{
    const auto side = [](std::uint32_t in_r, std::uint32_t in_s) {
        SnapshotBuilder builder;
        builder.schema("r").address(10);
        builder.schema("s").address(11);
        builder.add(Kind::table, "r.x", "r", "x").address(in_r);
        builder.add(Kind::table, "s.x", "s", "x").address(in_s);
        return builder;
    };
    EXPECT_THAT(back(side(1, 2), side(2, 1)),
                ElementsAre("ALTER TABLE r.x RENAME TO x_pgm", "ALTER TABLE r.x_pgm SET SCHEMA s",
                            "ALTER TABLE s.x SET SCHEMA r", "ALTER TABLE s.x_pgm RENAME TO x"));
}

TEST(Renames, an_index_is_where_its_table_is_by_then)
{
    SnapshotBuilder now;
    now.schema("r").address(10);
    now.schema("s").address(11);
    now.add(Kind::table, "s.t", "s", "t").address(1);
    now.add(Kind::index, "s.x", "s", "x", "s.t").address(2);
    SnapshotBuilder then;
    then.schema("r").address(10);
    then.schema("s").address(11);
    then.add(Kind::table, "r.t", "r", "t").address(1);
    then.add(Kind::index, "r.y", "r", "y", "r.t").address(2);
    EXPECT_THAT(back(now, then), ElementsAre("ALTER TABLE s.t SET SCHEMA r", "ALTER INDEX r.x RENAME TO y"));
}

TEST(Renames, a_schema_that_is_gone_is_made_before_what_moves_there)
{
    SnapshotBuilder now;
    now.schema("s").address(11);
    now.add(Kind::enum_type, "s.e", "s", "e").address(1);
    now.add(Kind::enum_type, "s.f", "s", "f").address(2);
    SnapshotBuilder then;
    then.schema("r").address(10);
    then.schema("s").address(11);
    then.add(Kind::enum_type, "r.e", "r", "e").address(1);
    then.add(Kind::enum_type, "r.f", "r", "f").address(2);
    EXPECT_THAT(back(now, then),
                ElementsAre("CREATE SCHEMA r", "ALTER TYPE s.e SET SCHEMA r", "ALTER TYPE s.f SET SCHEMA r"));
}

TEST(Renames, what_is_in_a_renamed_schema_has_not_moved)
{
    SnapshotBuilder now;
    now.schema("s").address(10);
    now.add(Kind::table, "s.a", "s", "a").address(1);
    SnapshotBuilder then;
    then.schema("r").address(10);
    then.add(Kind::table, "r.a", "r", "a").address(1);
    EXPECT_THAT(back(now, then), ElementsAre("ALTER SCHEMA s RENAME TO r"));
}

TEST(Renames, routines_are_named_with_their_arguments)
{
    SnapshotBuilder now;
    now.function("g", "integer", "SELECT 1").address(1);
    now.function("f", "text", "SELECT 1").address(2);
    SnapshotBuilder then;
    then.function("f", "integer", "SELECT 1").address(1);
    then.function("f", "text", "SELECT 1").address(2);
    EXPECT_THAT(back(now, then), ElementsAre("ALTER FUNCTION public.g(integer) RENAME TO f"));
}

TEST(Renames, what_stands_behind_a_name_stays_there)
{
    const auto classes = [](const char *schema, const char *name) {
        SnapshotBuilder builder;
        builder.add(Kind::operator_class, cat(schema, ".", name, " USING btree"), schema, name).address(1);
        builder.add(Kind::operator_, cat(schema, ".+(integer, integer)"), schema, "+").address(2);
        builder.add(Kind::subscription, name, "", name).address(3);
        return builder;
    };
    EXPECT_THAT(back(classes("b", "new"), classes("a", "\"old USING\"")),
                ElementsAre("ALTER SUBSCRIPTION new RENAME TO \"old USING\"",
                            "ALTER OPERATOR b.+(integer, integer) SET SCHEMA a",
                            "ALTER OPERATOR CLASS b.new USING btree SET SCHEMA a",
                            "ALTER OPERATOR CLASS a.new USING btree RENAME TO \"old USING\""));
}
