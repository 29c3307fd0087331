// SPDX-License-Identifier: PostgreSQL
// What nearly all files include, read once: it is most of what compiling one takes. Nothing may rely on it.

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>
