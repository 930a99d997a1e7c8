#pragma once

#include <string>

#include "cochlea/training_program.h"

namespace cochlea::train {

/// Throws ERR_SHAPE: `<name> must be <expected>, got <got>`.
void require(bool holds, const std::string& name, const std::string& expected, const std::string& got);

/// Indices inside their tables, values before they are read, terms that have a gradient. Throws ERR_SHAPE,
/// ERR_OPTION.
void check_program(const ProgramSpec& spec);

}  // namespace cochlea::train
