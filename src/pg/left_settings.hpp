// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pgmigrate::pg
{

// The settings that scripts leave to those behind them: a tool that runs its migrations in one session runs those with
// the settings, while here each revision begins with those of the caller.
class LeftSettings
{
  public:
    // `script` can be parsed. Nothing is known of what functions do, set_config() among them.
    void add(std::string_view source, const std::string &script);
    // A WARNING that names them all, if there are any.
    void warn() const;

  private:
    std::vector<std::string> found_;
};

} // namespace pgmigrate::pg
