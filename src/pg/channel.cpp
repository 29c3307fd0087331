// SPDX-License-Identifier: PostgreSQL
#include "pg/channel.hpp"

#include "pg/build_id.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>

extern "C" {
#include "libpq/libpq.h"
#include "mb/pg_wchar.h"
#include "storage/latch.h"
#include "storage/shm_toc.h"
#include "tcop/tcopprot.h" // whereToSendOutput
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h" // PG_WAIT_EXTENSION
}

namespace pgmigrate::pg::channel
{

namespace
{

constexpr Size queue_size = 64 * 1024;
// What is kept for a caller that does not take it.
constexpr std::size_t kept_limit = 1024 * 1024;
// A caller that has taken nothing for so long is not waited for.
constexpr std::chrono::milliseconds patience{1000};
constexpr std::size_t result_part_size = 256 * 1024;

enum Key : std::uint64_t { header_key = 1, payload_key, libraries_key, settings_key, overridden_key, queue_key };

template <class T>
T *look_up(shm_toc *contents, Key key)
{
    const bool missing_ok = false;
    return static_cast<T *>(shm_toc_lookup(contents, key, missing_ok));
}

template <class T>
T *reserve(shm_toc *contents, Key key, Size size)
{
    void *place = shm_toc_allocate(contents, size);
    shm_toc_insert(contents, key, place);
    return static_cast<T *>(place);
}

// A message that is not yet in the queue, or in parts; the bytes follow.
struct Kept {
    Kept *next;
    Size size;

