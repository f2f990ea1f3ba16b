#pragma once

#include "base/error.hpp"
#include "base/hex.hpp"
#include "json/json.hpp"

#include <optional>
#include <set>
#include <string>

namespace cairn {

/// The members of a request in JSON. Throws Error{data} for what is missing, of another type or
/// unknown.
class Fields {
public:
    explicit Fields(const Json& json) : json_{&json}
    {
        if (!json.is_object()) throw Error{Exit::data, "the request is no JSON object"};
    }

    std::optional<std::uint64_t> number(const std::string& name)
    {
        return optional(name, "a number", &Json::number);
    }
    std::optional<bool> boolean(const std::string& name)
    {
        return optional(name, "true or false", &Json::boolean);
    }
    std::optional<std::string> text(const std::string& name)
    {
        return optional(name, "a text", &Json::text);
    }

    /// 64 hex digits.
    template <class FixedBytes>
    FixedBytes id(const std::string& name)
    {
        return to_id<FixedBytes>(name, text(name));
    }

    /// A list of such texts.
    template <class FixedBytes>
    std::vector<FixedBytes> ids(const std::string& name)
    {
        std::vector<FixedBytes> ids;
        const Json values = list(name);
        for (std::size_t i = 0; i < values.size(); ++i)
            ids.push_back(to_id<FixedBytes>(name, values.item(i).text()));
        return ids;
    }

    Json list(const std::string& name)
    {
        known_.insert(name);
        Json values = json_->member(name);
        if (!values.is_array()) throw Error{Exit::data, "'" + name + "' is not a list"};
        return values;
    }

    [[nodiscard]] bool has(const std::string& name) const { return !json_->member(name).is_null(); }

    /// Call it last.
    void finish() const
    {
        for (const std::string& name : json_->names())
            if (!known_.contains(name)) throw Error{Exit::data, "unknown member '" + name + "'"};
    }

private:
    template <class Value>
    std::optional<Value> optional(const std::string& name, const std::string& kind,
                                  std::optional<Value> (Json::*read)() const)
    {
        known_.insert(name);
        const Json member = json_->member(name);
        if (member.is_null()) return std::nullopt;
        auto value = (member.*read)();
        if (!value) throw Error{Exit::data, "'" + name + "' is not " + kind};
        return value;
    }

    template <class FixedBytes>
    static FixedBytes to_id(const std::string& name, const std::optional<std::string>& text)
    {
        const auto id = text ? parse_hex<FixedBytes>(*text) : std::nullopt;
        if (!id) throw Error{Exit::data, "'" + name + "' is not 64 lower-case hex digits"};
        return *id;
    }

    const Json* json_; // lives as long as the request
    std::set<std::string> known_;
};

} // namespace cairn
