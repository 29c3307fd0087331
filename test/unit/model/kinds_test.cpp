// SPDX-License-Identifier: PostgreSQL
// Kinds that few schemas have, and what is different about them from one version of the server to another.
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate::model;
using test::Described;
using test::SnapshotBuilder;
using test::sql_of;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

constexpr std::int32_t version_15 = 150000;
constexpr std::int32_t version_17 = 170000;
constexpr std::int32_t version_18 = 180000;

Described &add_operator(SnapshotBuilder &builder, const char *name)
{
    return builder.add(Kind::operator_, cat("public.", name, "(integer, integer)"), "public", name)
        .set("function", cat("public.f", name))
        .set("left", "integer")
        .set("right", "integer")
        .set("result", "boolean");
}

enum class Named { no, commutators };

// < and >, which can be each other's commutators.
SnapshotBuilder less_and_greater(std::int32_t version, Named named)
{
    SnapshotBuilder builder(version);
    Described &less = add_operator(builder, "<");
    Described &greater = add_operator(builder, ">");
    if (named == Named::commutators) {
        less.set("commutator", "public.>");
        greater.set("commutator", "public.<");
    }
    return builder;
}

SnapshotBuilder only_less(std::int32_t version)
{
    SnapshotBuilder builder(version);
    add_operator(builder, "<");
    return builder;
}

constexpr const char *greater_alone = "CREATE OPERATOR public.> (\n"
                                      "    FUNCTION = public.f>,\n"
                                      "    LEFTARG = integer,\n"
                                      "    RIGHTARG = integer\n"
                                      ")";
constexpr const char *greater_of_less = "CREATE OPERATOR public.> (\n"
                                        "    FUNCTION = public.f>,\n"
                                        "    LEFTARG = integer,\n"
                                        "    RIGHTARG = integer,\n"
                                        "    COMMUTATOR = OPERATOR(public.<)\n"
                                        ")";

SnapshotBuilder subscription(std::int32_t version)
{
    SnapshotBuilder builder(version);
    builder.add(Kind::subscription, "s", "", "s").list("publications", {"p"}).set("connection", "dbname=x");
    return builder;
}

SnapshotBuilder subscription_with(std::int32_t version, std::string_view setting, std::string value)
{
    SnapshotBuilder builder(version);
    builder.add(Kind::subscription, "s", "", "s")
        .list("publications", {"p"})
        .set("connection", "dbname=x")
        .set(setting, std::move(value));
    return builder;
}

SnapshotBuilder dictionary(std::string settings)
{
    SnapshotBuilder builder;
    builder.in_public(Kind::text_search_dictionary, "d")
        .set("template", "pg_catalog.simple")
        .set("settings", std::move(settings));
    return builder;
}

SnapshotBuilder configuration(std::vector<std::string> mappings)
{
    SnapshotBuilder builder;
    builder.in_public(Kind::text_search_configuration, "c")
        .set("parser", "pg_catalog.\"default\"")
        .list("mappings", std::move(mappings));
    return builder;
}

SnapshotBuilder operator_class(std::string method, std::vector<std::string> members)
{
    SnapshotBuilder builder;
    builder.add(Kind::operator_class, cat("public.o USING ", method), "public", "o")
        .set("family", "public.fam")
        .set("method", method)
        .set("type", "integer")
        .list("members", std::move(members));
    return builder;
}

} // namespace

TEST(Operators, the_first_of_two_is_named_by_the_second_when_that_is_made)
{
    EXPECT_THAT(sql_of(only_less(version_15), less_and_greater(version_15, Named::commutators)),
                ElementsAre(greater_of_less));
    EXPECT_THAT(sql_of(less_and_greater(version_15, Named::commutators), only_less(version_15)),
                ElementsAre("DROP OPERATOR public.>(integer, integer)"));
}

TEST(Operators, before_17_one_of_two_that_begin_to_name_each_other_is_made_again)
{
    const SnapshotBuilder apart = less_and_greater(version_15, Named::no);
    const SnapshotBuilder together = less_and_greater(version_15, Named::commutators);
    EXPECT_THAT(sql_of(apart, together),
                ElementsAre("DROP OPERATOR public.<(integer, integer)", "CREATE OPERATOR public.< (\n"
                                                                        "    FUNCTION = public.f<,\n"
                                                                        "    LEFTARG = integer,\n"
                                                                        "    RIGHTARG = integer,\n"
                                                                        "    COMMUTATOR = OPERATOR(public.>)\n"
                                                                        ")"));
}

