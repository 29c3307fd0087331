// SPDX-License-Identifier: PostgreSQL
#include "core/plan_order.hpp"

#include "core/error.hpp"
#include "core/graph_data.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace pgmigrate::core
{

namespace
{

// Alembic keeps an array of current heads and for each the set of its ancestors. It takes the head at hand; if another
// head descends from it, it goes to the first such head in the array instead; else it emits the head and puts its first
// parent in its place and the other parents at the end of the array.
//
// The same order without the sets rests on three facts.
// 1. Every revision that is not emitted yet lies below some current head. So a head has another head above it exactly
//    when one of its direct dependents is not emitted: a counter per revision answers that (waiting_).
// 2. Places in the array keep their order when one is deleted, and new ones go to the end. So each gets a number that
//    grows (a slot), and "the first in the array" is the lowest slot. Slots form a list for "the one before".
// 3. What lies below the head of a slot only ever shrinks, and new slots have higher numbers. So the lowest slot above
// a
//    revision never falls, and a lower bound of it once found (low_) stays one and prunes every later search.
class PlanOrder
{
  public:
    PlanOrder(const RevisionGraph &graph, const OrderRequest &request, Ticker &ticker)
        : needs_(graph.data().normalized()), needed_by_(graph.data().all_next()), region_(request.region),
          todo_(request.todo), ticker_(ticker)
    {
        const std::size_t size = graph.size();
        waiting_.assign(size, 0);
        slot_of_.assign(size, no_slot);
        released_.assign(size, 0);
        low_.assign(size, 0);
        low_without_self_.assign(size, 0);
        seen_in_.assign(size, 0);
        for (Index revision = 0; revision < size; ++revision) {
            if (!region_[revision])
                continue;
            for (const Index needed : needs_[revision])
                ++waiting_[needed];
        }
        for (Index revision = 0; revision < size; ++revision) {
            remaining_ += todo_[revision];
            if (region_[revision] && !todo_[revision] && waiting_[revision] == 0)
                release(revision);
        }
        add_heads(request.heads);
    }

    // Nothing when the heads do not lead to all of `todo`.
    std::optional<std::vector<Index>> run()
    {
        output_.reserve(remaining_);
        Slot slot = first_;
        while (slot != no_slot) {
            ticker_.tick();
            const Index revision = slots_[slot].head;
            if (waiting_[revision] == 0) {
                slot = take(slot, revision);
                continue;
            }
            slot = first_slot_above(revision);
            if (slot == no_slot)
                return std::nullopt;
        }
        if (remaining_ != 0)
            return std::nullopt;
        return std::move(output_);
    }

  private:
    using Slot = std::uint32_t;
    static constexpr Slot no_slot = std::numeric_limits<Slot>::max();

    struct Place {
        Index head;
        Slot before;
        Slot after;
    };
    struct Frame {
        Index revision;
        Index next_dependent;
        Slot lowest; // so far, over the dependents
    };

    void add_heads(std::span<const Index> heads)
    {
        std::vector<Index> sorted(heads.begin(), heads.end());
        std::sort(sorted.begin(), sorted.end());
        sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
        for (const Index head : sorted)
            if (todo_[head])
                append(head);
    }

    void append(Index head)
    {
        const Slot slot = static_cast<Slot>(slots_.size());
        slots_.push_back({head, last_, no_slot});
        (last_ == no_slot ? first_ : slots_[last_].after) = slot;
        last_ = slot;
        slot_of_[head] = slot;
    }

    // Alembic goes to the place before, or to the new first one.
    Slot remove(Slot slot)
    {
        const Place place = slots_[slot];
        (place.before == no_slot ? first_ : slots_[place.before].after) = place.after;
        (place.after == no_slot ? last_ : slots_[place.after].before) = place.before;
        return place.before == no_slot ? first_ : place.before;
    }

    Slot take(Slot slot, Index revision)
    {
        output_.push_back(revision);
        todo_[revision] = 0;
        --remaining_;
        slot_of_[revision] = no_slot;
        release(revision);
        bool moved = false;
        for (const Index needed : needs_[revision]) {
            if (!todo_[needed] || slot_of_[needed] != no_slot)
                continue;
            if (moved) {
                append(needed);
                continue;
            }
            moved = true;
            slots_[slot].head = needed;
            slot_of_[needed] = slot;
        }
        return moved ? slot : remove(slot);
    }

    // Revisions outside of `todo` go as soon as nothing above them is left.
    void release(Index revision)
    {
        to_release_.push_back(revision);
        while (!to_release_.empty()) {
            const Index released = to_release_.back();
            to_release_.pop_back();
            if (released_[released])
                continue;
            released_[released] = 1;
            for (const Index needed : needs_[released])
                if (--waiting_[needed] == 0 && region_[needed] && !todo_[needed])
                    to_release_.push_back(needed);
        }
    }

    // Branch and bound, upwards from `start`: a revision whose lower bound is not below the best slot so far is left
    // out.
    Slot first_slot_above(Index start)
    {
        ++search_;
        Slot best = no_slot;
        const Slot bound = std::max(low_without_self_[start], low_[start]);
        stack_.clear();
        stack_.push_back({start, 0, no_slot});
        while (!stack_.empty()) {
            Frame &frame = stack_.back();
            const auto dependents = needed_by_[frame.revision];
            if (frame.next_dependent == dependents.size()) {
                leave(start);
                continue;
            }
            ticker_.tick();
            const Index dependent = dependents[frame.next_dependent++];
            if (!region_[dependent] || released_[dependent])
                continue;
            if (seen_in_[dependent] == search_ || low_[dependent] >= best) {
                frame.lowest = std::min(frame.lowest, low_[dependent]);
                continue;
            }
            seen_in_[dependent] = search_;
            best = std::min(best, slot_of_[dependent]);
            if (best <= bound)
                return best;
            stack_.push_back({dependent, 0, slot_of_[dependent]});
        }
        return best;
    }

    void leave(Index start)
    {
        const Frame frame = stack_.back();
        stack_.pop_back();
        Slot lowest = frame.lowest;
        if (frame.revision == start) {
            low_without_self_[start] = std::max(low_without_self_[start], lowest);
            lowest = std::min(lowest, slot_of_[start]);
        }
        low_[frame.revision] = std::max(low_[frame.revision], lowest);
        if (!stack_.empty())
            stack_.back().lowest = std::min(stack_.back().lowest, low_[frame.revision]);
    }

    const Adjacency &needs_;
    const Adjacency &needed_by_;
    const Marks &region_;
    Marks todo_;
    Ticker &ticker_;
    std::size_t remaining_ = 0;
    std::vector<Index> output_;
    std::vector<Index> waiting_; // dependents in the region that are not released
    Marks released_;             // emitted, or outside of `todo` and no longer below a head
    std::vector<Place> slots_;
    Slot first_ = no_slot;
    Slot last_ = no_slot;
    std::vector<Slot> slot_of_;
    std::vector<Slot> low_;              // at most the lowest slot at or above the revision
    std::vector<Slot> low_without_self_; // the same, strictly above
    std::vector<std::uint32_t> seen_in_;
    std::uint32_t search_ = 0;
    std::vector<Frame> stack_;
    std::vector<Index> to_release_;
};

} // namespace

std::vector<Index> plan_order(const RevisionGraph &graph, const OrderRequest &request, Ticker &ticker)
{
    std::optional<std::vector<Index>> order = PlanOrder(graph, request, ticker).run();
    if (order)
        return std::move(*order);
    // Here Alembic fails. It happens to a history whose revisions hang together only through ones that are not shown.
    Marks reached(graph.size());
    for (Index revision = 0; revision < graph.size(); ++revision)
        if (request.todo[revision])
            for (const Index needed : graph.normalized_down(revision))
                reached[needed] = 1;
    std::vector<Index> heads(request.heads.begin(), request.heads.end());
    for (Index revision = 0; revision < graph.size(); ++revision)
        if (request.todo[revision] && !reached[revision])
            heads.push_back(revision);
    order = PlanOrder(graph, {request.todo, request.region, heads}, ticker).run();
    if (!order)
        throw Error(sqlstate::internal_error, "revisions could not be put in order");
    return std::move(*order);
}

} // namespace pgmigrate::core
