// SPDX-License-Identifier: PostgreSQL
#include "pg/server_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "pg/boundary.hpp"

extern "C" {
#include "catalog/pg_authid.h" // ROLE_PG_READ_SERVER_FILES
#include "mb/pg_wchar.h"
#include "utils/acl.h"
}

namespace pgmigrate::pg
{

namespace
{

namespace fs = std::filesystem;

// A text value holds less than 1 GB, and a script is parsed as a whole.
constexpr std::uintmax_t largest_file = 512U * 1024 * 1024;

core::Error unreadable(const fs::path &path, const std::error_code &code)
{
    const bool missing = code == std::errc::no_such_file_or_directory;
    return core::Error(missing ? "58P01" : "58030", "could not read \"" + path.string() + "\": " + code.message());
}

bool is_hidden(const fs::path &path)
{
    return path.filename().string().starts_with(".");
}

std::string read_bytes(const fs::path &path)
{
    std::error_code code;
    const std::uintmax_t size = fs::file_size(path, code);
    if (code)
        throw unreadable(path, code);
    if (size > largest_file)
        throw core::Error(core::sqlstate::invalid_file, "file \"" + path.string() + "\" is too large")
            .detail("It has " + std::to_string(size) + " bytes; at most " + std::to_string(largest_file) +
                    " are read.");
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    if (!stream)
        throw unreadable(path, std::error_code(errno != 0 ? errno : EIO, std::generic_category()));
    return std::move(content).str();
}

// Migration files are UTF-8, whatever the database is.
std::string in_server_encoding(const std::string &path, const std::string &bytes)
{
    if (bytes.find('\0') != std::string::npos)
        throw core::Error("22021", "file \"" + path + "\" holds a zero byte")
            .hint("Migration files are text in UTF-8.");
    const std::size_t mark = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    const std::string text = bytes.substr(mark);
    const char *source = text.c_str();
    const int length = static_cast<int>(text.size());
    try {
        return std::string(call([&] { return pg_any_to_server(source, length, PG_UTF8); }));
    } catch (PgError &error) {
        error.add_context("file \"" + path + "\"");
        throw;
    }
}

} // namespace

std::vector<files::File> read_directory(const std::string &path, core::InterruptCheck &interrupts)
{
    const bool allowed = call([] { return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES); });
    if (!allowed)
        throw core::Error(core::sqlstate::insufficient_privilege, "permission denied to read files of the server")
            .detail("Only roles with privileges of the \"pg_read_server_files\" role may read files of the server.");
    const fs::path root = fs::path(path).is_absolute() ? fs::path(path) : fs::path(DataDir) / path;
    std::error_code code;
    fs::recursive_directory_iterator entry(root, code);
    if (code)
        throw unreadable(root, code);
    std::vector<files::File> found;
    for (; entry != fs::recursive_directory_iterator(); entry.increment(code)) {
        interrupts.check();
        const fs::path here = entry->path();
        if (is_hidden(here)) {
            entry.disable_recursion_pending();
            continue;
        }
        const bool regular = entry->is_regular_file(code);
        if (code)
            throw unreadable(here, code);
        if (!regular)
            continue;
        const std::string relative = here.lexically_relative(root).generic_string();
        found.push_back({relative, in_server_encoding(here.string(), read_bytes(here))});
    }
    if (code)
        throw unreadable(root, code);
    std::sort(found.begin(), found.end(), [](const auto &left, const auto &right) { return left.path < right.path; });
    return found;
}

} // namespace pgmigrate::pg
