#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

inline constexpr std::size_t json_depth_max = 32; // arrays and objects within each other, when read

/// A JSON value, to be written or as it was read; members keep the order in which they were set.
/// Never throws for what a string holds: bytes that are not UTF-8 become U+FFFD.
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

    /// Reads one value, which is all of the text (RFC 8259). Throws Error{data}, naming `what`.
    static Json parse(std::string_view text, const std::string& what);

    [[nodiscard]] bool is_null() const;
    [[nodiscard]] bool is_object() const;
    [[nodiscard]] bool is_array() const;

    // None when it is of another type.

    [[nodiscard]] std::optional<bool> boolean() const;
    [[nodiscard]] std::optional<std::string> text() const;

    /// A number of 64 bits without sign, or the decimal text that it becomes when it is large.
    [[nodiscard]] std::optional<std::uint64_t> number() const;

    /// Items of an array, members of an object; 0 for others.
    [[nodiscard]] std::size_t size() const;

    /// An item of an array. Needs index < size().
    [[nodiscard]] Json item(std::size_t index) const;

    /// A member of an object; null where there is none.
    [[nodiscard]] Json member(std::string_view key) const;

    /// The names of an object's members, in their order.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    struct Value;

    explicit Json(Value value);
    static Json natural(std::uint64_t value);
    static Json integer(std::int64_t value);

    std::unique_ptr<Value> value_;
};

} // namespace cairn
