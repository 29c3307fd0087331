// SPDX-License-Identifier: PostgreSQL
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/boundary.hpp"

extern "C" {
#include "utils/guc.h"
#include "utils/guc_tables.h"
}

namespace pgmigrate::pg
{

// What a printed script needs so that the settings of a step end with it, as they do in a run: the settings of the
// session are remembered before the step and put back after it. They are remembered in the memory of the process,
// which no RESET ALL or DISCARD ALL of the script reaches. The caller has connected to SPI.
//
// `step` names the step of a printed script: these are forgotten when its transaction fails. Without one they last
// until they are put back, or the process ends.

void remember_settings(const std::string &step = {});
// Puts back what differs from what was remembered for this step; what was remembered for another one is forgotten. A
// setting that cannot be changed any more (temp_buffers once there are temporary tables) is left with a WARNING; so is
// one that the caller may not change. In a worker that is what those could not change who had set it before.
enum class Rights { callers, those_of_before };
void restore_settings(const std::string &step = {}, Rights rights = Rights::callers);

// Sets a setting that any user can set, for the session, until the scope ends; in or outside of a transaction.
class SessionSetting
{
  public:
    SessionSetting(const char *name, const std::string &value);
    SessionSetting(const SessionSetting &) = delete;
    SessionSetting &operator=(const SessionSetting &) = delete;
    ~SessionSetting();

  private:
    const char *name_;
    config_generic &setting_;
    std::string before_;
    GucSource source_;
};

// What a run puts into force for its scripts beside the settings of its caller.
struct RunSettings {
    std::optional<std::string> schema; // first in search_path
    int lock_timeout = 0;              // in milliseconds; 0: that of the caller
};
void put_in_force(const RunSettings &settings);
// Again, where RESET or DISCARD ALL has taken it away; what a script has set itself stays.
void keep_in_force(const RunSettings &settings);

struct TemporaryObject {
    Oid catalogue;
    Oid object;
    std::string name;

    bool operator==(const TemporaryObject &other) const
    {
        return catalogue == other.catalogue && object == other.object;
    }
};
// Those that the session has.
std::vector<TemporaryObject> temporary_objects();

// Sets a setting of the session, as SET does.
void set_for_session(const std::string &name, const std::string &value);
// As RESET does, whoever may.
void reset_for_session(const std::string &name);
void reset_all_for_session(std::string_view but);

} // namespace pgmigrate::pg
