// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "model/operations.hpp"
#include "unit/model/model_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace pgmigrate;
using namespace pgmigrate::model;
using test::SnapshotBuilder;
using testing::ElementsAre;
using testing::IsEmpty;

namespace
{

using Phase = Operation::Phase;
using Action = Operation::Action;
using Order = std::vector<std::uint32_t>;

// Operations on the objects of one snapshot.
class Todo
{
  public:
    explicit Todo(const SnapshotBuilder &builder) : snapshot_(builder.build()) {}

    std::uint32_t add(Phase phase, Action action, Kind kind, std::string_view identity,
                      std::vector<std::uint32_t> after = {})
    {
        Operation operation{phase, action, snapshot_.find(kind, identity), {}, Operation::none, {}, {}};
        operation.after = std::move(after);
        operations.push_back(std::move(operation));
        return static_cast<std::uint32_t>(operations.size() - 1);
    }
    std::uint32_t make(Kind kind, std::string_view identity, std::vector<std::uint32_t> after = {})
    {
        return add(Phase::make, Action::make, kind, identity, std::move(after));
    }
    std::uint32_t drop(Kind kind, std::string_view identity, std::vector<std::uint32_t> after = {})
    {
        return add(Phase::drop, Action::drop, kind, identity, std::move(after));
    }
    Order order() const
    {
        core::NoInterrupts interrupts;
        return in_order(operations, interrupts);
    }

    std::vector<Operation> operations;

  private:
    Snapshot snapshot_;
};

SnapshotBuilder objects()
{
    SnapshotBuilder builder;
    for (const char *name : {"a", "b", "c"})
        builder.table(name);
    builder.column("a", "z", "integer");
    builder.column("a", "y", "integer");
    builder.view("v", "SELECT 1", {});
    builder.in_public(Kind::enum_type, "e");
    builder.add(Kind::event_trigger, "et", "", "et");
    return builder;
}

std::string circle_of(const Todo &todo)
{
    try {
        todo.order();
    } catch (const core::Error &error) {
        EXPECT_EQ(error.sqlstate(), core::sqlstate::cyclic_dependency);
        EXPECT_EQ(error.sqlstate(), "MG024");
        EXPECT_FALSE(error.hint().empty());
        return error.detail();
    }
    return "no circle";
}

} // namespace

TEST(Order, without_reasons_it_is_by_kind_and_name)
{
    Todo todo(objects());
    const std::uint32_t view = todo.make(Kind::view, "public.v");
    const std::uint32_t b = todo.make(Kind::table, "public.b");
    const std::uint32_t a = todo.make(Kind::table, "public.a");
    const std::uint32_t type = todo.make(Kind::enum_type, "public.e");
    EXPECT_THAT(todo.order(), ElementsAre(type, a, b, view));
}

TEST(Order, parts_are_by_position)
{
    Todo todo(objects());
    const std::uint32_t second = todo.make(Kind::column, "public.a.y");
    const std::uint32_t first = todo.make(Kind::column, "public.a.z");
    EXPECT_THAT(todo.order(), ElementsAre(first, second));
}

TEST(Order, what_comes_after_something_comes_after_it)
{
    Todo todo(objects());
    const std::uint32_t type = todo.make(Kind::enum_type, "public.e", {1});
    const std::uint32_t c = todo.make(Kind::table, "public.c");
    const std::uint32_t a = todo.make(Kind::table, "public.a", {c});
    EXPECT_THAT(todo.order(), ElementsAre(c, type, a));
}

TEST(Order, phases_decide_where_nothing_else_does)
{
    Todo todo(objects());
    const std::uint32_t settle = todo.add(Phase::settle, Action::make, Kind::event_trigger, "et");
    const std::uint32_t drop = todo.drop(Kind::table, "public.b");
    const std::uint32_t finish = todo.add(Phase::finish, Action::follow, Kind::table, "public.a");
    const std::uint32_t make = todo.make(Kind::table, "public.a");
    const std::uint32_t aside = todo.add(Phase::set_aside, Action::set_aside, Kind::enum_type, "public.e");
    const std::uint32_t clear = todo.add(Phase::clear, Action::drop, Kind::view, "public.v");
    EXPECT_THAT(todo.order(), ElementsAre(clear, aside, make, finish, drop, settle));
}

