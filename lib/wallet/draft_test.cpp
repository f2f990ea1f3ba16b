#include "wallet/draft.hpp"

#include "ledger/group.hpp"
#include "ledger/ledger_json.hpp"
#include "ledger/testing.hpp"
#include "wallet/words.hpp"

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const Ed25519KeyPair& key(unsigned number)
{
    static const std::array pairs{counting_pair(0), counting_pair(32), counting_pair(64)};
    return pairs.at(number);
}

AccountId id_of(unsigned number)
{
    return account_id(key(number).public_key());
}

Descriptor two_of_three()
{
    return descriptor_of(2, {key(0).public_key(), key(1).public_key(), key(2).public_key()});
}

Transaction unsigned_transfer(const AccountId& from, Amount amount = {1'500'000'000})
{
    Transaction draft;
    draft.body.chain = filled<NetworkId>(3);
    draft.body.call.sender = from;
    draft.body.call.sequence = 65'536;
    draft.body.call.module = module_number::coins;
    draft.body.call.method = static_cast<std::uint16_t>(CoinsMethod::transfer);
    draft.body.call.arguments = to_bytes(TransferArguments{{{id_of(1), amount}}, {}});
    draft.body.fee = {4'030};
    draft.body.valid_until = {100};
    return draft;
}

Transaction read_text(const std::string& text)
{
    return read_draft(as_bytes(text));
}

bool is_refused_text(const std::string& text)
{
    return exit_of([&] { (void)read_text(text); }) == Exit::data;
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const std::size_t place = text.find(from);
    REQUIRE(place != std::string::npos);
    return text.replace(place, from.size(), to);
}

} // namespace

TEST_CASE("a draft is read from JSON, and from the bytes of a body or a transaction")
{
    Transaction draft = unsigned_transfer(id_of(0));
    CHECK(read_text(draft_json(draft).dump()) == draft);
    CHECK(read_text(" \n" + draft_json(draft).dump(2)) == draft);
    CHECK(read_draft(to_bytes(draft.body)) == draft);
    attach(draft, two_of_three());
    sign(draft, key(0));
    sign(draft, key(2));
    CHECK(read_text(draft_json(draft).dump()) == draft);
    CHECK(read_text(to_json(draft).dump()) == draft);
    CHECK(read_draft(to_bytes(draft)) == draft);
}

TEST_CASE("a draft in which something was changed is refused")
{
    Transaction draft = unsigned_transfer(id_of(0));
    attach(draft, two_of_three());
    sign(draft, key(0));
    const std::string text = draft_json(draft).dump();
    CHECK(is_refused_text(replaced(text, "1500000000", "1500000001"))); // the id is another's
    const std::string id = to_hex_text(transaction_id(draft.body).bytes);
    const std::string no_id = replaced(text, "\"id\":\"" + id + "\",", "");
    CHECK(read_text(no_id) == draft);
    CHECK(is_refused_text(replaced(no_id, "1500000000", "1500000001"))); // so is the signature
    CHECK(is_refused_text(replaced(text, "\"threshold\":2", "\"threshold\":1")));
    CHECK(is_refused_text(replaced(text, "\"lane\":0", "\"lane\":0,\"more\":1")));
    CHECK(is_refused_text(replaced(text, "\"method\":\"transfer\"", "\"method\":\"take\"")));
    CHECK(is_refused_text(replaced(text, "\"fee_atoms\":\"4030\"", "\"fee_atoms\":4030")));
    for (const char* const other : {"", "{}", "[]", "{", "null", "x", "\x85", "\x89"})
        CHECK_MESSAGE(is_refused_text(other), other);
    for (const Bytes& miss : near_misses_of(to_bytes(draft)))
        CHECK(exit_of([&] { (void)read_draft(miss); }) == Exit::data);
}

TEST_CASE("copies are joined, of one transaction, with no more signatures than are needed")
{
    Transaction draft = unsigned_transfer(account_id(descriptor_id(two_of_three())));
    attach(draft, two_of_three());
    std::vector<Transaction> copies(3, draft);
    for (unsigned i = 0; i < 3; ++i) sign(copies[i], key(i));
    const Transaction two = join_drafts(std::span{copies}.first(2));
    CHECK(two.signatures.size() == 2);
    CHECK(is_signed(two));
    const Transaction three = join_drafts(copies);
    CHECK(three.signatures.size() == 2);
    CHECK(join_drafts(std::vector{two, two, copies[0]}) == two);
    copies[1].body.fee.atoms += 1;
    copies[1].signatures.clear();
    CHECK(exit_of([&] { (void)join_drafts(copies); }) == Exit::data);
}

TEST_CASE("who has power over an account is told from its controller and its name")
{
    const Ed25519PublicKey a = key(0).public_key();
    const Descriptor single = descriptor_of(1, {a});
    const AccountId shared = account_id(descriptor_id(two_of_three()));
    const AccountId named = account_id(descriptor_id(single));
    Account plain;
    Account controlled;
    controlled.controller = descriptor_id(two_of_three());
    Account rotated;
    rotated.controller = descriptor_id(single);

    CHECK(!authority_for(id_of(0), plain, {}, a).descriptor);
    CHECK(!authority_for(id_of(0), std::nullopt, {}, a).descriptor);
    CHECK(authority_for(shared, plain, two_of_three(), {}).signatures == 2);
    CHECK(authority_for(shared, plain, two_of_three(), a).descriptor == two_of_three());
    CHECK(authority_for(named, plain, {}, a).descriptor == single);
    CHECK(authority_for(id_of(1), controlled, two_of_three(), a).signatures == 2);
    CHECK(authority_for(id_of(1), rotated, {}, a).descriptor == single);
    CHECK(authority_for(id_of(0), rotated, {}, a).descriptor == single);

    const auto exit = [](const AccountId& id, const Account& account,
                         const std::optional<Descriptor>& descriptor, const Ed25519PublicKey& by) {
        return exit_of([&] { (void)authority_for(id, account, descriptor, by); });
    };
    CHECK(exit(id_of(1), plain, {}, a) == Exit::noperm);
    CHECK(exit(id_of(1), plain, two_of_three(), a) == Exit::noperm);
    CHECK(exit(id_of(0), controlled, {}, a) == Exit::noperm); // its own key has no power any more
    CHECK(exit(id_of(0), controlled, single, a) == Exit::noperm);
}

TEST_CASE("the least fee is that, to the atom, and the chain takes it")
{
    TestChain chain{test_genesis()};
    for (const std::uint64_t atoms : {1'000'000ULL, 23'000'000ULL, 5'000'000'000ULL}) {
        Transaction made = chain.transfer(key(0), id_of(1), {atoms});
        made.signatures.clear();
        set_least_fee(made, chain.genesis(), 1);
        CHECK(signed_weight(made, 1) == [&] {
            Transaction whole = made;
            sign(whole, key(0));
            return weight_of(whole);
        }());
        Transaction less = made;
        less.body.fee.atoms -= 1;
        sign(less, key(0));
        CHECK(chain.try_one(less) == "fault low-fee");
        sign(made, key(0));
        CHECK(chain.try_one(made) == "done");
    }
}

TEST_CASE("what a transaction costs is never more than it says")
{
    Cost cost = cost_of(unsigned_transfer(id_of(0)));
    CHECK(cost.total == Amount{1'500'004'030});
    CHECK(!cost.takes_all);
    cost = cost_of(unsigned_transfer(id_of(0), {UINT64_MAX}));
    CHECK(cost.total == Amount{UINT64_MAX});

    Transaction group = unsigned_transfer(id_of(0));
    Call own = group.body.call;
    Call others = own;
    others.sender = id_of(2);
    own.sequence += 1;
    const std::vector<Call> calls{own, others};
    group.body.call.module = module_number::group;
    group.body.call.method = group_method;
    group.body.call.arguments = to_bytes(std::span<const Call>{calls});
    CHECK(cost_of(group).total == Amount{1'500'004'030});
    const std::string text = describe(group);
    CHECK(text.find("\nsend 1.5 coins to " + to_hex_text(id_of(1).bytes)) != std::string::npos);
    CHECK(text.find("\nas " + to_hex_text(id_of(2).bytes) + " send 1.5 coins to ") !=
          std::string::npos);

    Transaction close = unsigned_transfer(id_of(0));
    close.body.call.method = static_cast<std::uint16_t>(CoinsMethod::close);
    close.body.call.arguments = to_bytes(CloseArguments{id_of(1)});
    CHECK(cost_of(close).takes_all);
    CHECK(describe(close).find("call coins.close {") != std::string::npos);
    CHECK(describe(close).find("total: all that the account has\n") != std::string::npos);
}

TEST_CASE("a reference is shown so that it changes nothing on a terminal")
{
    Transaction draft = unsigned_transfer(id_of(0));
    draft.body.call.arguments =
        to_bytes(TransferArguments{{{id_of(1), {1}}}, reference_of("a\x1b[2J")});
    CHECK(describe(draft).find("reference 'a\\x1b[2J'\n") != std::string::npos);
    draft.body.call.arguments =
        to_bytes(TransferArguments{{{id_of(1), {1}}}, reference_of("hex:ff")});
    CHECK(describe(draft).find("reference hex:ff\n") != std::string::npos);
}
