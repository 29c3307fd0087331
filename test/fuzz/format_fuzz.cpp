// SPDX-License-Identifier: PostgreSQL
// The input is a directory: path, NUL, content, NUL, and so on. Whatever the files are, only core::Error may come out
// of loading them; each revision that comes out must survive export and loading again; and those of other tools are one
// line.
#include "../unit/files/fake_sql_reader.hpp"
#include "core/error.hpp"
#include "files/export.hpp"
#include "files/format.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace
{

using namespace pgmigrate;

std::vector<files::File> directory_of(std::string_view input)
{
    std::vector<files::File> files;
    const auto next = [&input] {
        const std::size_t end = input.find('\0');
        const std::string part(input.substr(0, end));
        input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
        return part;
    };
    while (!input.empty()) {
        std::string path = next();
        files.push_back({std::move(path), next()});
    }
    return files;
}

void require(bool condition)
{
    if (!condition)
        std::abort();
}

void check_export(const files::SourceRevision &revision)
{
    files::ExportedRevision exported;
    exported.id = revision.id;
    exported.message = revision.message.value_or("");
    exported.down = {revision.down_revision.value_or("base")};
    exported.up = revision.up;
    exported.down_script = revision.down;
    if (revision.branch_label)
        exported.labels = {*revision.branch_label};
    const files::File file = files::export_revision(exported);
    require(file.path.find('/') == std::string::npos && file.path.size() <= 255 && !file.path.starts_with('.'));
    for (const bool standard_conforming_strings : {true, false}) {
        files::FakeSqlReader reader;
        reader.standard_conforming_strings = standard_conforming_strings;
        const std::vector<files::SourceRevision> again = files::load({file}, "pg_migrate", reader);
        require(again.size() == 1);
        require(again[0].id == exported.id && again[0].message == exported.message);
        require(again[0].up == exported.up && again[0].down == exported.down_script);
        require(again[0].down_revision == exported.down[0] && again[0].branch_label == revision.branch_label);
    }
}

void check(const std::vector<files::File> &directory, const std::optional<std::string> &format)
{
    std::vector<files::SourceRevision> revisions;
    try {
        files::FakeSqlReader reader;
        revisions = files::load(directory, format, reader);
    } catch (const core::Error &error) {
        require(error.sqlstate() == core::sqlstate::invalid_file || error.sqlstate() == core::sqlstate::unknown_format);
        return;
    }
    for (std::size_t i = 0; i < revisions.size(); ++i) {
        check_export(revisions[i]);
        // Other tools know nothing but lines.
        if (format && *format != "pg_migrate")
            require(revisions[i].down_revision == (i == 0 ? "base" : revisions[i - 1].id) && revisions[i].message);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    const std::vector<files::File> directory = directory_of({reinterpret_cast<const char *>(data), size});
    check(directory, std::nullopt);
    for (const files::Format &format : files::formats())
        check(directory, std::string(format.name));
    return 0;
}
