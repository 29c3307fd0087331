// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a run shows to other sessions while it runs: nothing that its transaction writes can be seen before it commits.

#include "core/plan.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "pg/boundary.hpp"

extern "C" {
#include "storage/dsm.h"
#include "storage/lock.h"
}

namespace pgmigrate::pg
{

// Copied to and from shared memory as it is. Times as in timestamptz.
struct Board {
    int pid = 0;
    std::int64_t run = 0;
    core::Direction direction = core::Direction::upgrade;
    bool has_schema = false;
    char schema[NAMEDATALEN] = {};
    char revision[256] = {}; // empty before the first
    int step = 0;            // counted from 1
    int steps = 0;
    int statement = 0; // counted from 1; 0 while there is none
    int statements = 0;
    // A statement that cannot run in a transaction block is being run or will be.
    bool nontransactional_ahead = false;
    std::int64_t started_at = 0;
    std::int64_t statement_started_at = 0; // 0 while there is none
    char phase[64] = {};
};
static_assert(std::is_trivially_copyable_v<Board>);

// The board of one run, kept by the process that executes it: a segment of shared memory, which others find by the
// object lock that is held as long as the board is up and bears the segment's handle. Both outlast transactions, are
// taken down by the destructor, and vanish with the process. The end of a transaction by an error takes every session
// lock of the process away; the board puts its own up again with the next change. Where shared memory or the lock table
// is exhausted, the run goes on without a board.
class ProgressBoard
{
  public:
    ProgressBoard(std::int64_t run, const std::optional<std::string> &schema, core::Direction direction,
                  std::size_t steps, bool nontransactional_ahead = false);
    ProgressBoard(const ProgressBoard &) = delete;
    ProgressBoard &operator=(const ProgressBoard &) = delete;
    ~ProgressBoard();

    // `step` counts from 1.
    void revision(const std::string &id, std::size_t step, std::size_t statements);
    // The statement with this number (from 1) begins.
    void statement(std::size_t number);
    void phase(const char *text);
    void nontransactional_ahead(bool ahead);

  private:
    void put_up();
    void show();

    Board board_;
    dsm_segment *segment_ = nullptr;
    LOCKTAG tag_ = {};
};

// The boards of this database. One that is taken down meanwhile is left out.
std::vector<Board> read_boards();

} // namespace pgmigrate::pg
