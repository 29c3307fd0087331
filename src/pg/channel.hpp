// SPDX-License-Identifier: PostgreSQL
#pragma once

// What a caller and its background worker have in common: a segment of shared memory with the orders, and a queue in
// which the worker's messages come back. Everything here is for src/pg/worker_process.cpp (the caller's side) and
// src/pg/worker_session.cpp (the worker's).
//
// STARTING   the caller has registered the worker
// CONNECTED  the worker has the caller's session user, role and settings; or has made the database it was asked for
// FINISHED   all that the worker was to do is committed; a worker that ends without has failed

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "pg/scopes.hpp"

extern "C" {
#include "port/atomics.h"
#include "postmaster/bgworker.h"
#include "storage/dsm.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
}

namespace pgmigrate::pg::channel
{

enum class Progress : std::uint32_t { starting, connected, finished };

// The part of fixed size. What the caller writes without a further word it writes before the worker is registered.
struct Header {
    Oid database;                     // caller
    Oid authenticated_user;           // caller; as whom the worker connects
    Oid session_user;                 // caller; as whom it finds itself when the settings are restored
    Identity caller;                  // caller; whose rights a script has
    TransactionId start_after;        // caller
    int caller_pid;                   // caller
    PGPROC *caller_process;           // caller; whose latch the worker sets
    bool independent;                 // caller
    std::size_t payload_size;         // caller
    std::size_t overridden_size;      // caller
    int worker_pid;                   // worker, before it is connected
    Oid made_database;                // worker, before it is connected; what it has made for the caller
    pg_atomic_uint32 caller_gone;     // caller, at any time; never back to 0
    pg_atomic_uint32 asked_to_finish; // caller, at any time; for a worker that waits for it
    pg_atomic_uint32 progress;        // worker; a Progress, only upwards
};
static_assert(std::is_standard_layout_v<Header> && std::is_trivially_destructible_v<Header>,
              "two processes look at it, and nobody destroys it");

// In front of each message in the queue.
struct MessageHead {
    std::int32_t type;     // of the protocol: 'N' or 'E'; or one of those below
    std::int32_t encoding; // of the texts
};
static_assert(sizeof(MessageHead) == 8);

// The body is the number, as std::uint64_t, of notices that were not kept for a caller that took none.
constexpr std::int32_t dropped_messages = 'D';
// The body is a part of what the worker was to find out; the parts come in order.
constexpr std::int32_t result_part = 'R';

struct Segment {
    dsm_segment *memory;
    Header *header;
    const char *payload;
    char *libraries;
    char *settings;
    const char *overridden; // packed: what RESET brings back, where the caller has set something else
    shm_mq *queue;
};
static_assert(std::is_trivially_destructible_v<Segment>);

// Both inside of call(). The first copies the settings of the session as they are now, and makes this process the
// receiver; the second makes it the sender, and returns a null segment when the caller has let go of it already, when
// another process has been the sender, or when the caller has loaded another build of the library (the log says so).
Segment create(const Header &header, const char *payload, const char *overridden);
Segment attach(dsm_handle handle);

Progress progress_of(const Segment &segment);
bool caller_gone(const Segment &segment);

// The worker's messages to the client go to the queue from now on, as long as the caller takes them. They never block
// the worker for long: what does not fit is kept in the worker, and notices beyond a limit are counted and dropped when
// the caller does not take any.
void send_messages_to(const Segment &segment, shm_mq_handle *queue);
// Whether what is sent now is likely to arrive.
bool caller_listens();
// Sends what has been kept, as far as it fits.
void flush_messages();
// Waits until the caller has got everything or is gone. Inside of call(): obeys interrupts.
void deliver_messages();
// Sends bytes as the result, in parts, and waits for the caller to take them. Inside of call(). False without memory.
bool send_result(const char *bytes, std::size_t size);

} // namespace pgmigrate::pg::channel
