// SPDX-License-Identifier: PostgreSQL
#include "files/flyway_settings.hpp"

#include "files/text.hpp"

#include <string>
#include <string_view>

namespace pgmigrate::files
{

namespace
{

class Reader
{
  public:
    explicit Reader(const File &file) : file_(file), lines_(file.content()) {}

    FlywaySettings read()
    {
        while (lines_.next()) {
            const std::string_view line = trimmed(lines_.line());
            if (line.empty() || line.starts_with('#'))
                continue;
            const std::size_t sign = line.find('=');
            if (sign == std::string_view::npos)
                throw at_line("this is not <key>=<value>");
            set(trimmed(line.substr(0, sign)), trimmed(line.substr(sign + 1)));
        }
        return settings_;
    }

  private:
    void set(std::string_view key, std::string_view value)
    {
        if (key == "executeInTransaction")
            settings_.execute_in_transaction = flag(key, value);
        else if (key == "placeholderReplacement")
            settings_.placeholder_replacement = flag(key, value);
        else if (key == "encoding")
            check_encoding(value);
        else if (key == "shouldExecute")
            throw at_line("shouldExecute cannot be loaded")
                .detail("It is decided each time that flyway runs.")
                .hint("Decide it: remove the line, or the script.");
        else
            throw at_line("key \"" + std::string(key) + "\" is not known")
                .hint("The keys are executeInTransaction, placeholderReplacement and encoding.");
    }

    bool flag(std::string_view key, std::string_view value) const
    {
        const std::string word = lower_case(value);
        if (word != "true" && word != "false")
            throw at_line(std::string(key) + " must be true or false");
        return word == "true";
    }

    void check_encoding(std::string_view value) const
    {
        const std::string name = lower_case(value);
        if (name != "utf-8" && name != "utf8" && name != "us-ascii" && name != "ascii")
            throw at_line("encoding \"" + std::string(value) + "\" cannot be loaded")
                .hint("Write the script in UTF-8.");
    }

    core::Error at_line(std::string_view what) const
    {
        return invalid_file(file_.path, "line " + std::to_string(lines_.number()) + ": " + std::string(what));
    }

    const File &file_;
    Lines lines_;
    FlywaySettings settings_;
};

} // namespace

FlywaySettings read_flyway_settings(const File &file)
{
    return Reader(file).read();
}

} // namespace pgmigrate::files
