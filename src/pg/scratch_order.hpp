// SPDX-License-Identifier: PostgreSQL
#pragma once

// What the worker that loads a model is told, and its wire form.

#include <string>
#include <string_view>

#include "pg/model_text.hpp"

namespace pgmigrate::pg
{

struct ScratchOrder {
    std::string task;
    std::string payload;
    ModelText model;
};

std::string encode(const ScratchOrder &order);
// Of what encode() has made.
ScratchOrder decode_scratch_order(std::string_view wire);

} // namespace pgmigrate::pg
