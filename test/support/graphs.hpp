// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/error.hpp"
#include "core/interrupt.hpp"
#include "core/plan.hpp"
#include "core/version_rows.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::test
{

// Revisions in load order: "aaaa; bbbb < aaaa; cccc @lab; dddd < cccc ^ bbbb": after `<` the parents, after `^` the
// dependencies, after `@` the labels, each a comma list.
std::vector<core::RevisionInput> parse_revisions(std::string_view text);
core::RevisionGraph make_graph(std::string_view text);

// "aaaa bbbb": lists of ids separated by blanks, as they stand in the tables of the tests.
std::vector<std::string> words(std::string_view text);
std::string ids(const core::RevisionGraph &graph, std::span<const core::Index> revisions);

// "INSERT a; UPDATE a b; DELETE b"
std::string to_text(const std::vector<core::RowChange> &changes);

std::string upgrade(const core::RevisionGraph &graph, std::string_view rows, std::string_view target);
std::string downgrade(const core::RevisionGraph &graph, std::string_view rows, std::string_view target);
std::string history(const core::RevisionGraph &graph, std::string_view rows, std::string_view range);

// The changes of all steps of a plan, one after the other, and the rows in the end.
std::string changes_of(const core::RevisionGraph &graph, const core::Plan &plan);
std::string rows_after(const core::RevisionGraph &graph, const core::Plan &plan);

// The error that the call throws. Fails the test when it throws none.
core::Error error_of(const std::function<void()> &call);

// Throws after so many checks.
class Canceller final : public core::InterruptCheck
{
  public:
    struct Cancelled {
    };
    explicit Canceller(unsigned checks) : left_(checks) {}
    void check() override
    {
        if (left_-- == 0)
            throw Cancelled();
    }

  private:
    unsigned left_;
};

} // namespace pgmigrate::test
