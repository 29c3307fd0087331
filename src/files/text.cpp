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

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

std::string spaced(std::string_view text)
{
    std::string result(text);
    std::replace(result.begin(), result.end(), '_', ' ');
    return result;
}

bool Lines::next()
{
    if (next_ >= text_.size())
        return false;
    start_ = next_;
    const std::size_t feed = text_.find('\n', start_);
    next_ = feed == std::string_view::npos ? text_.size() : feed + 1;
    line_ = text_.substr(start_, (feed == std::string_view::npos ? text_.size() : feed) - start_);
    if (line_.ends_with('\r'))
        line_.remove_suffix(1);
    ++number_;
    return true;
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

bool has(std::span<const std::string> names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string list_of(std::span<const std::string_view> paths)
{
    static constexpr std::size_t shown = 20;
    std::string list;
    for (const std::string_view path : paths.first(std::min(paths.size(), shown)))
        list += (list.empty() ? "" : ", ") + std::string(path);
    if (paths.size() > shown)
        list += " and " + std::to_string(paths.size() - shown) + " more";
    return list;
}

core::Error cannot_be_loaded(std::string_view what, std::span<const std::string_view> paths)
{
    return invalid_file(paths.front(), std::string(what) + " cannot be loaded")
        .detail("Such files are: " + list_of(paths) + ".");
}

} // namespace pgmigrate::files
