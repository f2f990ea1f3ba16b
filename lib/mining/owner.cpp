#include "mining/owner.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "base/number.hpp"
#include "base/text.hpp"
#include "format/address.hpp"
#include "format/message.hpp"

namespace cairn {
namespace {

using Id = Fixed<struct IdTag, 32>;

std::optional<Ed25519PublicKey> parse_key(const std::string& text)
{
    if (const auto address = parse_address(text)) return address->key;
    return parse_did(text);
}

} // namespace

std::array<std::byte, 32> parse_chain_id(const std::string& text)
{
    if (const auto id = parse_hex<Id>(text)) return id->bytes;
    throw Error{Exit::usage, "'" + escape(text) + "' is no chain", "a chain's id is 64 hex digits"};
}

std::array<std::byte, 32> parse_account_id(const std::string& text)
{
    if (const auto key = parse_key(text)) return account_id(*key).bytes;
    if (const auto id = parse_hex<Id>(text)) return id->bytes;
    throw Error{Exit::usage, "'" + escape(text) + "' is no account",
                "name an address (cairn1...), a did:key or 64 hex digits"};
}

NumericAccount parse_numeric_account(const std::string& text,
                                     const std::optional<std::string>& chain)
{
    if (!chain) {
        if (const auto number = parse_number(text)) return {*number};
        throw Error{Exit::usage, "'" + escape(text) + "' is no account of this form",
                    "name its decimal number, or an address and --chain"};
    }
    return numeric_account(
        {.chain = parse_chain_id(*chain), .account = parse_account_id(text), .salt = 0});
}

} // namespace cairn
