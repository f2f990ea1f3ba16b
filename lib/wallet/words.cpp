#include "wallet/words.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "format/address.hpp"
#include "ledger/ledger_json.hpp"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view descriptor_mark = "descriptor: ";

/// Hex digits of any number of bytes up to a limit; none for others.
std::optional<Bytes> parse_digits(std::string_view text, std::size_t size_max)
{
    if (text.size() % 2 != 0 || text.size() / 2 > size_max) return std::nullopt;
    Bytes bytes(text.size() / 2);
    if (!from_hex(as_bytes(text), bytes)) return std::nullopt;
    return bytes;
}

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view white = " \t\r\n";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

} // namespace

Amount amount_of(const std::string& text, const std::string& what)
{
    const auto amount = parse_amount(text);
    if (!amount)
        throw Error{Exit::usage, what + " '" + escape(text) + "' is no amount",
                    "write coins, such as 1.5, or atoms, such as 1500atoms; at most "
                    "18446744073709551615atoms"};
    if (*amount == Amount{}) throw Error{Exit::usage, what + " is 0"};
    return *amount;
}

AccountId wallet_account(const std::string& text, bool is_test)
{
    if (const auto address = parse_address(text)) {
        if (address->network == Network::test && !is_test)
            throw Error{Exit::data, "'" + escape(text) +
                                        "' is an address of test networks, and the chain is none"};
        return account_id(address->key);
    }
    if (const auto key = parse_did(text)) return account_id(*key);
    if (const auto id = parse_hex<AccountId>(text)) return *id;
    throw Error{Exit::data, "'" + escape(text) + "' is no address, did:key or account id",
                "an account id is 64 lower-case hex digits"};
}

Ed25519PublicKey wallet_key(const std::string& text)
{
    if (const auto address = parse_address(text)) return address->key;
    if (const auto key = parse_did(text)) return *key;
    if (const auto key = parse_hex<Ed25519PublicKey>(text)) return *key;
    throw Error{Exit::data, "'" + escape(text) + "' is no address, did:key or key in hex digits"};
}

std::vector<CoinTransfer> transfers_of(const std::vector<std::string>& words, bool is_test)
{
    if (words.empty() || words.size() % 2 != 0)
        throw Error{Exit::usage, "recipients and amounts come in pairs: TO AMOUNT"};
    if (words.size() / 2 > transfers_max)
        throw Error{Exit::usage,
                    "a transaction has at most " + std::to_string(transfers_max) + " recipients"};
    std::vector<CoinTransfer> transfers;
    Amount sum;
    for (std::size_t i = 0; i < words.size(); i += 2) {
        const AccountId to = wallet_account(words[i], is_test);
        const Amount amount = amount_of(words[i + 1], "the amount");
        transfers.push_back({to, amount});
        const auto more = plus(sum, amount);
        if (!more) throw Error{Exit::usage, "the amounts are more than 2^64 - 1 atoms together"};
        sum = *more;
    }
    return transfers;
}

Bytes reference_of(const std::string& text)
{
    constexpr std::string_view hex_mark = "hex:";
    const std::string limit =
        "a reference has at most " + std::to_string(reference_size_max) + " bytes";
    if (text.starts_with(hex_mark)) {
        auto bytes =
            parse_digits(std::string_view{text}.substr(hex_mark.size()), reference_size_max);
        if (!bytes) throw Error{Exit::usage, "'" + escape(text) + "' is not hex digits", limit};
        return std::move(*bytes);
    }
    if (text.size() > reference_size_max) throw Error{Exit::usage, limit};
    const ByteView bytes = as_bytes(text);
    return {bytes.begin(), bytes.end()};
}

Descriptor descriptor_of(std::uint64_t threshold, std::vector<Ed25519PublicKey> keys)
{
    std::ranges::sort(keys);
    if (std::ranges::adjacent_find(keys) != keys.end())
        throw Error{Exit::usage, "a key is named twice"};
    if (keys.empty() || keys.size() > descriptor_keys_max)
        throw Error{Exit::usage,
                    "a descriptor has 1 to " + std::to_string(descriptor_keys_max) + " keys"};
    if (threshold == 0 || threshold > keys.size())
        throw Error{Exit::usage, "the threshold is 1 to " + std::to_string(keys.size()) +
                                     ", the number of keys"};
    return {threshold, std::move(keys)};
}

Descriptor read_descriptor(std::string_view text)
{
    text = trimmed(text);
    std::string digits{text};
    if (text.starts_with('{')) {
        const auto member = Json::parse(text, "the descriptor").member("descriptor").text();
        if (!member) throw Error{Exit::data, "the descriptor has no member 'descriptor'"};
        digits = *member;
    } else if (text.starts_with(descriptor_mark)) { // the lines for people
        digits =
            trimmed(text.substr(descriptor_mark.size(), text.find('\n') - descriptor_mark.size()));
    }
    const auto bytes = parse_digits(digits, descriptor_size_max);
    if (!bytes || bytes->empty())
        throw Error{Exit::data, "the descriptor is no hex digits",
                    "it is what 'cairn-wallet descriptor' prints"};
    return parse_descriptor(*bytes);
}

Json descriptor_json(const Descriptor& descriptor)
{
    return Json::object()
        .set("descriptor", to_hex_text(to_bytes(descriptor)))
        .merge(to_json(descriptor));
}

} // namespace cairn
