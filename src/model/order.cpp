// SPDX-License-Identifier: PostgreSQL
#include "core/error.hpp"
#include "core/topology.hpp"
#include "model/merging.hpp"
#include "model/text.hpp"

// Otherwise boost::none is an object that is constructed when the library is loaded.
#define BOOST_OPTIONAL_USE_OLD_DEFINITION_OF_NONE
#include <boost/graph/adjacency_list.hpp>

#include <algorithm>
#include <queue>

namespace pgmigrate::model
{

namespace
{

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>; // from what comes first

Graph graph_of(const std::vector<Operation> &operations)
{
    Graph graph(operations.size());
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        const std::uint32_t to = representative(operations, i);
        for (const std::uint32_t before : operations[i].after) {
            const std::uint32_t from = representative(operations, before);
            if (from != to)
                boost::add_edge(from, to, graph);
        }
    }
    return graph;
}

// What drops comes last created, first dropped.
int kind_rank(const Operation &operation)
{
    const int rank = static_cast<int>(operation.object->kind);
    const bool drops = operation.action == Operation::Action::drop && operation.phase != Operation::Phase::settle;
    return drops ? kind_count - rank : rank;
}

bool comes_first(const std::vector<Operation> &operations, std::uint32_t a, std::uint32_t b)
{
    const Operation &left = operations[a];
    const Operation &right = operations[b];
    if (left.phase != right.phase)
        return left.phase < right.phase;
    if (kind_rank(left) != kind_rank(right))
        return kind_rank(left) < kind_rank(right);
    if (left.object->parent != right.object->parent)
        return left.object->parent < right.object->parent;
    if (left.object->position != right.object->position)
        return left.object->position < right.object->position;
    if (left.object->identity != right.object->identity)
        return left.object->identity < right.object->identity;
    return a < b;
}

std::string name_of(const Operation &operation)
{
    constexpr std::string_view verbs[] = {"make ", "alter ", "alter ", "finish ", "drop ", "rename ", "announce "};
    return cat(verbs[static_cast<int>(operation.action)], info(operation.object->kind).name, " ",
               operation.object->identity);
}

std::vector<core::Index> components_of(const Graph &graph, core::InterruptCheck &interrupts)
{
    core::Adjacency edges;
    edges.reserve(boost::num_vertices(graph));
    for (std::uint32_t i = 0; i < boost::num_vertices(graph); ++i) {
        for (const auto &edge : boost::make_iterator_range(boost::out_edges(i, graph)))
            edges.add(static_cast<core::Index>(boost::target(edge, graph)));
        edges.end_row();
    }
    core::Ticker ticker(interrupts);
    return core::strong_components(edges, ticker);
}

std::size_t count_of(const std::vector<core::Index> &component)
{
    return component.empty() ? 0 : *std::max_element(component.begin(), component.end()) + std::size_t{1};
}

// The shortest way from an operation of the component back to itself.
std::string circle(const Graph &graph, const std::vector<Operation> &operations,
                   const std::vector<core::Index> &component, std::size_t which)
{
    std::uint32_t start = 0;
    while (component[start] != which)
        ++start;
    std::vector<std::uint32_t> previous(operations.size(), Operation::none);
    std::queue<std::uint32_t> todo;
    todo.push(start);
    while (!todo.empty()) {
        const std::uint32_t at = todo.front();
        todo.pop();
        for (const auto &edge : boost::make_iterator_range(boost::out_edges(at, graph))) {
            const auto next = static_cast<std::uint32_t>(boost::target(edge, graph));
            if (component[next] != which || previous[next] != Operation::none)
                continue;
            previous[next] = at;
            if (next == start)
                break;
            todo.push(next);
        }
        if (previous[start] != Operation::none)
            break;
    }
    std::string text = name_of(operations[start]);
    for (std::uint32_t at = previous[start]; at != start; at = previous[at])
        text = cat(name_of(operations[at]), " -> ", text);
    return cat(name_of(operations[start]), " -> ", text);
}

[[noreturn]] void throw_circle(const Graph &graph, const std::vector<Operation> &operations,
                               core::InterruptCheck &interrupts)
{
    const std::vector<core::Index> component = components_of(graph, interrupts);
    std::vector<std::size_t> size(count_of(component));
    for (const core::Index each : component)
        ++size[each];
    const auto which = static_cast<std::size_t>(
        std::find_if(size.begin(), size.end(), [](std::size_t n) { return n > 1; }) - size.begin());
    throw core::Error(core::sqlstate::cyclic_dependency,
                      "there is no order in which the schemas' differences can be resolved")
        .detail(circle(graph, operations, component, which))
        .hint("Write this revision by hand, or make the change in two steps.");
}

} // namespace

std::vector<std::vector<std::uint32_t>> circles_in(const std::vector<Operation> &operations,
                                                   core::InterruptCheck &interrupts)
{
    const std::vector<core::Index> component = components_of(graph_of(operations), interrupts);
    std::vector<std::vector<std::uint32_t>> members(count_of(component));
    for (std::uint32_t i = 0; i < operations.size(); ++i)
        members[component[i]].push_back(i);
    std::erase_if(members, [](const std::vector<std::uint32_t> &each) { return each.size() < 2; });
    return members;
}

std::vector<std::uint32_t> in_order(const std::vector<Operation> &operations, core::InterruptCheck &interrupts)
{
    const Graph graph = graph_of(operations);
    std::vector<std::size_t> waits_for(operations.size());
    const auto later = [&](std::uint32_t a, std::uint32_t b) { return comes_first(operations, b, a); };
    std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, decltype(later)> ready(later);
    std::size_t all = 0;
    for (std::uint32_t i = 0; i < operations.size(); ++i) {
        if (operations[i].merged_into != Operation::none)
            continue;
        ++all;
        waits_for[i] = boost::in_degree(i, graph);
        if (waits_for[i] == 0)
            ready.push(i);
    }
    std::vector<std::uint32_t> order;
    order.reserve(all);
    while (!ready.empty()) {
        interrupts.check();
        const std::uint32_t next = ready.top();
        ready.pop();
        order.push_back(next);
        for (const auto &edge : boost::make_iterator_range(boost::out_edges(next, graph))) {
            const auto freed = static_cast<std::uint32_t>(boost::target(edge, graph));
            if (--waits_for[freed] == 0)
                ready.push(freed);
        }
    }
    if (order.size() < all)
        throw_circle(graph, operations, interrupts);
    return order;
}

} // namespace pgmigrate::model
