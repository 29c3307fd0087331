// SPDX-License-Identifier: PostgreSQL
// Whatever bytes a worker is given: either they are refused, with the error that is for it, or they are what a request
// comes to on the wire, byte for byte.
#include "core/error.hpp"
#include "executor/worker_request.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace
{

using namespace pgmigrate;

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void check(std::string_view wire)
{
    executor::WorkerRequest request;
    try {
        request = executor::decode(wire);
    } catch (const core::Error &error) {
        require(error.sqlstate() == core::sqlstate::internal_error && !error.message().empty());
        return;
    }
    require(executor::encode(request) == wire);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    check({reinterpret_cast<const char *>(data), size});
    return 0;
}
