// SPDX-License-Identifier: PostgreSQL
#include "model/hastening.hpp"

#include "model/inheritance.hpp"

#include <algorithm>

namespace pgmigrate::model
{

namespace
{

using Phase = Operation::Phase;
using Action = Operation::Action;

class Hastening
{
  public:
    explicit Hastening(OperationTable &table)
        : table_(table), was_(table.fates.comparison.was), is_(table.fates.comparison.is)
    {
    }

    void run() &&
    {
        for (const auto &[operation, follow] : table_.follows)
            if (!follow.hides.empty())
                hidden_.push_back({operation, hiding(follow)});
        if (hidden_.empty())
            return;
        for (const Hidden &each : hidden_)
            commit_before(each);
        for (const Hidden &each : hidden_)
            for (const std::uint32_t before : all_before(each.until))
                table_.operations[before].phase = std::min(table_.operations[before].phase, Phase::make);
        read_behind();
    }

  private:
    struct Hidden {
        std::uint32_t until;
        std::vector<std::uint32_t> from; // any of them
    };

    std::vector<std::uint32_t> hiding(const FollowUp &follow) const
    {
        std::vector<std::uint32_t> operations;
        for (const Reference &each : follow.hides)
            if (const Object *table = was_.find(each))
                for (const std::uint32_t operation : {table_.asides[was_.index_of(*table)], table_.make_of(*table)})
                    if (operation != Operation::none)
                        operations.push_back(operation);
        return operations;
    }

    // With the operation itself.
    std::vector<std::uint32_t> all_before(std::uint32_t operation) const
    {
        std::vector<bool> seen(table_.operations.size());
        std::vector<std::uint32_t> all{operation};
        seen[operation] = true;
        for (std::size_t i = 0; i < all.size(); ++i)
            for (const std::uint32_t each : table_.operations[all[i]].after)
                if (!seen[each]) {
                    seen[each] = true;
                    all.push_back(each);
                }
        return all;
    }

    bool commits(std::uint32_t index) const
    {
        const Operation &operation = table_.operations[index];
        // What is made late is built concurrently, or behind a commit.
        return (operation.action == Action::make && operation.phase == Phase::finish) ||
               std::ranges::any_of(operation.statements,
                                   [](const Statement &each) { return each.commits || each.alone; });
    }

    void commit_before(const Hidden &hidden)
    {
        for (const std::uint32_t each : all_before(hidden.until)) {
            if (each == hidden.until || !commits(each))
                continue;
            const std::vector<std::uint32_t> needed = all_before(each);
            const bool is_between = std::ranges::any_of(
                hidden.from, [&](std::uint32_t from) { return std::ranges::find(needed, from) != needed.end(); });
            if (!is_between)
                for (const std::uint32_t from : hidden.from)
                    table_.before(each, from);
        }
    }

    // A materialized view reads the rows of all that its query reaches when it is made.
    void read_behind()
    {
        for (std::uint32_t i = 0; i < is_.size(); ++i)
            if (is_[i].kind == Kind::materialized_view && table_.makes[i] != Operation::none)
                for (const std::uint32_t reached : all_needed(i))
                    for (const Hidden &each : hidden_)
                        if (is_read_by_way_of(is_[reached], *table_.operations[each.until].object))
                            table_.before(each.until, table_.makes[i]);
    }

    std::vector<std::uint32_t> all_needed(std::uint32_t object) const
    {
        std::vector<bool> seen(is_.size());
        std::vector<std::uint32_t> all{object};
        seen[object] = true;
        for (std::size_t i = 0; i < all.size(); ++i)
            for (const Need &need : is_[all[i]].needs)
                if (!seen[need.object]) {
                    seen[need.object] = true;
                    all.push_back(need.object);
                }
        return all;
    }

    // Whether the table is the partition or one above.
    bool is_read_by_way_of(const Object &table, const Object &partition) const
    {
        for (const Object *each = &partition; each != nullptr; each = find_table(is_, each->text("partition_of")))
            if (each == &table)
                return true;
        return false;
    }

    OperationTable &table_;
    const Snapshot &was_;
    const Snapshot &is_;
    std::vector<Hidden> hidden_;
};

} // namespace

void hasten(OperationTable &table)
{
    Hastening(table).run();
}

} // namespace pgmigrate::model
