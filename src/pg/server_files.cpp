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

core::Error unreadable(const std::string &path, const std::error_code &code)
{
    const bool missing = code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory;
    core::Error error(missing ? "58P01" : "58030", "could not read \"" + path + "\": " + code.message());
    if (missing)
        error.set_hint("The path is that of a directory on the server's machine, not on the client's. A relative one "
                       "begins in the data directory of the server.");
    else if (code == std::errc::permission_denied)
        error.set_hint("It is read by the operating-system user that runs the server.");
    return error;
}

bool is_hidden(const fs::path &path)
{
    return path.filename().string().starts_with(".");
}

// What the formats read. Of other files (a picture beside the migrations, or all of a directory named by mistake) they
// look at the name only.
bool is_migration_text(const fs::path &path)
{
    return path.extension() == ".sql" || path.extension() == ".toml" || path.string().ends_with(".sql.conf");
}

std::string read_bytes(const fs::path &path, const std::string &shown)
{
    std::error_code code;
    const std::uintmax_t size = fs::file_size(path, code);
    if (code)
        throw unreadable(shown, code);
    if (size > largest_file)
        throw core::Error(core::sqlstate::invalid_file, "file \"" + shown + "\" is too large")
            .detail("It has " + std::to_string(size) + " bytes; at most " + std::to_string(largest_file) +
                    " are read.");
    std::ifstream stream(path, std::ios::binary);
    std::ostringstream content;
    content << stream.rdbuf();
    if (!stream)
        throw unreadable(shown, std::error_code(errno != 0 ? errno : EIO, std::generic_category()));
    return std::move(content).str();
}

// Migration files and their names are UTF-8, whatever the database is.
std::string in_server_encoding(const std::string &text, const std::string &what)
{
    const char *source = text.c_str();
    const int length = static_cast<int>(text.size());
    try {
        return std::string(call([&] { return pg_any_to_server(source, length, PG_UTF8); }));
    } catch (PgError &error) {
        error.add_context(what);
        throw;
    }
}

// `shown`: the name of the file in the encoding of the database.
std::string read_text(const fs::path &path, const std::string &shown)
{
    const std::string bytes = read_bytes(path, shown);
    if (bytes.find('\0') != std::string::npos)
        throw core::Error("22021", "file \"" + shown + "\" holds a zero byte")
            .hint("Migration files are text in UTF-8.");
    const std::size_t mark = bytes.starts_with("\xEF\xBB\xBF") ? 3 : 0;
    return in_server_encoding(bytes.substr(mark), "file \"" + shown + "\"");
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
        throw unreadable(root.string(), code);
    std::vector<files::File> found;
    for (; entry != fs::recursive_directory_iterator(); entry.increment(code)) {
        interrupts.check();
        const fs::path here = entry->path();
        if (is_hidden(here)) {
            entry.disable_recursion_pending();
            continue;
        }
        const std::string relative = in_server_encoding(here.lexically_relative(root).generic_string(),
                                                        "name of a file in \"" + root.string() + "\"");
        const std::string shown = (root / "").string() + relative;
        const bool regular = entry->is_regular_file(code);
        if (code)
            throw unreadable(shown, code);
        if (!regular)
            continue;
        found.push_back({relative, is_migration_text(here) ? read_text(here, shown) : std::string()});
    }
    if (code)
        throw unreadable(root.string(), code);
    std::sort(found.begin(), found.end(), [](const auto &left, const auto &right) { return left.path < right.path; });
    return found;
}

} // namespace pgmigrate::pg
