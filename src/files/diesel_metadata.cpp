// SPDX-License-Identifier: PostgreSQL
// The only file that includes toml++, which is large and throws exceptions of its own.
#include "files/diesel_metadata.hpp"

#include "files/text.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pgmigrate::files
{

// Thrown where toml++ finds its own reasoning wrong.
struct TomlAssertion : std::logic_error {
    using std::logic_error::logic_error;
};

[[noreturn]] static void toml_assertion_failed(const char *assertion)
{
    throw TomlAssertion(assertion);
}

} // namespace pgmigrate::files

// toml++ 3.3 asserts things about malformed dates that do not hold. An assertion that ends the process would take the
// whole server down, and with NDEBUG it would become an assumption of the optimizer's: so neither.
#undef NDEBUG
#define TOML_ASSERT(expr) ((expr) ? void() : pgmigrate::files::toml_assertion_failed(#expr))
#include <toml++/toml.h>

namespace pgmigrate::files
{

namespace
{

std::string place(const toml::source_region &source)
{
    return "line " + std::to_string(source.begin.line) + ", column " + std::to_string(source.begin.column) + ": ";
}

// toml++ 3.3 runs into undefined behaviour at some letters outside ASCII. In a metadata.toml they can stand in comments
// only, where it does not matter what they are; anywhere else they are an error with and without this.
std::string in_ascii(std::string_view text)
{
    static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark))
        text.remove_prefix(byte_order_mark.size());
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return result;
}

toml::table parse(const File &file)
{
    try {
        return toml::parse(in_ascii(file.content()));
    } catch (const toml::parse_error &error) {
        throw invalid_file(file.path, place(error.source()) + std::string(error.description()));
    } catch (const TomlAssertion &) {
        throw invalid_file(file.path, "the file is not valid TOML");
    }
}

} // namespace

DieselMetadata read_diesel_metadata(const File &file)
{
    const toml::table table = parse(file);
    DieselMetadata metadata;
    for (const auto &[key, value] : table) {
        if (key.str() != "run_in_transaction")
            throw invalid_file(file.path, place(value.source()) + "key \"" + std::string(key.str()) + "\" is not known")
                .hint("The only key is run_in_transaction.");
        const toml::value<bool> *flag = value.as_boolean();
        if (flag == nullptr)
            throw invalid_file(file.path, place(value.source()) + "run_in_transaction must be true or false");
        metadata.run_in_transaction = flag->get();
    }
    return metadata;
}

} // namespace pgmigrate::files
