#include "json/json.hpp"

#include "base/error.hpp"
#include "base/number.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

namespace cairn {

using nlohmann::ordered_json;

struct Json::Value { // NOLINT(bugprone-exception-escape): moving ordered_json throws nothing
    ordered_json json;
};

namespace {

// From here on a double, which is what most readers make of a number, skips integers.
constexpr std::uint64_t number_end = std::uint64_t{1} << 53U;

std::string dump_with(const ordered_json& json, int indent)
{
    return json.dump(indent, ' ', false, ordered_json::error_handler_t::replace);
}

void append_text(std::string& text, const ordered_json& json, std::size_t depth)
{
    const std::string indent(2 * depth, ' ');
    for (const auto& [name, value] : json.items()) {
        text += indent;
        text += json.is_array() ? "-" : name;
        if (!json.is_array()) text += ':';
        if (value.is_structured()) {
            text += '\n';
            append_text(text, value, depth + 1);
        } else {
            const std::string word =
                value.is_string() ? escape(value.get<std::string>()) : dump_with(value, -1);
            text += ' ' + word + '\n';
        }
    }
}

/// How deeply arrays and objects nest in a text, which need not be JSON.
std::size_t depth_of(std::string_view text)
{
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool is_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_string && c == '\\')
            ++i;
        else if (c == '"')
            is_string = !is_string;
        else if (!is_string && (c == '[' || c == '{'))
            deepest = std::max(deepest, ++depth);
        else if (!is_string && (c == ']' || c == '}') && depth > 0)
            --depth;
    }
    return deepest;
}

} // namespace

Json::Json() : value_{std::make_unique<Value>()} {}

Json::Json(Value value) : value_{std::make_unique<Value>(std::move(value))} {}

Json::Json(bool value) : Json{Value{ordered_json(value)}} {}

Json::Json(double value) : Json{Value{std::isfinite(value) ? ordered_json(value) : ordered_json()}}
{
}

Json::Json(const char* value) : Json{std::string_view{value}} {}

Json::Json(std::string_view value) : Json{Value{ordered_json(std::string{value})}} {}

Json::Json(const std::string& value) : Json{Value{ordered_json(value)}} {}

Json::Json(const Json& other) : Json{Value{*other.value_}} {}

Json::Json(Json&& other) noexcept = default;

Json& Json::operator=(const Json& other)
{
    *this = Json{other};
    return *this;
}

Json& Json::operator=(Json&& other) noexcept = default;

Json::~Json() = default;

Json Json::object()
{
    return Json{Value{ordered_json::object()}};
}

Json Json::array()
{
    return Json{Value{ordered_json::array()}};
}

Json Json::decimal(std::uint64_t value)
{
    return Json{std::to_string(value)};
}

Json Json::natural(std::uint64_t value)
{
    if (value >= number_end) return decimal(value);
    return Json{Value{ordered_json(value)}};
}

Json Json::integer(std::int64_t value)
{
    if (value >= 0) return natural(static_cast<std::uint64_t>(value));
    if (value <= -static_cast<std::int64_t>(number_end)) return Json{std::to_string(value)};
    return Json{Value{ordered_json(value)}};
}

Json& Json::set(std::string_view key, Json value)
{
    assert(value_->json.is_object());
    value_->json[std::string{key}] = std::move(value.value_->json);
    return *this;
}

Json& Json::merge(const Json& other)
{
    assert(value_->json.is_object() && other.value_->json.is_object());
    value_->json.update(other.value_->json);
    return *this;
}

Json& Json::push(Json value)
{
    assert(value_->json.is_array());
    value_->json.push_back(std::move(value.value_->json));
    return *this;
}

std::string Json::dump() const
{
    return dump_with(value_->json, -1);
}

std::string Json::to_text() const
{
    std::string text;
    append_text(text, value_->json, 0);
    return text;
}

std::string Json::dump(unsigned indent) const
{
    return dump_with(value_->json, static_cast<int>(indent));
}

Json Json::parse(std::string_view text, const std::string& what)
{
    if (depth_of(text) > json_depth_max) throw Error{Exit::data, what + " is nested too deeply"};
    auto json = ordered_json::parse(text.begin(), text.end(), nullptr, false);
    if (json.is_discarded()) throw Error{Exit::data, what + " is no JSON"};
    return Json{Value{std::move(json)}};
}

bool Json::is_null() const
{
    return value_->json.is_null();
}

bool Json::is_object() const
{
    return value_->json.is_object();
}

bool Json::is_array() const
{
    return value_->json.is_array();
}

std::optional<bool> Json::boolean() const
{
    if (!value_->json.is_boolean()) return std::nullopt;
    return value_->json.get<bool>();
}

std::optional<std::string> Json::text() const
{
    if (!value_->json.is_string()) return std::nullopt;
    return value_->json.get<std::string>();
}

std::optional<std::uint64_t> Json::number() const
{
    if (value_->json.is_number_unsigned()) return value_->json.get<std::uint64_t>();
    if (value_->json.is_string()) return parse_number(value_->json.get<std::string>());
    return std::nullopt;
}

std::size_t Json::size() const
{
    return value_->json.is_structured() ? value_->json.size() : 0;
}

Json Json::item(std::size_t index) const
{
    assert(is_array() && index < size());
    return Json{Value{value_->json[index]}};
}

Json Json::member(std::string_view key) const
{
    if (!is_object()) return {};
    const auto found = value_->json.find(std::string{key});
    return found == value_->json.end() ? Json{} : Json{Value{*found}};
}

std::vector<std::string> Json::names() const
{
    std::vector<std::string> names;
    if (!is_object()) return names;
    for (const auto& [name, value] : value_->json.items()) names.push_back(name);
    return names;
}

} // namespace cairn
