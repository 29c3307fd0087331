// SPDX-License-Identifier: PostgreSQL
// What building a graph and planning over it costs. A benchmark whose fastest iteration takes longer than its limit
// is reported as an error.
#include "core/plan.hpp"
#include "core/version_rows.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace
{

using namespace pgmigrate;
using Revisions = std::vector<core::RevisionInput>;

core::NoInterrupts never;

// Twelve hexadecimal digits, as ids are made.
std::string id_of(unsigned number)
{
    constexpr std::size_t digits = 12;
    std::uint64_t mixed = number * 0x9e3779b97f4a7c15u;
    std::string id(digits, '0');
    for (char &digit : id) {
        digit = "0123456789abcdef"[mixed >> 60u];
        mixed <<= 4u;
    }
    return id;
}

Revisions linear(unsigned count)
{
    Revisions revisions(count);
    for (unsigned i = 0; i < count; ++i) {
        revisions[i].id = id_of(i);
        if (i > 0)
            revisions[i].down = {id_of(i - 1)};
    }
    return revisions;
}

// A root, and then `count` times two branches and their merge.
Revisions diamonds(unsigned count)
{
    Revisions revisions(1);
    revisions[0].id = id_of(0);
    for (unsigned i = 0; i < count; ++i) {
        const unsigned below = 3 * i;
        for (unsigned branch = 1; branch <= 2; ++branch) {
            revisions.emplace_back();
            revisions.back().id = id_of(below + branch);
            revisions.back().down = {id_of(below)};
        }
        revisions.emplace_back();
        revisions.back().id = id_of(below + 3);
        revisions.back().down = {id_of(below + 1), id_of(below + 2)};
    }
    return revisions;
}

// Each revision has two parents, at most `window` back.
Revisions random_merges(unsigned count, unsigned window)
{
    std::mt19937 random(count + window);
    Revisions revisions(count);
    for (unsigned i = 0; i < count; ++i) {
        revisions[i].id = id_of(i);
        for (int parent = 0; i > 0 && parent < 2; ++parent)
            revisions[i].down.push_back(
                id_of(i - 1 - std::uniform_int_distribution<unsigned>(0, std::min(i, window) - 1)(random)));
    }
    return revisions;
}

// Two lines of `count` each; every revision of the second depends on one of the first, in opposite directions for the
// two lines that share a dependency.
Revisions dependencies(unsigned count)
{
    Revisions revisions;
    for (unsigned line = 0; line < 3; ++line)
        for (unsigned i = 0; i < count; ++i) {
            revisions.emplace_back();
            revisions.back().id = id_of(line * count + i);
            if (i > 0)
                revisions.back().down = {id_of(line * count + i - 1)};
            if (line > 0)
                revisions.back().depends_on = {id_of(line == 1 ? i : count - 1 - i)};
        }
    return revisions;
}

std::size_t heap_in_use()
{
    return mallinfo2().uordblks;
}

// What stays allocated: the revisions as they are handed over, and what the graph adds to them.
void report_memory(benchmark::State &state, const Revisions &revisions)
{
    const auto count = static_cast<double>(revisions.size());
    const std::size_t before = heap_in_use();
    Revisions copy = revisions;
    const std::size_t with_input = heap_in_use();
    const auto graph = core::RevisionGraph::build(std::move(copy), never);
    const std::size_t with_graph = heap_in_use();
    benchmark::DoNotOptimize(graph.size());
    state.counters["revisions"] = count;
    state.counters["input_bytes_each"] = static_cast<double>(with_input - before) / count;
    state.counters["graph_bytes_each"] = static_cast<double>(with_graph - with_input) / count;
}

class Stopwatch
{
  public:
    using Clock = std::chrono::steady_clock;
    void start() { started_ = Clock::now(); }
    void stop()
    {
        const double taken = std::chrono::duration<double, std::milli>(Clock::now() - started_).count();
        fastest_ = std::min(fastest_, taken);
    }
    void keep(benchmark::State &state, double limit_ms) const
    {
        state.counters["limit_ms"] = limit_ms;
        if (fastest_ > limit_ms)
            state.SkipWithError("over the limit");
    }

  private:
    Clock::time_point started_;
    double fastest_ = 1e300;
};

enum class Rows { none, all };

void build_and_plan(benchmark::State &state, const Revisions &revisions, Rows rows, double limit_ms)
{
    std::vector<std::string> current;
    if (rows == Rows::all) {
        const auto graph = core::RevisionGraph::build(revisions, never);
        for (const core::Index head : graph.real_heads())
            current.push_back(graph.id(head));
    }
    const std::size_t expected = rows == Rows::all ? 0 : revisions.size();
    Stopwatch watch;
    for (auto iteration : state) {
        state.PauseTiming();
        Revisions copy = revisions;
        state.ResumeTiming();
        watch.start();
        const auto graph = core::RevisionGraph::build(std::move(copy), never);
        const core::Plan plan = core::plan_upgrade(graph, current, "heads", never);
        watch.stop();
        if (plan.steps.size() != expected)
            state.SkipWithError("the plan has a wrong number of steps");
    }
    report_memory(state, revisions);
    watch.keep(state, limit_ms);
}

void no_op_of_10000(benchmark::State &state)
{
    build_and_plan(state, linear(10'000), Rows::all, 2);
}

void line_of_10000(benchmark::State &state)
{
    build_and_plan(state, linear(10'000), Rows::none, 10);
}

void line_of_100000(benchmark::State &state)
{
    build_and_plan(state, linear(100'000), Rows::none, 1000);
}

void diamonds_1000(benchmark::State &state)
{
    build_and_plan(state, diamonds(1'000), Rows::none, 50);
}

void diamonds_10000(benchmark::State &state)
{
    build_and_plan(state, diamonds(10'000), Rows::none, 500);
}

void random_merges_10000(benchmark::State &state)
{
    build_and_plan(state, random_merges(10'000, static_cast<unsigned>(state.range(0))), Rows::none, 200);
}

void shared_dependencies_30000(benchmark::State &state)
{
    build_and_plan(state, dependencies(10'000), Rows::none, 1000);
}

void version_rows_of_10000(benchmark::State &state)
{
    const auto graph = core::RevisionGraph::build(diamonds(3'333), never);
    const core::Plan plan = core::plan_upgrade(graph, {}, "head", never);
    Stopwatch watch;
    for (auto iteration : state) {
        watch.start();
        core::VersionRows rows(graph, {});
        for (const core::Index step : plan.steps)
            benchmark::DoNotOptimize(rows.upgrade(step));
        watch.stop();
        if (rows.rows().size() != 1)
            state.SkipWithError("wrong rows");
    }
    watch.keep(state, 50);
}

constexpr unsigned any_earlier = 1'000'000;

BENCHMARK(no_op_of_10000)->Unit(benchmark::kMillisecond);
BENCHMARK(line_of_10000)->Unit(benchmark::kMillisecond);
BENCHMARK(line_of_100000)->Unit(benchmark::kMillisecond);
BENCHMARK(diamonds_1000)->Unit(benchmark::kMillisecond);
BENCHMARK(diamonds_10000)->Unit(benchmark::kMillisecond);
BENCHMARK(random_merges_10000)->Unit(benchmark::kMillisecond)->Arg(5)->Arg(50)->Arg(500)->Arg(any_earlier);
BENCHMARK(shared_dependencies_30000)->Unit(benchmark::kMillisecond);
BENCHMARK(version_rows_of_10000)->Unit(benchmark::kMillisecond);

} // namespace