TEST(Operators, the_one_that_less_depends_on_is_made_again)
{
    const auto with_view = [](Named named) {
        SnapshotBuilder builder = less_and_greater(version_15, named);
        builder.view("v", " SELECT 1 < 2 AS x;", {"x boolean"}).needs(Kind::operator_, "public.<(integer, integer)");
        return builder;
    };
    EXPECT_THAT(sql_of(with_view(Named::no), with_view(Named::commutators)),
                ElementsAre("DROP OPERATOR public.>(integer, integer)", greater_of_less));
    EXPECT_THAT(sql_of(with_view(Named::commutators), with_view(Named::no)),
                ElementsAre("DROP OPERATOR public.>(integer, integer)", greater_alone));
}

TEST(Operators, from_17_on_they_are_altered)
{
    // The server tells the other one.
    EXPECT_THAT(sql_of(less_and_greater(version_17, Named::no), less_and_greater(version_17, Named::commutators)),
                ElementsAre("ALTER OPERATOR public.<(integer, integer) SET (COMMUTATOR = OPERATOR(public.>))"));
    SnapshotBuilder hashing(version_17);
    add_operator(hashing, "<").set("hashes").set("restrict", "eqsel");
    EXPECT_THAT(sql_of(only_less(version_17), hashing),
                ElementsAre("ALTER OPERATOR public.<(integer, integer) SET (RESTRICT = eqsel, HASHES)"));
    // But nothing takes it back.
    EXPECT_EQ(sql_of(hashing, only_less(version_17)).size(), 2U);
}

TEST(Operators, a_shell_comes_with_what_names_it)
{
    SnapshotBuilder with_shell;
    add_operator(with_shell, ">").set("commutator", "public.<");
    with_shell.add(Kind::operator_, "public.<(integer, integer)", "public", "<")
        .set("shell")
        .set("left", "integer")
        .set("right", "integer");
    EXPECT_THAT(sql_of(SnapshotBuilder(), with_shell), ElementsAre(greater_of_less));
    EXPECT_THAT(sql_of(with_shell, less_and_greater(version_15, Named::commutators)),
                ElementsAre("CREATE OPERATOR public.< (\n"
                            "    FUNCTION = public.f<,\n"
                            "    LEFTARG = integer,\n"
                            "    RIGHTARG = integer,\n"
                            "    COMMUTATOR = OPERATOR(public.>)\n"
                            ")"));
}

TEST(OperatorClasses, members_are_added_where_the_method_gives_them_to_the_class)
{
    const char *less = "OPERATOR 1 <(integer, integer)";
    const char *equal = "OPERATOR 3 =(integer, integer)";
    EXPECT_THAT(sql_of(operator_class("btree", {less}), operator_class("btree", {less, equal})),
                ElementsAre("ALTER OPERATOR FAMILY public.fam USING btree ADD\n    OPERATOR 3 =(integer, integer)"));
    EXPECT_THAT(sql_of(operator_class("gist", {less}), operator_class("gist", {less, equal})),
                ElementsAre("DROP OPERATOR CLASS public.o USING gist",
                            "CREATE OPERATOR CLASS public.o FOR TYPE integer USING gist FAMILY public.fam AS\n"
                            "    OPERATOR 1 <(integer, integer),\n"
                            "    OPERATOR 3 =(integer, integer)"));
    EXPECT_EQ(sql_of(operator_class("btree", {less, equal}), operator_class("btree", {less})).size(), 2U);
}

TEST(OperatorClasses, the_place_of_a_member_is_free_before_a_class_takes_it)
{
    const char *in_family = "OPERATOR 1 (integer, integer) OF public.fam USING btree";
    SnapshotBuilder loose;
    loose.add(Kind::operator_family_member, in_family, "public", "")
        .set("family", "public.fam")
        .set("method", "btree")
        .set("place", "OPERATOR 1 (integer, integer)")
        .set("definition", "OPERATOR 1 <(integer, integer)");
    EXPECT_THAT(sql_of(loose, operator_class("btree", {"OPERATOR 1 public.<(integer, integer)"})),
                ElementsAre("ALTER OPERATOR FAMILY public.fam USING btree DROP OPERATOR 1 (integer, integer)",
                            "CREATE OPERATOR CLASS public.o FOR TYPE integer USING btree FAMILY public.fam AS\n"
                            "    OPERATOR 1 public.<(integer, integer)"));
}

