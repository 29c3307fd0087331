// SPDX-License-Identifier: PostgreSQL
#pragma once

// The two doors between C++ and the server.
//
//   call()   C++ -> server. A server error inside becomes a PgError, so destructors run.
//   enter()  server -> C++. Whatever is thrown inside becomes a server error, after every C++ object is gone.
//
// Nothing else may cross: no raw server call that can raise outside call(), no entry point without PGM_FUNCTION.

#include "core/error.hpp"
#include "core/interrupt.hpp"

#include <csetjmp>
#include <exception>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "pg/postgres.hpp"

#include "pg/compat.hpp"

namespace pgmigrate::pg
{

// A server error on its way through C++ frames. The ErrorData lives in the memory context of the entry point, which
// outlives every scope object; it is whole (SQLSTATE, detail, hint, context, position) and is raised again by
// ReThrowError().
class PgError : public std::exception
{
  public:
    explicit PgError(ErrorData *edata) noexcept : edata_(edata) {}
    const char *what() const noexcept override { return edata_ && edata_->message ? edata_->message : "out of memory"; }
    // Null only when the server could not even copy the error.
    ErrorData *data() const noexcept { return edata_; }
    std::string sqlstate() const;
    // Each replaces or extends a field, in the context of the entry point.
    void add_context(const std::string &line);
    void set_detail(const std::string &text);
    void add_detail(const std::string &line);
    void set_hint(const std::string &text);
    // More of the DETAIL, for whoever the error is raised to only: what is written down of it goes without.
    void add_private_detail(const std::string &line);
    const char *private_detail() const noexcept { return private_detail_; }
    // What a position in characters refers to, in place of the query of the client; an empty text removes both.
    void set_internal_query(const std::string &text, int position);

  private:
    ErrorData *edata_;
    const char *private_detail_ = nullptr;
};

namespace boundary
{

struct SavedState {
    sigjmp_buf *exception_stack;
    ErrorContextCallback *context_stack;
    MemoryContext memory_context;

    static SavedState take() noexcept { return {PG_exception_stack, error_context_stack, CurrentMemoryContext}; }
    void restore() const noexcept
    {
        PG_exception_stack = exception_stack;
        error_context_stack = context_stack;
    }
};

// Copies the pending error, clears it from the server's error stack, and throws it as PgError.
[[noreturn]] void throw_pending_error(const SavedState &saved);

// What is left of an exception when every C++ object is gone: an ErrorData, or plain strings, in the entry's context.
struct Failure {
    ErrorData *server;
    int sqlstate;
    const char *message;
    const char *detail;
    const char *hint;
    const char *context;
};

// To be called from a catch block: describes the exception in flight. Never throws or raises.
Failure describe_current_exception() noexcept;
[[noreturn]] void raise(const Failure &failure);
// Ends the process at once, as FATAL does: what is released then is what the server releases at exit.
[[noreturn]] void end_process(const char *message);
// Tells the client and the log, and goes on: for a process that has no caller to raise to. In no transaction.
void report(const Failure &failure) noexcept;

// The memory context that the innermost entry point was called in: results and errors live there, since it outlives
// every scope.
MemoryContext error_home() noexcept;
MemoryContext set_error_home(MemoryContext context) noexcept;

} // namespace boundary

// Runs `fn`, which calls the server. Inside: only objects without destructors, no throw. The result is trivially
// destructible; anything palloc'd is copied by the caller at once.
template <class Fn>
[[gnu::noinline]] auto call(Fn fn) -> std::invoke_result_t<Fn &>
{
    using Result = std::invoke_result_t<Fn &>;
    static_assert(std::is_void_v<Result> || std::is_trivially_destructible_v<Result>,
                  "a server error would skip the destructor of the result");
    static_assert(std::is_trivially_destructible_v<Fn>, "capture by reference: a server error skips destructors");
    const boundary::SavedState saved = boundary::SavedState::take();
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) == 0) {
        PG_exception_stack = &landing;
        try {
            if constexpr (std::is_void_v<Result>) {
                fn();
                saved.restore();
                return;
            } else {
                Result result = fn();
                saved.restore();
                return result;
            }
        } catch (...) {
            saved.restore();
            throw;
        }
    }
    boundary::throw_pending_error(saved);
}

// For destructors: an error inside becomes a WARNING.
template <class Fn>
void call_noexcept(Fn fn) noexcept
{
    try {
        call(fn);
    } catch (const PgError &error) {
        try {
            const char *text = error.what();
            call([&] { ereport(WARNING, (errmsg_internal("pg_migrate could not clean up: %s", text))); });
        } catch (...) {
            return; // a client that is gone cannot be told
        }
    }
}

// Runs the body of an entry point. Never lets a C++ exception out.
template <class Fn>
auto enter(Fn fn) -> std::invoke_result_t<Fn &>
{
    const boundary::SavedState saved = boundary::SavedState::take();
    MemoryContext outer_home = boundary::set_error_home(CurrentMemoryContext);
    boundary::Failure failure;
    try {
        auto result = fn();
        boundary::set_error_home(outer_home);
        return result;
    } catch (...) {
        failure = boundary::describe_current_exception();
    }
    boundary::set_error_home(outer_home);
    saved.restore();
    MemoryContextSwitchTo(saved.memory_context);
    boundary::raise(failure);
}

// Cancel, statement_timeout and termination, obeyed inside the loops of the layers without a server.
class ServerInterrupts final : public core::InterruptCheck
{
  public:
    void check() override
    {
        if (InterruptPending)
            call([] { CHECK_FOR_INTERRUPTS(); });
    }
};

// Messages to the client. They can raise: a client may be gone.
void notice(const std::string &message, const std::string &detail = {}, const std::string &hint = {});
void warning(const std::string &message, const std::string &detail = {}, const std::string &hint = {});

} // namespace pgmigrate::pg

// Defines an SQL-callable function. The body sees `fcinfo` and returns a Datum; it may throw core::Error and PgError.
#define PGM_FUNCTION(name)                                                                                             \
    static Datum name##_body(FunctionCallInfo fcinfo);                                                                 \
    extern "C" {                                                                                                       \
    _Pragma("GCC visibility push(default)") PG_FUNCTION_INFO_V1(name);                                                 \
    Datum name(PG_FUNCTION_ARGS)                                                                                       \
    {                                                                                                                  \
        return ::pgmigrate::pg::enter([&] { return name##_body(fcinfo); });                                            \
    }                                                                                                                  \
    _Pragma("GCC visibility pop")                                                                                      \
    }                                                                                                                  \
    static Datum name##_body([[maybe_unused]] FunctionCallInfo fcinfo)
