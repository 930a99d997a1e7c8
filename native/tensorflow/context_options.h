/// Compiled into tfjs-node's binding before its own sources (`-include`): the binding asks for plain context
/// options, which leave no say over the GPU's memory. With this, TensorFlow starts with the ConfigProto
/// (tensorflow/core/protobuf/config.proto) whose bytes the environment holds as hexadecimal digits, and takes
/// them out of it: a sign that they were read, which a binding built without this does not give.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tensorflow/c/eager/c_api.h"

inline constexpr char kConfigVariable[] = "TFJS_NODE_CONFIG_PROTO";

inline TFE_ContextOptions* ConfiguredContextOptions() {
  TFE_ContextOptions* options = TFE_NewContextOptions();
  const char* variable = std::getenv(kConfigVariable);
  const std::string digits = variable == nullptr ? "" : variable;
  std::string proto;
  for (size_t at = 0; at + 1 < digits.size(); at += 2)
    proto.push_back(static_cast<char>(std::stoi(digits.substr(at, 2), nullptr, 16)));
  TF_Status* status = TF_NewStatus();
  if (!proto.empty()) TFE_ContextOptionsSetConfig(options, proto.data(), proto.size(), status);
  if (TF_GetCode(status) != TF_OK) {
    // Only cochlea writes the variable, and nobody up the call looks at a status.
    std::fprintf(stderr, "%s: %s\n", kConfigVariable, TF_Message(status));
    std::abort();
  }
  unsetenv(kConfigVariable);
  TF_DeleteStatus(status);
  return options;
}

#define TFE_NewContextOptions ConfiguredContextOptions
