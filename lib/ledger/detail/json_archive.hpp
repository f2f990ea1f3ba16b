#pragma once

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "format/address.hpp"
#include "json/json.hpp"
#include "ledger/amount.hpp"
#include "ledger/ids.hpp"

#include <array>
#include <variant>

// Structures as JSON. A function that is given one of these archives and a structure, and names
// each of the structure's members, writes it with the one and reads it with the other.

namespace cairn::detail {

[[noreturn]] inline void fail_json(std::string_view name, const std::string& what)
{
    throw Error{Exit::data, "'" + std::string{name} + "' must be " + what};
}

/// Makes JSON of what is described.
class JsonOut {
public:
    void number(const char* name, std::uint64_t value, std::uint64_t, std::uint64_t)
    {
        json_.set(name, value);
    }
    void decimal(const char* name, std::uint64_t value, std::uint64_t)
    {
        json_.set(name, Json::decimal(value));
    }
    void boolean(const char* name, bool value) { json_.set(name, value); }
    void text(const char* name, const std::string& value) { json_.set(name, value); }
    template <class FixedBytes>
    void bytes(const char* name, const FixedBytes& value)
    {
        json_.set(name, to_hex_text(value.bytes));
    }
    template <class FixedBytes>
    void bytes_or_null(const char* name, const std::optional<FixedBytes>& value)
    {
        json_.set(name, value ? Json{to_hex_text(value->bytes)} : Json{});
    }
    void hex(const char* name, const Bytes& value, std::size_t)
    {
        json_.set(name, to_hex_text(value));
    }
    /// As many as there are.
    void hexes(const char* name, std::span<const Bytes> values, std::size_t)
    {
        Json list = Json::array();
        for (const Bytes& value : values) list.push(to_hex_text(value));
        json_.set(name, std::move(list));
    }
    void account(const char* name, const AccountId& value) { bytes(name, value); }
    void key(const char* name, const Ed25519PublicKey& value) { bytes(name, value); }
    void heights(const char* name, const std::vector<Height>& values, std::size_t)
    {
        Json list = Json::array();
        for (const Height height : values) list.push(height.value);
        json_.set(name, std::move(list));
    }
    void texts(const char* name, const std::vector<std::string>& values, std::size_t)
    {
        Json list = Json::array();
        for (const std::string& value : values) list.push(value);
        json_.set(name, std::move(list));
    }
    template <class Value, class Describe>
    void object(const char* name, Value& value, Describe describe)
    {
        JsonOut inner;
        describe(inner, value);
        json_.set(name, std::move(inner.json_));
    }
    /// One of several, which the name of the only member tells.
    template <class... Values, class Describe>
    void choice(const char* name, std::variant<Values...>& value,
                const std::array<const char*, sizeof...(Values)>& names, Describe describe)
    {
        JsonOut inner;
        std::visit([&](auto& chosen) { inner.object(names.at(value.index()), chosen, describe); },
                   value);
        json_.set(name, std::move(inner.json_));
    }
    template <class Value>
    void word(const char* name, Value value,
              std::initializer_list<std::pair<const char*, Value>> all)
    {
        for (const auto& [text, meaning] : all)
            if (meaning == value) json_.set(name, text);
    }
    template <class Value, class Describe>
    void list(const char* name, std::vector<Value>& values, std::size_t, Describe describe)
    {
        Json list = Json::array();
        for (Value& value : values) {
            JsonOut inner;
            describe(inner, value);
            list.push(std::move(inner.json_));
        }
        json_.set(name, std::move(list));
    }

    Json take() { return std::move(json_); }

private:
    Json json_ = Json::object();
};

/// Reads what is described from JSON, and nothing else.
class JsonIn {
public:
    JsonIn(Json json, const char* what) : json_{std::move(json)}, what_{what}
    {
        if (!json_.is_object()) fail_json(what, "an object");
    }

