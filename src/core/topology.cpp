// SPDX-License-Identifier: PostgreSQL
#include "core/topology.hpp"

// Boost.Graph stays in this file: its headers are slow to compile and noisy under our warnings.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wextra-semi"
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
// Otherwise boost::none, which the depth-first search includes, is an object that is constructed when the library is
// loaded.
#define BOOST_OPTIONAL_USE_OLD_DEFINITION_OF_NONE
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <boost/graph/topological_sort.hpp>
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

#include <iterator>
#include <utility>

namespace pgmigrate::core
{

namespace
{

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                 boost::no_property, Index, Index>;

Graph make_graph(const Adjacency &edges)
{
    std::vector<std::pair<Index, Index>> pairs;
    pairs.reserve(edges.edge_count());
    for (Index node = 0; node < edges.size(); ++node)
        for (const Index target : edges[node])
            pairs.emplace_back(node, target);
    return Graph(boost::edges_are_sorted, pairs.begin(), pairs.end(), edges.size());
}

class Sorter : public boost::topo_sort_visitor<std::back_insert_iterator<std::vector<Index>>>
{
  public:
    Sorter(std::vector<Index> &order, Ticker &ticker) : topo_sort_visitor(std::back_inserter(order)), ticker_(&ticker)
    {
    }

    template <typename Vertex>
    void discover_vertex(Vertex, const Graph &)
    {
        ticker_->tick();
    }

  private:
    Ticker *ticker_;
};

} // namespace

std::optional<std::vector<Index>> topological_order(const Adjacency &edges, Ticker &ticker)
{
    const Graph graph = make_graph(edges);
    std::vector<Index> order;
    order.reserve(edges.size());
    try {
        boost::depth_first_search(graph, boost::visitor(Sorter(order, ticker)));
    } catch (const boost::not_a_dag &) {
        return std::nullopt;
    }
    return order;
}

std::vector<Index> strong_components(const Adjacency &edges, Ticker &ticker)
{
    ticker.tick();
    const Graph graph = make_graph(edges);
    std::vector<Index> component(edges.size());
    if (!component.empty())
        boost::strong_components(
            graph, boost::make_iterator_property_map(component.begin(), boost::get(boost::vertex_index, graph)));
    return component;
}

} // namespace pgmigrate::core
