// SPDX-License-Identifier: PostgreSQL
#include "pg/boundary.hpp"

#include <cstring>
#include <new>

extern "C" {
#include "utils/memutils.h"
}

namespace pgmigrate::pg
{

namespace
{

constinit MemoryContext current_error_home = nullptr;

// Leaves a copy of the text in the entry's context, or null when there is no memory for it.
char *keep(const char *text, std::size_t length) noexcept
{
    auto *copy = static_cast<char *>(
        MemoryContextAllocExtended(current_error_home, length + 1, MCXT_ALLOC_HUGE | MCXT_ALLOC_NO_OOM));
    if (copy == nullptr)
        return nullptr;
    std::memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

const char *keep_unless_empty(const std::string &text) noexcept
{
    return text.empty() ? nullptr : keep(text.data(), text.size());
}

boundary::Failure internal_failure(const char *message) noexcept
{
    return {nullptr, ERRCODE_INTERNAL_ERROR, keep(message, std::strlen(message)), nullptr, nullptr, nullptr};
}

boundary::Failure describe(const core::Error &error) noexcept
{
    const std::string &code = error.sqlstate();
    const int sqlstate =
        code.size() == 5 ? MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]) : ERRCODE_INTERNAL_ERROR;
    return {nullptr,
            sqlstate,
            keep(error.message().data(), error.message().size()),
            keep_unless_empty(error.detail()),
            keep_unless_empty(error.hint()),
            keep_unless_empty(error.context())};
}

void add_private_detail_to_detail(PgError &error) noexcept
{
    try {
        if (error.private_detail() != nullptr)
            error.add_detail(error.private_detail());
    } catch (const std::bad_alloc &) {
        return; // the error is told without
    }
}

} // namespace

namespace boundary
{

MemoryContext error_home() noexcept
{
    return current_error_home;
}

MemoryContext set_error_home(MemoryContext context) noexcept
{
    return std::exchange(current_error_home, context);
}

void throw_pending_error(const SavedState &saved)
{
    saved.restore();
    // Copying allocates, and so can fail in turn; that error, too, must not jump over C++ frames.
    ErrorData *volatile copied = nullptr;
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) == 0) {
        PG_exception_stack = &landing;
        MemoryContextSwitchTo(current_error_home);
        copied = CopyErrorData();
    }
    saved.restore();
    MemoryContextSwitchTo(saved.memory_context);
    FlushErrorState();
    throw PgError(copied);
}

Failure describe_current_exception() noexcept
{
    try {
        throw;
    } catch (PgError &error) {
        add_private_detail_to_detail(error);
        return {error.data(), ERRCODE_OUT_OF_MEMORY, "out of memory", nullptr, nullptr, nullptr};
    } catch (const core::Error &error) {
        return describe(error);
    } catch (const std::bad_alloc &) {
        return {nullptr, ERRCODE_OUT_OF_MEMORY, "out of memory", nullptr, nullptr, nullptr};
    } catch (const std::exception &error) {
        return internal_failure(error.what());
    } catch (...) {
        return internal_failure("unknown C++ exception");
    }
}

void raise(const Failure &failure)
{
    if (failure.server != nullptr)
        ReThrowError(failure.server);
    ereport(ERROR,
            (errcode(failure.sqlstate), errmsg_internal("%s", failure.message ? failure.message : "out of memory"),
             failure.detail ? errdetail_internal("%s", failure.detail) : 0,
             failure.hint ? errhint("%s", failure.hint) : 0,
             failure.context ? errcontext_msg("%s", failure.context) : 0));
    pg_unreachable();
}

void end_process(const char *message)
{
    ereport(FATAL, (errcode(ERRCODE_INTERNAL_ERROR), errmsg_internal("%s", message)));
    pg_unreachable();
}

void report(const Failure &failure) noexcept
{
    const SavedState saved = SavedState::take();
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) == 0) {
        PG_exception_stack = &landing;
        error_context_stack = nullptr;
        raise(failure);
    }
    saved.restore();
    EmitErrorReport();
    FlushErrorState();
    MemoryContextSwitchTo(saved.memory_context);
}

} // namespace boundary

std::string PgError::sqlstate() const
{
    return edata_ ? unpack_sql_state(edata_->sqlerrcode) : unpack_sql_state(ERRCODE_OUT_OF_MEMORY);
}

void PgError::add_context(const std::string &line)
{
    if (edata_ == nullptr)
        return;
    const std::string text = edata_->context ? std::string(edata_->context) + "\n" + line : line;
    if (char *copy = keep(text.data(), text.size()))
        edata_->context = copy;
}

void PgError::set_detail(const std::string &text)
{
    if (edata_ == nullptr)
        return;
    if (char *copy = keep(text.data(), text.size()))
        edata_->detail = copy;
}

void PgError::add_detail(const std::string &line)
{
    if (edata_ != nullptr)
        set_detail(edata_->detail ? std::string(edata_->detail) + "\n" + line : line);
}

void PgError::add_private_detail(const std::string &line)
{
    const std::string text = private_detail_ != nullptr ? std::string(private_detail_) + "\n" + line : line;
    private_detail_ = keep(text.data(), text.size());
}

void PgError::set_hint(const std::string &text)
{
    if (edata_ == nullptr)
        return;
    if (char *copy = keep(text.data(), text.size()))
        edata_->hint = copy;
}

void PgError::set_internal_query(const std::string &text, int position)
{
    if (edata_ == nullptr)
        return;
    edata_->cursorpos = 0;
    edata_->internalquery = text.empty() ? nullptr : keep(text.data(), text.size());
    edata_->internalpos = edata_->internalquery == nullptr ? 0 : position;
}

void notice(const std::string &message, const std::string &detail, const std::string &hint)
{
    const char *text = message.c_str();
    const char *more = detail.c_str();
    const char *advice = hint.c_str();
    call([&] {
        ereport(NOTICE, (errmsg_internal("%s", text), more[0] == '\0' ? 0 : errdetail_internal("%s", more),
                         advice[0] == '\0' ? 0 : errhint("%s", advice)));
    });
}

void warning(const std::string &message, const std::string &detail, const std::string &hint)
{
    call([&] {
        ereport(WARNING,
                (errmsg_internal("%s", message.c_str()), detail.empty() ? 0 : errdetail_internal("%s", detail.c_str()),
                 hint.empty() ? 0 : errhint("%s", hint.c_str())));
    });
}

} // namespace pgmigrate::pg