TEST(TextSearch, what_a_dictionary_no_longer_sets_is_taken_away)
{
    EXPECT_THAT(sql_of(dictionary("stopwords = 'a, ''b'', c', \"My, option\" = 1"), dictionary("accept = 'false'")),
                ElementsAre("ALTER TEXT SEARCH DICTIONARY public.d (stopwords, \"My, option\", accept = 'false')"));
    EXPECT_THAT(sql_of(dictionary("a = 1, b = 2"), dictionary("b = 2, a = E'x\\\\, y'")),
                ElementsAre("ALTER TEXT SEARCH DICTIONARY public.d (b = 2, a = E'x\\\\, y')"));
}

TEST(TextSearch, mappings_to_the_same_dictionaries_are_one_statement)
{
    EXPECT_THAT(
        sql_of(configuration({"email WITH simple", "url WITH simple", "word WITH simple"}),
               configuration({"asciiword WITH public.\"d WITH e\"", "url WITH simple",
                              "word WITH public.\"d WITH e\", simple", "\"x y\" WITH public.\"d WITH e\""})),
        ElementsAre("ALTER TEXT SEARCH CONFIGURATION public.c DROP MAPPING FOR email",
                    "ALTER TEXT SEARCH CONFIGURATION public.c ALTER MAPPING FOR word WITH public.\"d WITH e\", simple",
                    "ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR asciiword, \"x y\" WITH "
                    "public.\"d WITH e\""));
}

TEST(Subscriptions, nothing_speaks_to_a_publisher)
{
    EXPECT_THAT(sql_of(SnapshotBuilder(), subscription_with(version_15, "slot", "their slot")),
                ElementsAre("CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, "
                            "slot_name = 'their slot')"));
    EXPECT_THAT(sql_of(subscription_with(version_15, "slot", "their slot"), SnapshotBuilder()),
                ElementsAre("ALTER SUBSCRIPTION s DISABLE", "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
                            "DROP SUBSCRIPTION s"));
    EXPECT_THAT(sql_of(subscription(version_15), SnapshotBuilder()), ElementsAre("DROP SUBSCRIPTION s"));
    // Both are changed in the slot as well.
    for (const std::string_view in_slot : {"two_phase", "failover"})
        EXPECT_THAT(sql_of(subscription(version_18), subscription_with(version_18, in_slot, "true")),
                    ElementsAre("DROP SUBSCRIPTION s",
                                cat("CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false, "
                                    "slot_name = NONE, ",
                                    in_slot, " = true)")));
}

TEST(Subscriptions, what_is_no_longer_set_is_as_the_server_has_it)
{
    EXPECT_THAT(sql_of(subscription_with(version_17, "streaming", "on"), subscription(version_17)),
                ElementsAre("ALTER SUBSCRIPTION s SET (streaming = off)"));
    EXPECT_THAT(sql_of(subscription_with(version_18, "streaming", "on"), subscription(version_18)),
                ElementsAre("ALTER SUBSCRIPTION s SET (streaming = parallel)"));
    EXPECT_THAT(sql_of(subscription_with(version_17, "origin", "none"), subscription(version_17)),
                ElementsAre("ALTER SUBSCRIPTION s SET (origin = any)"));
}

TEST(Subscriptions, a_password_that_is_left_out_is_no_difference)
{
    EXPECT_THAT(sql_of(subscription_with(version_15, "secret", "true"), subscription(version_15)), IsEmpty());
    const Plan plan = plan_of(SnapshotBuilder(), subscription_with(version_15, "secret", "true"));
    EXPECT_EQ(plan.statements.at(0).note, "the connection of s is without its password");
}

TEST(UserMappings, a_password_that_is_left_out_is_no_difference)
{
    const auto mapping = [](std::string_view secret) {
        SnapshotBuilder builder;
        auto &object = builder.add(Kind::user_mapping, "FOR PUBLIC SERVER s", "", "");
        object.list("options", {"user=u"});
        if (!secret.empty())
            object.set("secret", std::string(secret));
        return builder;
    };
    EXPECT_THAT(sql_of(mapping("password"), mapping("")), IsEmpty());
    const Plan plan = plan_of(SnapshotBuilder(), mapping("password"));
    EXPECT_EQ(plan.statements.at(0).sql, "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'u')");
    EXPECT_EQ(plan.statements.at(0).note,
              "the user mapping FOR PUBLIC SERVER s is without its password, to be given again");
    EXPECT_EQ(plan_of(SnapshotBuilder(), mapping("")).statements.at(0).note, "");
}
