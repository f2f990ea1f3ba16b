#include "mining/round.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"

#include <algorithm>

namespace cairn {
namespace {

[[noreturn]] void fail(std::string_view name, const char* what)
{
    throw Error{Exit::data, "'" + std::string{name} + "' must be " + what};
}

std::optional<std::uint64_t> number_in(const Json& json, std::string_view name)
{
    const Json member = json.member(name);
    if (member.is_null()) return std::nullopt;
    const auto number = member.number();
    if (!number) fail(name, "a number, or one as text");
    return number;
}

std::uint64_t needed_number(const Json& json, std::string_view name, std::uint64_t max = UINT64_MAX)
{
    const auto number = number_in(json, name);
    if (!number) fail(name, "there");
    if (*number > max)
        throw Error{Exit::data, "'" + std::string{name} + "' is at most " + std::to_string(max)};
    return *number;
}

template <class FixedBytes>
FixedBytes needed_bytes(const Json& json, std::string_view name)
{
    const auto text = json.member(name).text();
    const auto bytes = text ? parse_hex<FixedBytes>(*text) : std::nullopt;
    if (!bytes) fail(name, "hex digits of 32 bytes");
    return *bytes;
}

Json where_to_json(const Claim& claim)
{
    if (const auto* const where = std::get_if<NonceClaim>(&claim.where))
        return Json::object()
            .set("form", "poc2")
            .set("account", Json::decimal(where->account.value))
            .set("nonce", Json::decimal(where->nonce.value));
    const auto& where = std::get<WarpClaim>(claim.where);
    return Json::object()
        .set("form", "x1")
        .set("chain", to_hex_text(where.owner.chain))
        .set("account", to_hex_text(where.owner.account))
        .set("salt", where.owner.salt)
        .set("scale", where.scale)
        .set("nonce", Json::decimal(where.warp * scoops + where.place));
}

std::variant<NonceClaim, WarpClaim> parse_where(const Json& json)
{
    const auto form = json.member("form").text();
    const std::uint64_t nonce = needed_number(json, "nonce");
    if (form == "poc2") return NonceClaim{{needed_number(json, "account")}, {nonce}};
    if (form != "x1") fail("form", "poc2 or x1");
    using Id = Fixed<struct IdTag, 32>;
    WarpClaim where;
    where.owner = {.chain = needed_bytes<Id>(json, "chain").bytes,
                   .account = needed_bytes<Id>(json, "account").bytes,
                   .salt = static_cast<std::uint32_t>(needed_number(json, "salt", UINT32_MAX))};
    where.scale = static_cast<unsigned>(needed_number(json, "scale", scale_max));
    where.warp = nonce / scoops;
    where.place = static_cast<std::uint16_t>(nonce % scoops);
    if (where.warp > warp_number_max + warps_max)
        throw Error{Exit::data, "'nonce' is in no warp that there may be"};
    return where;
}

} // namespace

Round round_of(const Announcement& announcement)
{
    const Challenge& challenge = announcement.challenge;
    return {challenge,
            announcement.height ? scoop_of(challenge, *announcement.height) : scoop_of(challenge)};
}

Announcement parse_announcement(const Json& json)
{
    if (!json.is_object()) throw Error{Exit::data, "a round is an object"};
    const bool is_family = !json.member("generation_signature").is_null();
    if (is_family == !json.member("challenge").is_null())
        throw Error{Exit::data, "a round has a 'challenge' or a 'generation_signature'"};
    Announcement announcement;
    announcement.challenge =
        needed_bytes<Challenge>(json, is_family ? "generation_signature" : "challenge");
    if (is_family) announcement.height = needed_number(json, "height");
    announcement.target = {needed_number(json, "base_target")};
    if (announcement.target.value == 0) fail("base_target", "more than 0");
    announcement.deadline_max = number_in(json, "deadline_max");
    announcement.window_ms = number_in(json, "window_ms");
    return announcement;
}

Json to_json(const Announcement& announcement)
{
    Json json = Json::object();
    const std::string challenge = to_hex_text(announcement.challenge.bytes);
    if (announcement.height)
        json.set("generation_signature", challenge)
            .set("height", Json::decimal(*announcement.height));
    else
        json.set("challenge", challenge);
    json.set("base_target", Json::decimal(announcement.target.value));
    if (announcement.deadline_max)
        json.set("deadline_max", Json::decimal(*announcement.deadline_max));
    if (announcement.window_ms) json.set("window_ms", *announcement.window_ms);
    return json;
}

Answer parse_answer(const Json& json)
{
    Answer answer;
    answer.announcement = parse_announcement(json);
    const Round round = round_of(answer.announcement);
    answer.claim = {parse_where(json), round.challenge, round.scoop};
    const auto scoop = number_in(json, "scoop");
    if (scoop && *scoop != round.scoop.value)
        throw Error{Exit::data, "the round asks for scoop " + std::to_string(round.scoop.value) +
                                    ", not " + std::to_string(*scoop)};
    if (const auto hit = number_in(json, "hit")) answer.hit = Hit{*hit};
    answer.deadline = number_in(json, "deadline");
    if (!answer.hit && !answer.deadline) fail("deadline", "there, or 'hit'");
    return answer;
}

Json to_json(const Answer& answer)
{
    Json json = where_to_json(answer.claim);
    json.merge(to_json(answer.announcement)).set("scoop", answer.claim.scoop.value);
    if (answer.hit) json.set("hit", Json::decimal(answer.hit->value));
    if (answer.deadline) json.set("deadline", Json::decimal(*answer.deadline));
    return json;
}

std::string fault_of(const Answer& answer, Hit truth)
{
    const std::uint64_t deadline = deadline_of(truth, answer.announcement.target);
    if (answer.hit && *answer.hit != truth)
        return "the hit is " + std::to_string(truth.value) + ", not " +
               std::to_string(answer.hit->value);
    if (answer.deadline && *answer.deadline != deadline)
        return "the deadline is " + std::to_string(deadline) + " s, not " +
               std::to_string(*answer.deadline) + " s";
    return {};
}

} // namespace cairn
