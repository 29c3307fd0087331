// SPDX-License-Identifier: PostgreSQL
#pragma once

// Which revision a branch label is written in: the one that a dependency on the label means.
//
// Follows alembic/script/revision.py. RevisionMap._map_branch_labels() has a label stand for the revision that declares
// it. _add_branches(), and with it `alembic history`, shows the label also with the descendants of that revision, and
// with what is above it up to the first revision that has several successors (counting dependencies) or several
// parents. So the first revision that a label is shown with declares it, unless these are a single line.

#include "files/alembic_sections.hpp"

#include <map>
#include <string>
#include <vector>

namespace pgmigrate::files
{

struct LabelOwner {
    std::string revision;
    std::string also_possible;     // a dependency can mean this one as well; empty where it cannot
    std::string dependent;         // the revision with that dependency
    std::vector<std::string> line; // those that it can be written in, where nothing depends on it
};

// `ups` are in the order in which they are printed; `downs` are those of the same revisions.
std::map<std::string, LabelOwner, std::less<>>
find_label_owners(const History &history, const std::vector<Section> &ups,
                  const std::map<std::string, Section, std::less<>> &downs);

} // namespace pgmigrate::files
