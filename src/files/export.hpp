// SPDX-License-Identifier: PostgreSQL
#pragma once

#include "files/format.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::files
{

// A revision as it is registered; nullopt is SQL NULL.
struct ExportedRevision {
    std::string id;
    std::string message;
    std::vector<std::string> down; // as declared; empty for a root
    std::vector<std::string> depends_on;
    std::vector<std::string> labels; // its own, not the inherited ones
    std::optional<std::string> up;
    std::optional<std::string> down_script;
};

// A file of one statement that registers the same revision again, whatever the setting of standard_conforming_strings
// and in whatever order files are run. `function` is written as it is: migrate_revision, or quoted and qualified.
File export_revision(const ExportedRevision &revision, std::string_view function = "migrate_revision");

// The same for many, with file names that differ also where case does not count.
std::vector<File> export_revisions(std::span<const ExportedRevision> revisions,
                                   std::string_view function = "migrate_revision");

// `<id>_<slug>.sql`, in ASCII and without a path separator. Bytes of the id that a file name should not have are
// written %XX; an id of more than 50 bytes is cut.
std::string file_name(std::string_view id, std::string_view message);

// Alembic's slug: the words of the message (runs of letters, digits and '_') in lower case, joined by '_', and cut to
// 40 characters at a '_', which then ends it. Letters outside ASCII are left out, as the database's encoding is not
// known here.
std::string slug(std::string_view message);

// A literal that means `text` whatever standard_conforming_strings is.
std::string quote_literal(std::string_view text);

// `text` between $tag$ and $tag$, where tag is `tag` or `tag` with a number, such that the first closing tag is the
// last.
std::string dollar_quote(std::string_view text, std::string_view tag);

} // namespace pgmigrate::files