    char *bytes() { return reinterpret_cast<char *>(this + 1); }
};

// Where the messages of this process go. There is one per process, as there is one PqCommMethods.
struct Outlet {
    shm_mq_handle *queue; // null: nobody listens, or nobody any more
    Header *header;
    Kept *first;
    Kept *last;
    std::size_t kept_bytes;
    std::uint64_t dropped;
    bool stuck; // the caller has taken nothing for too long, and is not waited for until it does
};

constinit Outlet outlet{};

bool is_wanted()
{
    return outlet.queue != nullptr && pg_atomic_read_u32(&outlet.header->caller_gone) == 0;
}

void forget_kept()
{
    while (Kept *kept = outlet.first) {
        outlet.first = kept->next;
        pfree(kept);
    }
    outlet.last = nullptr;
    outlet.kept_bytes = 0;
}

// False without memory: a message is lost then, there is nobody who could be told.
bool keep(const MessageHead &head, const char *body, Size size)
{
    const Size whole = sizeof(MessageHead) + size;
    void *memory =
        MemoryContextAllocExtended(TopMemoryContext, sizeof(Kept) + whole, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM);
    if (memory == nullptr)
        return false;
    auto *kept = new (memory) Kept{nullptr, whole};
    std::memcpy(kept->bytes(), &head, sizeof head);
    std::memcpy(kept->bytes() + sizeof head, body, size);
    (outlet.last == nullptr ? outlet.first : outlet.last->next) = kept;
    outlet.last = kept;
    outlet.kept_bytes += whole;
    return true;
}

void keep_count_of_dropped()
{
    if (outlet.dropped == 0)
        return;
    char body[sizeof outlet.dropped];
    std::memcpy(body, &outlet.dropped, sizeof body);
    (void)keep({dropped_messages, pg_get_client_encoding()}, body, sizeof body);
    outlet.dropped = 0;
}

// For a notice when too much is kept already: waits as long as the caller goes on taking messages. Raises nothing,
// since an error may be on its way; whoever has raised the notice obeys the interrupts after it.
bool make_room()
{
    auto last_progress = std::chrono::steady_clock::now();
    std::size_t before = outlet.kept_bytes;
    bool waited = false;
    for (;;) {
        flush_messages();
        if (outlet.kept_bytes <= kept_limit)
            break;
        const auto now = std::chrono::steady_clock::now();
        if (outlet.kept_bytes < before) {
            before = outlet.kept_bytes;
            last_progress = now;
        }
        if (outlet.stuck || InterruptPending)
            break;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(last_progress + patience - now).count();
        if (left <= 0) {
            outlet.stuck = true;
            break;
        }
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        waited = true;
    }
    // Somebody else's reason to wake up must not be lost.
    if (waited)
        SetLatch(MyLatch);
    // Whoever is about to be interrupted raises no more than this one.
    return outlet.kept_bytes <= kept_limit || (InterruptPending && !outlet.stuck);
}

// Other messages than notices and errors are for a client, not for a caller. In a critical section no memory is to be
// had; the server stops then anyway.
int put_message(char type, const char *body, std::size_t size)
{
    if (outlet.queue == nullptr || (type != 'N' && type != 'E') || CritSectionCount > 0 || size > MaxAllocSize - 1024)
        return 0;
    if (type == 'N' && outlet.kept_bytes > kept_limit && !make_room()) {
        ++outlet.dropped;
        return 0;
    }
    if (type == 'E' || outlet.kept_bytes == 0)
        keep_count_of_dropped();
    (void)keep({type, pg_get_client_encoding()}, body, size);
    flush_messages();
    return 0;
}

int flush()
{
    flush_messages();
    return 0;
}

constexpr PQcommMethods methods = {
    [] {},       flush,
    flush,       [] { return false; },
    put_message, [](char type, const char *body, std::size_t size) { (void)put_message(type, body, size); },
};

void stop_sending(dsm_segment *, Datum)
{
    outlet.queue = nullptr;
    outlet.header = nullptr;
    forget_kept();
    whereToSendOutput = DestNone;
}

} // namespace

Segment create(const Header &header, const char *payload, const char *overridden)
{
    const Size libraries_size = EstimateLibraryStateSpace();
    const Size settings_size = EstimateGUCStateSpace();
    const Size sizes[] = {sizeof(Header), header.payload_size + 1,    libraries_size,
                          settings_size,  header.overridden_size + 1, queue_size};
    shm_toc_estimator estimator;
    shm_toc_initialize_estimator(&estimator);
    for (const Size size : sizes)
        shm_toc_estimate_chunk(&estimator, size);
    shm_toc_estimate_keys(&estimator, std::size(sizes));
    const Size size = shm_toc_estimate(&estimator);

    Segment segment{};
    segment.memory = dsm_create(size, 0);
    shm_toc *contents = shm_toc_create(build_id(), dsm_segment_address(segment.memory), size);
    segment.header = new (reserve<void>(contents, header_key, sizeof(Header))) Header(header);
    pg_atomic_init_u32(&segment.header->caller_gone, 0);
    pg_atomic_init_u32(&segment.header->asked_to_finish, 0);
    pg_atomic_init_u32(&segment.header->progress, static_cast<std::uint32_t>(Progress::starting));
    auto *payload_copy = reserve<char>(contents, payload_key, header.payload_size + 1);
    std::memcpy(payload_copy, payload, header.payload_size + 1);
    segment.payload = payload_copy;
    segment.libraries = reserve<char>(contents, libraries_key, libraries_size);
    SerializeLibraryState(libraries_size, segment.libraries);
    segment.settings = reserve<char>(contents, settings_key, settings_size);
    SerializeGUCState(settings_size, segment.settings);
    auto *overridden_copy = reserve<char>(contents, overridden_key, header.overridden_size + 1);
    std::memcpy(overridden_copy, overridden, header.overridden_size + 1);
    segment.overridden = overridden_copy;
    segment.queue = shm_mq_create(reserve<void>(contents, queue_key, queue_size), queue_size);
    shm_mq_set_receiver(segment.queue, MyProc);
    return segment;
}

Segment attach(dsm_handle handle)
{
    Segment segment{};
    segment.memory = dsm_attach(handle);
    if (segment.memory == nullptr)
        return segment;
    shm_toc *contents = shm_toc_attach(build_id(), dsm_segment_address(segment.memory));
    if (contents == nullptr) {
        dsm_detach(segment.memory);
        // Where the caller listens only its own build knows.
        ereport(LOG, (errmsg("a background worker of pg_migrate has not begun its work"),
                      errdetail("The library has been installed anew since the session that started it loaded it."),
                      errhint("Let that session connect again.")));
        return Segment{};
    }
    segment.header = look_up<Header>(contents, header_key);
    if (progress_of(segment) != Progress::starting) { // this worker has been started again
        dsm_detach(segment.memory);
        return Segment{};
    }
    segment.payload = look_up<const char>(contents, payload_key);
    segment.libraries = look_up<char>(contents, libraries_key);
    segment.settings = look_up<char>(contents, settings_key);
    segment.overridden = look_up<const char>(contents, overridden_key);
    segment.queue = look_up<shm_mq>(contents, queue_key);
    shm_mq_set_sender(segment.queue, MyProc);
    return segment;
}

Progress progress_of(const Segment &segment)
{
    return static_cast<Progress>(pg_atomic_read_u32(&segment.header->progress));
}

bool caller_gone(const Segment &segment)
{
    return pg_atomic_read_u32(&segment.header->caller_gone) != 0;
}

void send_messages_to(const Segment &segment, shm_mq_handle *queue)
{
    outlet.queue = queue;
    outlet.header = segment.header;
    PqCommMethods = &methods;
    FrontendProtocol = PG_PROTOCOL_LATEST;
    whereToSendOutput = DestRemote;
    on_dsm_detach(segment.memory, stop_sending, 0);
}

bool caller_listens()
{
    return is_wanted() && !outlet.stuck;
}

void flush_messages()
{
    while (outlet.queue != nullptr && outlet.first != nullptr) {
        Kept *kept = outlet.first;
        const bool nowait = true;
        const bool force_flush = true;
        const shm_mq_result result = shm_mq_send(outlet.queue, kept->size, kept->bytes(), nowait, force_flush);
        if (result == SHM_MQ_WOULD_BLOCK)
            return;
        if (result == SHM_MQ_DETACHED) {
            outlet.queue = nullptr;
            forget_kept();
            return;
        }
        outlet.stuck = false;
        outlet.first = kept->next;
        if (outlet.first == nullptr)
            outlet.last = nullptr;
        outlet.kept_bytes -= kept->size;
        pfree(kept);
    }
}

void deliver_messages()
{
    keep_count_of_dropped();
    for (;;) {
        flush_messages();
        if (outlet.first == nullptr || !is_wanted())
            return;
        (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, 1000L, PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
}

bool send_result(const char *bytes, std::size_t size)
{
    for (std::size_t sent = 0; sent < size && is_wanted(); sent += result_part_size) {
        if (!keep({result_part, pg_get_client_encoding()}, bytes + sent, std::min(result_part_size, size - sent)))
            return false;
        deliver_messages();
    }
    return true;
}

} // namespace pgmigrate::pg::channel
