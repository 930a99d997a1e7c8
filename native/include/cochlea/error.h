#pragma once

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace cochlea {

/// The one exception this library throws. `code` is a row of the table in src/errors.ts.
class Error : public std::exception {
 public:
  /// Numbers that help a program, e.g. {{"byteOffset", 44.0}}.
  using Details = std::vector<std::pair<std::string, double>>;

  Error(std::string code, std::string message, Details details = {})
      : code_(std::move(code)), message_(std::move(message)), details_(std::move(details)) {}

  const char* what() const noexcept override { return message_.c_str(); }
  const std::string& code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  const Details& details() const noexcept { return details_; }

 private:
  std::string code_;
  std::string message_;
  Details details_;
};

/// Formats the project's message formula: `<name> must be <expected>, got <value>`.
inline std::string must_be(const std::string& name, const std::string& expected, const std::string& got) {
  return name + " must be " + expected + ", got " + got;
}

}  // namespace cochlea
