// SPDX-License-Identifier: PostgreSQL
#include "core/graph_build.hpp"

#include <algorithm>
#include <cstdint>

namespace pgmigrate::core
{

namespace
{

// For a revision r and a dependency d of it: does a strict ancestor of r, by down_revision, depend on d too? There is
// no linear algorithm for that, but 64 values of d fit into a machine word, and one pass from the lowest to the highest
// dependent of a block answers for all of them. Numbered by depth, the dependents of one d are mostly close together.
class Inheritance
{
  public:
    Inheritance(const RevisionGraph::Data &data, Ticker &ticker) : data_(data), ticker_(ticker) { number_by_depth(); }

    Marks find()
    {
        result_.assign(data_.dependencies_.edge_count(), 0);
        list_shared();
        for (std::size_t start = 0; start < shared_.size(); start += word_bits)
            pass(std::span(shared_).subspan(start, std::min(word_bits, shared_.size() - start)));
        return std::move(result_);
    }

  private:
    static constexpr std::size_t word_bits = 64;
    static constexpr std::uint8_t no_bit = 0xff;

    // A dependency of several revisions, with the range of their positions.
    struct Shared {
        Index dependency;
        Index first;
        Index last;
    };

    void number_by_depth()
    {
        std::vector<Index> depth(data_.size());
        std::vector<Index> start(data_.revisions.size() + 1);
        for (const Index revision : data_.topological) {
            for (const Index parent : data_.down[revision])
                depth[revision] = std::max(depth[revision], depth[parent] + 1);
            ++start[depth[revision] + 1];
        }
        for (std::size_t level = 1; level < start.size(); ++level)
            start[level] += start[level - 1];
        position_.resize(data_.revisions.size());
        at_.resize(data_.revisions.size());
        for (Index revision = 0; revision < data_.size(); ++revision) {
            position_[revision] = start[depth[revision]]++;
            at_[position_[revision]] = revision;
        }
        first_edge_.reserve(data_.revisions.size());
        std::size_t edge = 0;
        for (Index revision = 0; revision < data_.size(); ++revision) {
            first_edge_.push_back(edge);
            edge += data_.dependencies_[revision].size();
        }
    }

    void list_shared()
    {
        const Adjacency dependents = data_.dependencies_.reversed();
        for (Index dependency = 0; dependency < data_.size(); ++dependency) {
            const auto revisions = dependents[dependency];
            if (revisions.size() < 2)
                continue;
            Shared shared{dependency, position_[revisions.front()], position_[revisions.front()]};
            for (const Index revision : revisions) {
                shared.first = std::min(shared.first, position_[revision]);
                shared.last = std::max(shared.last, position_[revision]);
            }
            shared_.push_back(shared);
        }
        std::sort(shared_.begin(), shared_.end(), [](const Shared &left, const Shared &right) {
            return left.first != right.first ? left.first < right.first : left.dependency < right.dependency;
        });
        bit_.assign(data_.revisions.size(), no_bit);
        seen_.assign(data_.revisions.size(), 0);
    }

    void pass(std::span<const Shared> block)
    {
        Index last = 0;
        std::uint8_t next_bit = 0;
        for (const Shared &shared : block) {
            bit_[shared.dependency] = next_bit++;
            last = std::max(last, shared.last);
        }
        for (Index position = block.front().first; position <= last; ++position) {
            ticker_.tick();
            visit(at_[position], position, block.front().first);
        }
        for (const Shared &shared : block)
            bit_[shared.dependency] = no_bit;
    }

    // seen_[position]: the dependencies of this block that the revision or an ancestor of it has.
    void visit(Index revision, Index position, Index first)
    {
        std::uint64_t seen = 0;
        for (const Index parent : data_.down[revision])
            if (position_[parent] >= first)
                seen |= seen_[position_[parent]];
        std::uint64_t own = 0;
        std::size_t edge = first_edge_[revision];
        for (const Index dependency : data_.dependencies_[revision]) {
            if (bit_[dependency] != no_bit) {
                const std::uint64_t mask = std::uint64_t{1} << bit_[dependency];
                own |= mask;
                if (seen & mask)
                    result_[edge] = 1;
            }
            ++edge;
        }
        seen_[position] = seen | own;
    }

    const RevisionGraph::Data &data_;
    Ticker &ticker_;
    std::vector<Index> position_;
    std::vector<Index> at_;
    std::vector<std::size_t> first_edge_;
    std::vector<Shared> shared_;
    std::vector<std::uint8_t> bit_;
    std::vector<std::uint64_t> seen_;
    Marks result_;
};

} // namespace

Marks inherited_dependencies(const RevisionGraph::Data &data, Ticker &ticker)
{
    return Inheritance(data, ticker).find();
}

} // namespace pgmigrate::core