TEST(Order, what_was_made_last_is_dropped_first)
{
    Todo todo(objects());
    const std::uint32_t type = todo.drop(Kind::enum_type, "public.e");
    const std::uint32_t table = todo.drop(Kind::table, "public.a");
    const std::uint32_t view = todo.drop(Kind::view, "public.v");
    EXPECT_THAT(todo.order(), ElementsAre(view, table, type));
}

TEST(Order, what_is_merged_is_left_out_and_its_reasons_are_those_of_the_whole)
{
    Todo todo(objects());
    const std::uint32_t a = todo.make(Kind::table, "public.a");
    const std::uint32_t c = todo.make(Kind::table, "public.c");
    const std::uint32_t part = todo.make(Kind::column, "public.a.y", {a, c});
    const std::uint32_t b = todo.make(Kind::table, "public.b", {part});
    todo.operations[part].merged_into = a;
    EXPECT_THAT(todo.order(), ElementsAre(c, a, b));
}

TEST(Order, merged_into_what_is_merged_itself)
{
    Todo todo(objects());
    const std::uint32_t a = todo.make(Kind::table, "public.a");
    const std::uint32_t middle = todo.make(Kind::column, "public.a.z", {a});
    const std::uint32_t part = todo.make(Kind::column, "public.a.y", {middle});
    todo.operations[part].merged_into = middle;
    todo.operations[middle].merged_into = a;
    const std::uint32_t type = todo.make(Kind::enum_type, "public.e", {part});
    EXPECT_THAT(todo.order(), ElementsAre(a, type));
}

TEST(Order, the_same_reason_twice_is_one)
{
    Todo todo(objects());
    const std::uint32_t a = todo.make(Kind::table, "public.a", {1, 1, 1});
    const std::uint32_t b = todo.make(Kind::table, "public.b");
    EXPECT_THAT(todo.order(), ElementsAre(b, a));
}

TEST(Order, nothing_is_in_order)
{
    EXPECT_THAT(Todo(objects()).order(), IsEmpty());
}

TEST(Order, a_circle_is_named)
{
    Todo todo(objects());
    todo.make(Kind::table, "public.a", {1});
    todo.make(Kind::table, "public.b", {0});
    EXPECT_EQ(circle_of(todo), "make table public.a -> make table public.b -> make table public.a");
}

TEST(Order, of_several_ways_around_the_shortest_is_named)
{
    Todo todo(objects());
    todo.make(Kind::table, "public.a", {2, 3});
    todo.make(Kind::table, "public.b", {0});
    todo.make(Kind::table, "public.c", {1});
    todo.drop(Kind::view, "public.v", {0});
    // Stands behind the circle, and is none of it.
    todo.make(Kind::enum_type, "public.e", {0});
    EXPECT_EQ(circle_of(todo), "make table public.a -> drop view public.v -> make table public.a");
}

// Each comes before the next.
TEST(Order, a_circle_is_named_in_its_direction)
{
    Todo todo(objects());
    todo.make(Kind::table, "public.a", {2});
    todo.make(Kind::table, "public.b", {0});
    todo.drop(Kind::table, "public.c", {1});
    EXPECT_EQ(circle_of(todo),
              "make table public.a -> make table public.b -> drop table public.c -> make table public.a");
}

TEST(Order, circles_are_found_and_nothing_but_them)
{
    Todo todo(objects());
    todo.make(Kind::table, "public.a", {1});
    todo.make(Kind::table, "public.b", {0});
    todo.make(Kind::table, "public.c", {0, 2});
    core::NoInterrupts interrupts;
    EXPECT_THAT(circles_in(todo.operations, interrupts), ElementsAre(ElementsAre(0, 1)));
    todo.operations[0].after.clear();
    EXPECT_THAT(circles_in(todo.operations, interrupts), IsEmpty());
}

TEST(Order, an_interrupt_stops_it)
{
    struct Stop final : core::InterruptCheck {
        void check() override { throw core::Error(core::sqlstate::query_canceled, "stopped"); }
    } stop;
    Todo todo(objects());
    todo.make(Kind::table, "public.a");
    EXPECT_THROW(in_order(todo.operations, stop), core::Error);
}
