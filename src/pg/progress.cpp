// SPDX-License-Identifier: PostgreSQL
#include "pg/progress.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "pg/build_id.hpp"
#include "pg/locks.hpp"
#include "pg/scopes.hpp"

extern "C" {
#include "access/xact.h"
#include "catalog/pg_extension.h"
#include "port/atomics.h"
#include "utils/timestamp.h"
}

namespace pgmigrate::pg
{

namespace
{

// The segment. A handle may be used anew for a segment of somebody else, and the board may be that of another build of
// the library: neither has such a beginning.
struct SharedBoard {
    std::uint64_t build;
    // Odd while the owner writes; a reader whose copy it does not frame with the same even number reads again.
    volatile std::uint32_t changes;
    Board board;
};

// Inside call(): only memory and the clock.
bool copy_board(const SharedBoard *shared, Board *copy)
{
    constexpr long attempts = 100;
    for (long attempt = 0; attempt < attempts; ++attempt) {
        const std::uint32_t before = shared->changes;
        pg_read_barrier();
        std::memcpy(copy, &shared->board, sizeof(Board));
        pg_read_barrier();
        if (before % 2 == 0 && before == shared->changes)
            return true;
        pg_usleep(attempt); // whoever writes may have to be given the processor
    }
    return false;
}

std::optional<Board> read_board(dsm_handle handle, int pid)
{
    Board board;
    const bool copied = call([&] {
        // A script that looks at its own run is attached already.
        dsm_segment *const own = dsm_find_mapping(handle);
        dsm_segment *const segment = own != nullptr ? own : dsm_attach(handle);
        if (segment == nullptr)
            return false;
        const auto *shared = static_cast<const SharedBoard *>(dsm_segment_address(segment));
        const bool whole = dsm_segment_map_length(segment) >= sizeof(SharedBoard) && shared->build == build_id() &&
                           copy_board(shared, &board);
        if (own == nullptr)
            dsm_detach(segment);
        return whole;
    });
    return copied && board.pid == pid ? std::optional<Board>(board) : std::nullopt;
}

// Truncates; the identifiers that there are fit.
template <std::size_t size>
void copy_text(char (&target)[size], std::string_view text)
{
    const std::size_t length = std::min(text.size(), size - 1);
    std::memcpy(target, text.data(), length);
    std::memset(target + length, 0, size - length);
}

} // namespace

ProgressBoard::ProgressBoard(std::int64_t run, const std::optional<std::string> &schema, core::Direction direction,
                             std::size_t steps, bool nontransactional_ahead)
{
    board_.pid = MyProcPid;
    board_.run = run;
    board_.direction = direction;
    board_.has_schema = schema.has_value();
    copy_text(board_.schema, schema.value_or(std::string()));
    board_.steps = static_cast<int>(steps);
    board_.nontransactional_ahead = nontransactional_ahead;
    board_.started_at = GetCurrentTimestamp();
    copy_text(board_.phase, "starting");
    if (!IsUnderPostmaster)
        return; // a server in single-user mode has nobody to show it to
    if (!IsTransactionState()) {
        put_up();
        return;
    }
    try {
        Subtransaction attempt;
        put_up();
        attempt.commit();
    } catch (const PgError &error) {
        if (!error.sqlstate().starts_with("53")) // insufficient resources
            throw;
        segment_ = nullptr;
    }
}

// In a transaction until the mapping is pinned an error takes everything back; the lock comes last.
void ProgressBoard::put_up()
{
    segment_ = call([&] {
        dsm_segment *segment = dsm_create(sizeof(SharedBoard), DSM_CREATE_NULL_IF_MAXSEGMENTS);
        if (segment == nullptr)
            return segment;
        auto *shared = static_cast<SharedBoard *>(dsm_segment_address(segment));
        shared->build = build_id();
        shared->changes = 0;
        std::memcpy(&shared->board, &board_, sizeof(Board));
        tag_ = own_lock_tag(ExtensionRelationId, dsm_segment_handle(segment), board_sub_id);
        const bool session_lock = true;
        const bool dont_wait = true;
        if (LockAcquire(&tag_, ExclusiveLock, session_lock, dont_wait) == LOCKACQUIRE_NOT_AVAIL) {
            dsm_detach(segment);
            segment = nullptr;
        } else
            dsm_pin_mapping(segment);
        return segment;
    });
}

ProgressBoard::~ProgressBoard()
{
    if (segment_ == nullptr)
        return;
    call_noexcept([&] {
        const bool session_lock = true;
        if (compat::lock_held_by_me(tag_, ExclusiveLock))
            LockRelease(&tag_, ExclusiveLock, session_lock);
        dsm_detach(segment_);
    });
}

void ProgressBoard::revision(const std::string &id, std::size_t step, std::size_t statements)
{
    copy_text(board_.revision, id);
    board_.step = static_cast<int>(step);
    board_.statement = 0;
    board_.statements = static_cast<int>(statements);
    board_.statement_started_at = 0;
    copy_text(board_.phase, "running");
    show();
}

void ProgressBoard::statement(std::size_t number)
{
    board_.statement = static_cast<int>(number);
    board_.statement_started_at = GetCurrentTimestamp();
    copy_text(board_.phase, "running");
    show();
}

void ProgressBoard::phase(const char *text)
{
    copy_text(board_.phase, text);
    show();
}

void ProgressBoard::nontransactional_ahead(bool ahead)
{
    board_.nontransactional_ahead = ahead;
    show();
}

void ProgressBoard::show()
{
    if (segment_ == nullptr)
        return;
    auto *shared = static_cast<SharedBoard *>(dsm_segment_address(segment_));
    shared->changes = shared->changes + 1;
    pg_write_barrier();
    std::memcpy(&shared->board, &board_, sizeof(Board));
    pg_write_barrier();
    shared->changes = shared->changes + 1;
    call([&] {
        const bool session_lock = true;
        const bool dont_wait = true;
        if (!compat::lock_held_by_me(tag_, ExclusiveLock))
            (void)LockAcquire(&tag_, ExclusiveLock, session_lock, dont_wait);
    });
}

std::vector<Board> read_boards()
{
    std::vector<Board> boards;
    if (!IsUnderPostmaster)
        return boards;
    for (const LockUse &use : own_lock_uses())
        if (use.held && use.tag.locktag_field2 == ExtensionRelationId && use.tag.locktag_field4 == board_sub_id)
            if (const std::optional<Board> board = read_board(use.tag.locktag_field3, use.pid))
                boards.push_back(*board);
    return boards;
}

} // namespace pgmigrate::pg
