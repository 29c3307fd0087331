// SPDX-License-Identifier: PostgreSQL
#include "executor/worker_request.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace
{

using namespace pgmigrate;
using executor::WorkerRequest;

WorkerRequest full_request()
{
    WorkerRequest request;
    request.kind = WorkerRequest::Kind::log_failure;
    request.direction = core::Direction::downgrade;
    request.target = "base";
    request.tag = "";
    request.schema = "tenant \"1\"";
    request.function = 4000000000;
    request.run = -1;
    request.revision = std::string("a\0b", 3);
    request.checksum = "00ff";
    request.started_at = 1;
    request.finished_at = INT64_MAX;
    request.statement = 7;
    request.sqlstate = "22012";
    request.error = std::string(100000, 'x');
    return request;
}

TEST(WorkerRequest, ComesOutAsItWentIn)
{
    const WorkerRequest sent = full_request();
    const WorkerRequest got = executor::decode(executor::encode(sent));
    EXPECT_EQ(got.kind, sent.kind);
    EXPECT_EQ(got.direction, sent.direction);
    EXPECT_EQ(got.target, sent.target);
    EXPECT_EQ(got.tag, sent.tag);
    EXPECT_EQ(got.schema, sent.schema);
    EXPECT_EQ(got.function, sent.function);
    EXPECT_EQ(got.client_addr, std::nullopt);
    EXPECT_EQ(got.run, sent.run);
    EXPECT_EQ(got.revision, sent.revision);
    EXPECT_EQ(got.checksum, sent.checksum);
    EXPECT_EQ(got.started_at, sent.started_at);
    EXPECT_EQ(got.finished_at, sent.finished_at);
    EXPECT_EQ(got.statement, sent.statement);
    EXPECT_EQ(got.sqlstate, sent.sqlstate);
    EXPECT_EQ(got.error, sent.error);
}

TEST(WorkerRequest, WhatIsCutShortOrTooLongIsRefused)
{
    const std::string wire = executor::encode(full_request());
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{20}, wire.size() - 1})
        EXPECT_THROW(executor::decode(wire.substr(0, size)), core::Error) << size;
    EXPECT_THROW(executor::decode(wire + "x"), core::Error);
}

TEST(WorkerRequest, ValuesThatAreNoneAreRefused)
{
    const std::string wire = executor::encode(full_request());
    const std::size_t kind = 0;
    const std::size_t direction = sizeof(WorkerRequest::kind);
    const std::size_t tag =
        direction + sizeof(WorkerRequest::direction) + sizeof(std::uint64_t) + std::string("base").size();
    for (const std::size_t position : {kind, direction, tag}) {
        std::string changed = wire;
        changed[position] = 3;
        EXPECT_THROW(executor::decode(changed), core::Error) << position;
    }
}

} // namespace
