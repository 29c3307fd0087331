// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "core/error.hpp"
#include "files/format.hpp"
#include "unit/files/fake_sql_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

// What the tests of the formats have in common.
namespace pgmigrate::files
{

inline std::vector<SourceRevision> load(std::vector<File> files,
                                        const std::optional<std::string> &format = std::nullopt)
{
    FakeSqlReader reader;
    return load(std::move(files), format, reader);
}

inline core::Error error_of(std::vector<File> files, const std::optional<std::string> &format = std::nullopt)
{
    try {
        load(std::move(files), format);
    } catch (const core::Error &error) {
        return error;
    }
    ADD_FAILURE() << "no error";
    return {"", ""};
}

inline std::vector<std::string> ids(const std::vector<SourceRevision> &revisions)
{
    std::vector<std::string> result;
    for (const SourceRevision &revision : revisions)
        result.push_back(revision.id);
    return result;
}

inline std::vector<std::string> messages(const std::vector<SourceRevision> &revisions)
{
    std::vector<std::string> result;
    for (const SourceRevision &revision : revisions)
        result.push_back(revision.message.value_or("NULL"));
    return result;
}

inline void expect_invalid(std::vector<File> files, const std::string &path, const std::string &part,
                           const std::optional<std::string> &format = std::nullopt)
{
    const core::Error error = error_of(std::move(files), format);
    EXPECT_EQ(error.sqlstate(), core::sqlstate::invalid_file);
    EXPECT_THAT(error.message(),
                ::testing::AllOf(::testing::HasSubstr("\"" + path + "\""), ::testing::HasSubstr(part)));
}

// One line, each revision on top of the one before it.
inline void expect_line(const std::vector<SourceRevision> &revisions)
{
    for (std::size_t i = 0; i < revisions.size(); ++i)
        EXPECT_EQ(revisions[i].down_revision, i == 0 ? "base" : revisions[i - 1].id);
}

// The names of the formats that the files fit, of themselves.
inline std::vector<std::string> fitting(const std::vector<File> &files)
{
    std::vector<std::string> names;
    for (const Format &format : formats())
        if (!format.mismatch(files))
            names.emplace_back(format.name);
    return names;
}

} // namespace pgmigrate::files
