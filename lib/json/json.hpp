#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace cairn {

/// A JSON value to be written; members keep the order in which they were set. Never throws for
/// what a string holds: bytes that are not UTF-8 become U+FFFD.
///
///     Json::object().set("file", name).set("size_bytes", size).set("nonce", Json::decimal(nonce))
class Json {
public:
    Json(); ///< null
    static Json object();
    static Json array();

    /// An amount or an id of 64 bits: always text, because readers round large numbers.
    static Json decimal(std::uint64_t value);

    // Values convert, so that set() and push() take them. Numbers of 2^53 and more become text.
    // NOLINTBEGIN(google-explicit-constructor)
    Json(bool value);
    Json(std::unsigned_integral auto value) : Json{natural(value)} {}
    Json(std::signed_integral auto value) : Json{integer(value)} {}
    Json(double value); ///< null unless it is finite
    Json(const char* value);
    Json(std::string_view value);
    Json(const std::string& value);
    // NOLINTEND(google-explicit-constructor)
    Json(const void*) = delete; // else a pointer would be true

    Json(const Json& other);
    Json(Json&& other) noexcept;
    Json& operator=(const Json& other);
    Json& operator=(Json&& other) noexcept;
    ~Json();

    /// Sets a member of an object; returns this object.
    Json& set(std::string_view key, Json value);

    /// Sets all members of the object `other`; returns this object.
    Json& merge(const Json& other);

    /// Appends to an array; returns this array.
    Json& push(Json value);

    /// One line, without an end.
    [[nodiscard]] std::string dump() const;

    /// Several lines, for people.
    [[nodiscard]] std::string dump(unsigned indent) const;

    /// Lines "name: value" for people, members of members indented; strings are escaped.
    [[nodiscard]] std::string to_text() const;

private:
    struct Value;

    explicit Json(Value value);
    static Json natural(std::uint64_t value);
    static Json integer(std::int64_t value);

    std::unique_ptr<Value> value_;
};

} // namespace cairn
