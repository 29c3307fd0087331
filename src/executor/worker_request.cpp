// SPDX-License-Identifier: PostgreSQL
#include "executor/worker_request.hpp"

#include "core/error.hpp"

#include <cstring>
#include <type_traits>

namespace pgmigrate::executor
{

namespace
{

// Both ends are the same build on the same machine: numbers travel as they are in memory.
class Packer
{
  public:
    template <class Number>
    void operator()(const Number &value) requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
    {
        wire.append(reinterpret_cast<const char *>(&value), sizeof(value));
    }
    void operator()(const std::string &text)
    {
        (*this)(static_cast<std::uint64_t>(text.size()));
        wire += text;
    }
    void operator()(const std::optional<std::string> &text)
    {
        (*this)(text.has_value());
        if (text)
            (*this)(*text);
    }

    std::string wire;
};

class Unpacker
{
  public:
    explicit Unpacker(std::string_view wire) : wire_(wire) {}

    template <class Number>
    void operator()(Number &value) requires std::is_arithmetic_v<Number>
    {
        std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    }
    void operator()(WorkerRequest::Kind &kind) { kind = one_of<WorkerRequest::Kind::log_failure>(); }
    void operator()(core::Direction &direction) { direction = one_of<core::Direction::downgrade>(); }
    void operator()(std::string &text)
    {
        std::uint64_t size = 0;
        (*this)(size);
        text = take(size);
    }
    void operator()(std::optional<std::string> &text)
    {
        std::uint8_t present = 0;
        (*this)(present);
        text.reset();
        if (present > 1)
            throw damaged();
        if (present == 1)
            (*this)(text.emplace());
    }
    void finish() const
    {
        if (!wire_.empty())
            throw damaged();
    }

  private:
    static core::Error damaged()
    {
        return core::Error(core::sqlstate::internal_error, "the request to the background worker is damaged");
    }
    // A value of an enumeration that begins with 0.
    template <auto last>
    auto one_of() -> decltype(last)
    {
        using Number = std::make_unsigned_t<std::underlying_type_t<decltype(last)>>;
        Number number = 0;
        (*this)(number);
        if (number > static_cast<Number>(last))
            throw damaged();
        return static_cast<decltype(last)>(number);
    }
    std::string_view take(std::uint64_t size)
    {
        if (size > wire_.size())
            throw damaged();
        const std::string_view taken = wire_.substr(0, size);
        wire_.remove_prefix(size);
        return taken;
    }

    std::string_view wire_;
};

template <class Visitor, class Request>
void visit(Visitor &each, Request &request)
{
    each(request.kind);
    each(request.direction);
    each(request.target);
    each(request.tag);
    each(request.schema);
    each(request.function);
    each(request.client_addr);
    each(request.run);
    each(request.revision);
    each(request.checksum);
    each(request.started_at);
    each(request.finished_at);
    each(request.statement);
    each(request.sqlstate);
    each(request.error);
}

} // namespace

std::string encode(const WorkerRequest &request)
{
    Packer packer;
    visit(packer, request);
    return std::move(packer.wire);
}

WorkerRequest decode(std::string_view wire)
{
    WorkerRequest request;
    Unpacker unpacker(wire);
    visit(unpacker, request);
    unpacker.finish();
    return request;
}

} // namespace pgmigrate::executor
