// SPDX-License-Identifier: PostgreSQL
#include "pg/server_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

#include "pg/boundary.hpp"
#include "pg/scopes.hpp"

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

bool is_missing(const std::error_code &code)
{
    return code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory;
}

core::Error unreadable(const std::string &path, const std::error_code &code)
{
    core::Error error(is_missing(code) ? "58P01" : "58030", "could not read \"" + path + "\": " + code.message());
    if (code == std::errc::permission_denied)
        error.set_hint("It is read by the operating-system user that runs the server.");
    return error;
}

core::Error unreadable_root(const std::string &path, const std::error_code &code)
{
    core::Error error = unreadable(path, code);
    if (is_missing(code))
        error.set_hint("The path is that of a directory on the server's machine, not on the client's. A relative one "
                       "begins in the data directory of the server.");
    return error;
}

bool is_hidden(const fs::path &path)
{
    return path.filename().string().starts_with(".");
}

std::string read_bytes(const fs::path &path, const std::string &shown)
{
    std::error_code code;
    const fs::file_status status = fs::status(path, code);
    if (code || !fs::exists(status))
        throw unreadable(shown, code ? code : std::make_error_code(std::errc::no_such_file_or_directory));
    if (!fs::is_regular_file(status))
        throw core::Error(core::sqlstate::invalid_file, "\"" + shown + "\" is not a regular file")
            .hint("Put the migration itself in its place; if it is none, move it elsewhere.");
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
    std::string bytes = std::move(content).str();
    if (bytes.starts_with("\xEF\xBB\xBF"))
        bytes.erase(0, 3);
    return bytes;
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

bool is_ascii(const std::string &text)
{
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// The path of a file below the directory.
struct Name {
    std::string bytes; // in UTF-8, if all is well
    std::string text;  // in the encoding of the database
    bool is_legible = true;
};

// A name that cannot be read may be that of something beside the migrations: whoever wants the file gets the error.
Name name_of(const fs::path &path, const fs::path &root)
{
    Name name;
    name.bytes = name.text = path.lexically_relative(root).generic_string();
    if (is_ascii(name.bytes))
        return name;
    try {
        Subtransaction attempt;
        name.text = in_server_encoding(name.bytes, "name of a file");
        attempt.commit();
    } catch (const PgError &error) {
        if (error.sqlstate() != "22021" && error.sqlstate() != "22P05")
            throw;
        name.is_legible = false;
        std::replace_if(
            name.text.begin(), name.text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    }
    return name;
}

class ServerFile final : public files::FileSource
{
  public:
    ServerFile(fs::path path, const Name &name, const fs::path &root, core::InterruptCheck &interrupts)
        : path_(std::move(path)), shown_((root / "").string() + name.text),
          illegible_(name.is_legible ? std::string() : name.bytes), root_(root.string()), interrupts_(interrupts)
    {
    }

    std::string read() override
    {
        interrupts_.check();
        if (!illegible_.empty())
            in_server_encoding(illegible_, "name of a file in \"" + root_ + "\"");
        const std::string bytes = read_bytes(path_, shown_);
        if (bytes.find('\0') != std::string::npos)
            throw core::Error("22021", "file \"" + shown_ + "\" holds a zero byte")
                .hint("Migration files are text in UTF-8.");
        return in_server_encoding(bytes, "file \"" + shown_ + "\"");
    }

    std::string look() override
    {
        interrupts_.check();
        try {
            return read_bytes(path_, shown_);
        } catch (const core::Error &) {
            return {};
        }
    }

  private:
    fs::path path_;
    std::string shown_;
    std::string illegible_; // the name, where it cannot be converted
    std::string root_;
    core::InterruptCheck &interrupts_;
};

// A directory that is not searched, with the reason.
class Unsearched final : public files::FileSource
{
  public:
    explicit Unsearched(core::Error reason) : reason_(std::move(reason)) {}

    std::string read() override { throw reason_; }
    std::string look() override { return {}; }

  private:
    core::Error reason_;
};

core::Error is_link(const std::string &shown)
{
    return core::Error(core::sqlstate::invalid_file, "\"" + shown + "\" is a symbolic link to a directory")
        .detail("Such directories are not searched for migrations: they may lead anywhere.")
        .hint("Put the directory itself in its place; if it holds no migrations, move the link elsewhere.");
}

class Search
{
  public:
    Search(fs::path root, core::InterruptCheck &interrupts) : root_(std::move(root)), interrupts_(interrupts) {}

    std::vector<files::File> run()
    {
        std::error_code code;
        list(root_, code);
        if (code)
            throw unreadable_root(root_.string(), code);
        while (!pending_.empty()) {
            const fs::path directory = std::move(pending_.back());
            pending_.pop_back();
            list(directory, code);
            if (code)
                add_unsearched(directory, unreadable(directory.string(), code));
        }
        return std::move(found_);
    }

  private:
    void list(const fs::path &directory, std::error_code &code)
    {
        for (fs::directory_iterator entry(directory, code); !code && entry != fs::directory_iterator();
             entry.increment(code)) {
            interrupts_.check();
            if (!is_hidden(entry->path()))
                add(*entry);
        }
    }

    void add(const fs::directory_entry &entry)
    {
        const fs::path &path = entry.path();
        std::error_code code;
        const bool is_directory = entry.is_directory(code);
        std::error_code ignored;
        const bool is_symlink = entry.is_symlink(ignored);
        if (is_directory && !is_symlink) {
            pending_.push_back(path);
            return;
        }
        const Name name = name_of(path, root_);
        const std::string shown = (root_ / "").string() + name.text;
        if (is_directory)
            add_unsearched(path, is_link(shown));
        else if (is_symlink && code && code != std::errc::no_such_file_or_directory)
            add_unsearched(path, unreadable(shown, code)); // there may be one
        else
            found_.emplace_back(name.text, std::make_shared<ServerFile>(path, name, root_, interrupts_));
    }

    void add_unsearched(const fs::path &directory, core::Error reason)
    {
        const bool is_directory = true;
        found_.emplace_back(name_of(directory, root_).text, std::make_shared<Unsearched>(std::move(reason)),
                            is_directory);
    }

    fs::path root_;
    core::InterruptCheck &interrupts_;
    std::vector<fs::path> pending_;
    std::vector<files::File> found_;
};

} // namespace

std::vector<files::File> read_directory(const std::string &path, core::InterruptCheck &interrupts)
{
    const bool allowed = call([] { return has_privs_of_role(GetUserId(), ROLE_PG_READ_SERVER_FILES); });
    if (!allowed)
        throw core::Error(core::sqlstate::insufficient_privilege, "permission denied to read files of the server")
            .detail("Only roles with privileges of the \"pg_read_server_files\" role may read files of the server.");
    const fs::path root = fs::path(path).is_absolute() ? fs::path(path) : fs::path(DataDir) / path;
    std::vector<files::File> found = Search(root, interrupts).run();
    std::sort(found.begin(), found.end(), [](const auto &left, const auto &right) { return left.path < right.path; });
    return found;
}

} // namespace pgmigrate::pg
