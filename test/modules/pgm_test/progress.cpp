// SPDX-License-Identifier: PostgreSQL

// The board of a run outlasts the transactions of the process that keeps it.

#include "pg/progress.hpp"

#include <string>

extern "C" {
#include "executor/spi.h"
}

using namespace pgmigrate;

namespace
{

void tell(const char *when)
{
    const std::vector<pg::Board> boards = pg::read_boards();
    std::string text = std::string(when) + ": " + std::to_string(boards.size());
    for (const pg::Board &board : boards)
        text += std::string(", ") + board.schema + " " + board.revision + " " + std::to_string(board.step) + " of " +
                std::to_string(board.steps) + ", statement " + std::to_string(board.statement) + " of " +
                std::to_string(board.statements) + ", " + board.phase +
                (board.nontransactional_ahead ? ", not transactional" : "");
    pg::notice(text);
}

} // namespace

PGM_FUNCTION(pgm_test_board)
{
    pg::call([] { SPI_connect_ext(SPI_OPT_NONATOMIC); });
    {
        const bool nontransactional_ahead = true;
        pg::ProgressBoard board(1, "tenant", core::Direction::upgrade, 2, nontransactional_ahead);
        tell("new");
        board.revision("a", 1, 3);
        board.statement(2);
        tell("running");
        pg::call([] { SPI_commit(); });
        tell("committed");
        pg::call([] { SPI_rollback(); });
        tell("rolled back");
        board.phase("recording");
        board.nontransactional_ahead(false);
        tell("changed");
        pg::call([] { SPI_commit(); });
        const pg::ProgressBoard second(2, std::nullopt, core::Direction::downgrade, 1);
        pg::notice("two: " + std::to_string(pg::read_boards().size()));
        pg::call([] { SPI_rollback(); }); // and the destructors have no lock to release
    }
    tell("taken down");
    pg::call([] { SPI_finish(); });
    return static_cast<Datum>(0);
}