    template <std::unsigned_integral Number>
    void number(const char* name, Number& value, std::uint64_t min, std::uint64_t max)
    {
        const Json member = take(name);
        const auto number = member.text() ? std::nullopt : member.number();
        if (!number || *number < min || *number > max)
            fail_json(name, "a number from " + std::to_string(min) + " to " + std::to_string(max));
        value = static_cast<Number>(*number);
    }
    void decimal(const char* name, std::uint64_t& value, std::uint64_t max)
    {
        const auto text = take(name).text();
        const auto number = text ? parse_number(*text) : std::nullopt;
        if (!number || *number > max)
            fail_json(name, "a decimal number as text, at most " + std::to_string(max));
        value = *number;
    }
    void boolean(const char* name, bool& value)
    {
        const auto boolean = take(name).boolean();
        if (!boolean) fail_json(name, "true or false");
        value = *boolean;
    }
    void text(const char* name, std::string& value)
    {
        const auto text = take(name).text();
        if (!text) fail_json(name, "text");
        value = *text;
    }
    template <class FixedBytes>
    void bytes(const char* name, FixedBytes& value)
    {
        const auto text = take(name).text();
        const auto bytes = text ? parse_hex<FixedBytes>(*text) : std::nullopt;
        if (!bytes) fail_json(name, "hex digits of " + std::to_string(FixedBytes::size) + " bytes");
        value = *bytes;
    }
    /// Null is the same as nothing.
    template <class FixedBytes>
    void bytes_or_null(const char* name, std::optional<FixedBytes>& value)
    {
        value.reset();
        if (json_.member(name).is_null())
            taken_ += has(name) ? 1 : 0;
        else
            bytes(name, value.emplace());
    }
    /// At most `size_max`; none where it is not there.
    void hex(const char* name, Bytes& value, std::size_t size_max)
    {
        value.clear();
        if (has(name)) value = hex_of(take(name), name, size_max);
    }
    void hexes(const char* name, std::span<Bytes> values, std::size_t size_max)
    {
        const Json list = take(name);
        if (!list.is_array() || list.size() != values.size())
            fail_json(name, "a list of " + std::to_string(values.size()));
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = hex_of(list.item(i), name, size_max);
    }
    /// Its id, or the address of the key that it is named after.
    void account(const char* name, AccountId& value)
    {
        const std::string text = take(name).text().value_or("");
        const auto id = parse_hex<AccountId>(text);
        const auto address = parse_address(text);
        if (!id && !address) fail_json(name, "hex digits of 32 bytes or an address");
        value = id ? *id : account_id(address->key);
    }
    /// The key or its address.
    void key(const char* name, Ed25519PublicKey& value)
    {
        const std::string text = take(name).text().value_or("");
        const auto key = parse_hex<Ed25519PublicKey>(text);
        const auto address = parse_address(text);
        if (!key && !address) fail_json(name, "hex digits of 32 bytes or an address");
        value = key ? *key : address->key;
    }
    void heights(const char* name, std::vector<Height>& values, std::size_t max)
    {
        const Json list = take_list(name, max);
        values.resize(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto height = list.item(i).number();
            if (!height || *height > UINT32_MAX) fail_json(name, "a list of heights");
            values[i].value = static_cast<std::uint32_t>(*height);
        }
    }
    void texts(const char* name, std::vector<std::string>& values, std::size_t max)
    {
        const Json list = take_list(name, max);
        values.resize(list.size());
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto text = list.item(i).text();
            if (!text) fail_json(name, "a list of texts");
            values[i] = *text;
        }
    }
    template <class Value, class Describe>
    void object(const char* name, Value& value, Describe describe)
    {
        JsonIn inner{take(name), name};
        describe(inner, value);
        inner.finish();
    }
    template <class... Values, class Describe>
    void choice(const char* name, std::variant<Values...>& value,
                const std::array<const char*, sizeof...(Values)>& names, Describe describe)
    {
        JsonIn inner{take(name), name};
        std::size_t number = 0;
        const auto try_one = [&](auto chosen) {
            const char* const chosen_name = names.at(number++);
            if (inner.json_.member(chosen_name).is_null()) return;
            inner.object(chosen_name, chosen, describe);
            value = std::move(chosen);
        };
        (try_one(Values{}), ...);
        if (inner.taken_ != 1) fail_json(name, "an object of one member that is known");
        inner.finish();
    }
    template <class Value>
    void word(const char* name, Value& value,
              std::initializer_list<std::pair<const char*, Value>> all)
    {
        const auto text = take(name).text();
        for (const auto& [word, meaning] : all) {
            if (text != word) continue;
            value = meaning;
            return;
        }
        fail_json(name, "one of the words that it may be");
    }
    template <class Value, class Describe>
    void list(const char* name, std::vector<Value>& values, std::size_t max, Describe describe)
    {
        const Json list = take_list(name, max);
        values.clear();
        for (std::size_t i = 0; i < list.size(); ++i) {
            JsonIn inner{list.item(i), name};
            describe(inner, values.emplace_back());
            inner.finish();
        }
    }

    [[nodiscard]] bool has(std::string_view name) const
    {
        const std::vector<std::string> names = json_.names();
        return std::ranges::find(names, name) != names.end();
    }

    /// A member, as it is.
    Json member(const char* name) { return take(name); }

    /// Throws when there was more than was asked for.
    void finish() const
    {
        if (json_.size() != taken_)
            throw Error{Exit::data, "'" + std::string{what_} + "' has a member that is not known"};
    }

private:
    Json take(const char* name)
    {
        Json member = json_.member(name);
        if (member.is_null()) fail_json(name, "there");
        ++taken_;
        return member;
    }

    Json take_list(const char* name, std::size_t max)
    {
        Json list = take(name);
        if (!list.is_array() || list.size() > max)
            fail_json(name, "a list of at most " + std::to_string(max));
        return list;
    }

    static Bytes hex_of(const Json& json, const char* name, std::size_t size_max)
    {
        const std::string text = json.text().value_or("-");
        Bytes bytes(text.size() / 2);
        if (text.size() != 2 * bytes.size() || bytes.size() > size_max ||
            !from_hex(as_bytes(text), bytes))
            fail_json(name, "hex digits of at most " + std::to_string(size_max) + " bytes");
        return bytes;
    }

    Json json_;
    const char* what_;
    std::size_t taken_ = 0;
};

} // namespace cairn::detail
