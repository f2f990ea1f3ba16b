#include "mining/round.hpp"

#include "base/testing.hpp"
#include "format/address.hpp"
#include "format/message.hpp"
#include "mining/batch.hpp"
#include "mining/owner.hpp"
#include "mining/round_queue.hpp"

#include <algorithm>
#include <thread>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const std::string hex_a(64, 'a');
const std::string hex_b(64, 'b');

std::string quoted(const std::string& text)
{
    return '"' + text + '"';
}

Exit status_of_round(const std::string& text)
{
    return exit_of([&] { std::ignore = parse_announcement(Json::parse(text, "a round")); });
}

Exit status_of_answer(const std::string& text)
{
    return exit_of([&] { std::ignore = parse_answer(Json::parse(text, "an answer")); });
}

Answer nonce_answer()
{
    Answer answer;
    answer.announcement = {.challenge = {},
                           .height = 9,
                           .target = {70'312},
                           .deadline_max = 1'000'000,
                           .window_ms = 5'000};
    std::ranges::fill(answer.announcement.challenge.bytes, std::byte{0x41});
    const Round round = round_of(answer.announcement);
    answer.claim = {NonceClaim{{UINT64_MAX}, {UINT64_MAX - 1}}, round.challenge, round.scoop};
    answer.hit = Hit{UINT64_MAX - 2};
    answer.deadline = 1;
    return answer;
}

Answer warp_answer()
{
    Answer answer = nonce_answer();
    answer.announcement.height.reset();
    const Round round = round_of(answer.announcement);
    WarpClaim where;
    where.owner.chain[0] = std::byte{1};
    where.owner.account[31] = std::byte{2};
    where.owner.salt = UINT32_MAX;
    where.scale = 8;
    where.warp = std::uint64_t{1} << 40U;
    where.place = 4095;
    answer.claim = {where, round.challenge, round.scoop};
    return answer;
}

} // namespace

TEST_CASE("rounds are read as they are written")
{
    const std::string ours =
        R"({"challenge":)" + quoted(hex_a) + R"(,"base_target":"70312","window_ms":20000})";
    const Announcement round = parse_announcement(Json::parse(ours, "a round"));
    CHECK_FALSE(round.height);
    CHECK(round.target.value == 70'312);
    CHECK(round.window_ms == 20'000);
    CHECK(round_of(round).scoop.value == 0xaaa);
    CHECK(to_json(round).dump() == ours);
    const std::string family = R"({"generation_signature":)" + quoted(hex_b) +
                               R"(,"height":"18446744073709551615","base_target":"1"})";
    CHECK(to_json(parse_announcement(Json::parse(family, "a round"))).dump() == family);
    CHECK(status_of_round(R"({"x":[1],"challenge":)" + quoted(hex_a) + R"(,"base_target":7})") ==
          Exit::ok);
}

TEST_CASE("what is no round is refused")
{
    const std::string challenge = R"("challenge":)" + quoted(hex_a);
    const std::string signature = R"("generation_signature":)" + quoted(hex_b);
    for (const std::string& members :
         {std::string{}, R"("base_target":"7")" + std::string{}, challenge,
          challenge + R"(,"base_target":0)", challenge + R"(,"base_target":"0x7")",
          challenge + R"(,"base_target":-7)", challenge + R"(,"base_target":7.5)",
          challenge + R"(,"base_target":18446744073709551616)",
          challenge + R"(,"base_target":7,"window_ms":true)",
          challenge + R"(,"base_target":7,"deadline_max":"x")",
          challenge + "," + signature + R"(,"height":1,"base_target":7)",
          signature + R"(,"base_target":7)", signature + R"(,"height":"","base_target":7)",
          R"("challenge":"A","base_target":7)" + std::string{},
          R"("challenge":7,"base_target":7)" + std::string{},
          R"("challenge":)" + quoted(std::string(64, 'A')) + R"(,"base_target":7)"}) {
        CAPTURE(members);
        CHECK(status_of_round("{" + members + "}") == Exit::data);
    }
    CHECK(status_of_round("[]") == Exit::data);
    CHECK(status_of_round("7") == Exit::data);
}

TEST_CASE("answers are read as they are written, and each change shows")
{
    for (const Answer& answer : {nonce_answer(), warp_answer()}) {
        const std::string text = to_json(answer).dump();
        CAPTURE(text);
        const Answer read = parse_answer(Json::parse(text, "an answer"));
        CHECK(to_json(read).dump() == text);
        CHECK(read.hit == answer.hit);
        CHECK(fault_of(read, *answer.hit).empty() ==
              (*answer.deadline == deadline_of(*answer.hit, answer.announcement.target)));
        CHECK_FALSE(fault_of(read, Hit{5}).empty());
        // Without a member it is another answer, or none.
        for (const std::string& name : Json::parse(text, "an answer").names()) {
            Json less = Json::object();
            const Json all = Json::parse(text, "an answer");
            for (const std::string& other : all.names())
                if (other != name) less.set(other, all.member(other));
            const bool is_optional = name == "scoop" || name == "hit" || name == "deadline" ||
                                     name == "window_ms" || name == "deadline_max";
            CAPTURE(name);
            CHECK(status_of_answer(less.dump()) == (is_optional ? Exit::ok : Exit::data));
        }
    }
}

TEST_CASE("answers about what there cannot be are refused")
{
    const auto changed = [](const Answer& answer, const char* name, const Json& value) {
        return status_of_answer(to_json(answer).set(name, value).dump());
    };
    CHECK(changed(warp_answer(), "scale", 9) == Exit::data);
    CHECK(changed(warp_answer(), "salt", "4294967296") == Exit::data);
    CHECK(changed(warp_answer(), "nonce", "18446744073709551615") == Exit::data);
    CHECK(changed(warp_answer(), "chain", "00") == Exit::data);
    CHECK(changed(warp_answer(), "form", "poc1") == Exit::data);
    CHECK(changed(nonce_answer(), "scoop", 1) == Exit::data);
    CHECK(changed(nonce_answer(), "account", "-1") == Exit::data);
    CHECK(changed(nonce_answer(), "form", Json{}) == Exit::data);
}

TEST_CASE("many claims by several threads are worth what each is alone")
{
    std::vector<Claim> claims;
    for (std::uint64_t i = 0; i < 5; ++i) {
        claims.push_back(nonce_answer().claim);
        std::get<NonceClaim>(claims.back().where).nonce = {i};
        claims.push_back(warp_answer().claim);
        auto& where = std::get<WarpClaim>(claims.back().where);
        where.scale = static_cast<unsigned>(i % 3);
        where.warp = i;
    }
    const std::vector<Hit> together = hits_in_parallel(claims, 3);
    CHECK(together == hits_of(claims));
    CHECK(hits_in_parallel({}, 2).empty());
}

TEST_CASE("accounts and chains have several names")
{
    CHECK(parse_numeric_account("18446744073709551615", {}).value == UINT64_MAX);
    CHECK(exit_of([] { std::ignore = parse_numeric_account("-1", {}); }) == Exit::usage);
    CHECK(exit_of([] { std::ignore = parse_numeric_account(hex_a, {}); }) == Exit::usage);
    CHECK(exit_of([] { std::ignore = parse_numeric_account("7", hex_b); }) == Exit::usage);
    CHECK(parse_numeric_account(hex_a, hex_b) ==
          numeric_account({parse_chain_id(hex_b), parse_account_id(hex_a), 0}));
    CHECK(exit_of([] { std::ignore = parse_chain_id("dev"); }) == Exit::usage);
    CHECK(exit_of([] { std::ignore = parse_account_id("me"); }) == Exit::usage);
    const Ed25519PublicKey key{{std::byte{9}}};
    CHECK(parse_account_id(to_address(key)) == parse_account_id(to_did(key)));
    CHECK(parse_account_id(to_address(key)) == account_id(key).bytes);
}

TEST_CASE("rounds pass from thread to thread, and so does what ends them")
{
    RoundQueue queue;
    Announcement round{};
    std::thread{[&] {
        for (std::uint64_t i = 1; i <= 100; ++i) {
            round.target = {i};
            queue.put(round);
        }
        queue.end(std::make_exception_ptr(Error{Exit::data, "cut"}));
    }}.join();
    CHECK(queue.has_more());
    for (std::uint64_t i = 1; i <= 100; ++i) CHECK(queue.take()->target.value == i);
    CHECK(queue.has_ended());
    CHECK(exit_of([&] { std::ignore = queue.take(); }) == Exit::data);
    RoundQueue quiet;
    CHECK_FALSE(quiet.take(1));
    CHECK_FALSE(quiet.has_ended());
    CHECK_FALSE(quiet.put_if_idle(round)); // nobody waits
    std::thread taker{[&] { CHECK(quiet.take()); }};
    while (!quiet.put_if_idle(round)) std::this_thread::yield();
    taker.join();
    CHECK_FALSE(quiet.put_if_idle(round));
    CHECK_FALSE(quiet.has_more());
}

TEST_CASE("a text of rounds ends in a fault that names its line, or in none")
{
    const auto read_text = [](std::string text, RoundQueue& queue) {
        read_rounds(
            [&](MutableByteView buffer) {
                const std::size_t size = std::min(buffer.size(), text.size());
                std::ranges::copy(as_bytes(text).first(size), buffer.begin());
                text.erase(0, size);
                return size;
            },
            queue);
    };
    const std::string good = R"({"challenge":)" + quoted(hex_a) + R"(,"base_target":7})";
    RoundQueue whole;
    read_text(good + "\n" + good, whole);
    CHECK(whole.take());
    CHECK(whole.take());
    CHECK_FALSE(whole.take());
    RoundQueue cut;
    read_text(good + "\n" + good.substr(0, 40) + "\n", cut);
    CHECK(cut.take());
    try {
        std::ignore = cut.take();
        FAIL("it was taken");
    } catch (const Error& error) {
        CHECK(error.code() == Exit::data);
        CHECK(std::string{error.what()}.starts_with("line 2: "));
    }
}
