// SPDX-License-Identifier: PostgreSQL
#include "files/text.hpp"

#include <algorithm>

namespace pgmigrate::files
{

std::string lower_case(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), to_lower);
    return result;
}

std::string_view base_name(std::string_view path)
{
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string_view directory_of(std::string_view path)
{
    const size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

core::Error invalid_file(std::string_view path, std::string_view what)
{
    return core::Error(core::sqlstate::invalid_file,
                       "migration file \"" + std::string(path) + "\": " + std::string(what));
}

} // namespace pgmigrate::files
