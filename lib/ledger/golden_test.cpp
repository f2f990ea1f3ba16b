#include "base/hex.hpp"
#include "base/number.hpp"
#include "ledger/files.hpp"
#include "ledger/group.hpp"
#include "ledger/registry.hpp"
#include "ledger/testing.hpp"

#include <doctest/doctest.h>

// What tests/data/ledger has, which another implementation made, is what we make.

using namespace cairn;

namespace {

std::vector<std::string> split(const std::string& text, char separator)
{
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != text.npos; begin = end + 1) {
        end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
    }
    return parts;
}

template <class FixedBytes>
FixedBytes fixed(const std::string& digits)
{
    return parse_hex<FixedBytes>(digits).value();
}

/// Parses and writes again.
struct Kind {
    std::string name;
    Bytes (*rewrite)(ByteView bytes);
};

template <auto parse>
Bytes rewrite(ByteView bytes)
{
    return to_bytes(parse(bytes));
}

template <class Record>
Bytes rewrite_state(ByteView bytes)
{
    return record_bytes(parse_record<Record>(bytes));
}

const std::vector<Kind> kinds{
    {"descriptor", rewrite<parse_descriptor>},
    {"body", rewrite<parse_transaction_body>},
    {"transaction", rewrite<parse_transaction>},
    {"header", rewrite<parse_header>},
    {"seal", rewrite<parse_seal>},
    {"block", rewrite<parse_block>},
    {"receipt", rewrite<parse_transaction_receipt>},
    {"receipt_failed", rewrite<parse_transaction_receipt>},
    {"arguments_group", rewrite<parse_group>},
    {"arguments_transfer", rewrite<parse_transfer>},
    {"arguments_controller", rewrite<parse_controller>},
    {"arguments_controller_none", rewrite<parse_controller>},
    {"arguments_close", rewrite<parse_close>},
    {"arguments_join", rewrite<parse_join>},
    {"arguments_offer", rewrite<parse_offer>},
    {"arguments_amount", rewrite<parse_amount_arguments>},
    {"arguments_rotate", rewrite<parse_rotate>},
    {"arguments_release", rewrite<parse_release>},
    {"arguments_assign", rewrite<parse_assign>},
    {"arguments_revoke", rewrite<parse_revoke>},
    {"arguments_set", rewrite<parse_set>},
    {"arguments_clear", rewrite<parse_clear>},
    {"arguments_attach", rewrite<parse_attach>},
    {"arguments_sweep", rewrite<parse_sweep>},
    {"arguments_evidence", rewrite<parse_evidence>},
    {"state_account", rewrite_state<Account>},
    {"state_provider", rewrite_state<Provider>},
    {"state_earning", rewrite_state<Earning>},
    {"state_assignment", rewrite_state<Assignment>},
    {"state_head", rewrite_state<Head>},
    {"state_supply", rewrite_state<Supply>},
    {"state_reward", rewrite_state<Reward>},
    {"state_remembered", rewrite_state<RememberedBlock>},
    {"state_ccc", rewrite_state<CccState>},
    {"state_points", rewrite_state<PointsState>},
};

/// Whether the bytes are refused or written again as they are.
bool is_exact(const Kind& kind, const Bytes& bytes)
{
    try {
        return kind.rewrite(bytes) == bytes;
    } catch (const Error& error) {
        return error.code() == Exit::data;
    }
}

/// A golden chain, line by line; the same blocks are executed here.
class Replay {
public:
    explicit Replay(const std::string& name)
    {
        for (const std::string& line : split(test_data("ledger/" + name), '\n')) {
            const std::vector<std::string> words = split(line, ' ');
            INFO(words[0], " in ", block_.header.height.value);
            if (!line.empty()) take(words, line);
        }
        CHECK(blocks_ > 50);
    }

private:
    void take(const std::vector<std::string>& words, const std::string& line)
    {
        const std::string& kind = words[0];
        if (kind == "genesis") {
            genesis_ = parse_genesis(line.substr(kind.size() + 1));
            CHECK(parse_genesis(to_json(genesis_).dump()) == genesis_);
        } else if (kind == "chain") {
            CHECK(to_hex_text(network_id(genesis_).bytes) == words[1]);
        } else if (kind == "first") {
            const FirstBlock first = first_block(genesis_);
            CHECK(to_hex_text(to_bytes(first.header)) == words[1]);
            write(first.effects.changes, first.effects.tree);
            parent_ = first.header;
        } else if (kind == "block") {
            context_ = {};
            refused_.clear();
            became_.clear();
            sealers_.clear();
        } else if (kind == "seals") {
            sealers_.push_back({fixed<Ed25519PublicKey>(words[1]), words[2] == "yes"});
        } else if (kind == "context") {
            context_.beacon = fixed<Beacon>(words[1]);
            context_.sealer = fixed<Ed25519PublicKey>(words[2]);
            context_.space_bytes = parse_number(words[3]).value();
            if (words[4] != "-")
                context_.plot =
                    WinningPlot{fixed<AccountId>(words[4]),
                                static_cast<std::uint32_t>(parse_number(words[5]).value())};
        } else if (kind == "refused") {
            refused_.push_back(
                {parse_number(words[1]).value(), words[2], parse_transaction(hex_bytes(words[3]))});
        } else if (kind == "bytes") {
            const Bytes bytes = hex_bytes(words[1]);
            block_ = parse_block(bytes);
            CHECK(to_bytes(block_) == bytes);
        } else if (kind == "became") {
            became_.push_back(words[1] + ' ' + words[2]);
        } else if (kind == "id") {
            CHECK(to_hex_text(block_id(block_.header).bytes) == words[1]);
            execute();
        } else if (kind == "supply") {
            const auto supply = parse_record<Supply>(state_.get(supply_key()).value());
            CHECK(std::to_string(supply.minted.atoms) == words[1]);
            CHECK(std::to_string(supply.burnt.atoms) == words[2]);
        } else {
            FAIL("a line of an unknown kind");
        }
    }

    void execute()
    {
        const Header& header = block_.header;
        const Seal seal = parse_seal(block_.seal);
        CHECK(seal.key == context_.sealer);
        CHECK(is_sealed(block_id(header), seal));
        context_.chain = header.chain;
        context_.height = header.height;
        context_.time_s = header.time_s;
        context_.producer = header.producer;
        context_.parent = header.parent;
        for (const auto& [key, may] : sealers_) {
            BlockContext other = context_;
            other.sealer = key;
            CHECK(BlockExecution{genesis_, other, state_}.may_be_sealed() == may);
        }
        const BlockEffects effects = made();
        const auto applied = apply(genesis_, context_, parent_, block_, {state_, state_});
        const auto* const wrong = std::get_if<std::string>(&applied);
        REQUIRE_MESSAGE(!wrong, *wrong);
        CHECK(std::get<BlockEffects>(applied).changes == effects.changes);
        check_inverse(effects);
        write(effects.changes, effects.tree);
        CHECK(state_.root() == header.state);
        parent_ = header;
        ++blocks_;
    }

    /// What the block does, each transaction in its place.
    BlockEffects made()
    {
        BlockExecution execution{genesis_, context_, state_};
        REQUIRE(became_.size() == block_.transactions.size());
        for (std::size_t i = 0; i <= block_.transactions.size(); ++i) {
            for (const Refused& refused : refused_) {
                if (refused.before != i) continue;
                const auto fault = execution.add(refused.transaction);
                CHECK(std::string{fault ? to_text(*fault) : "none"} == refused.fault);
            }
            if (i == block_.transactions.size()) break;
            CHECK(is_signed(block_.transactions[i]));
            const auto fault = execution.add(block_.transactions[i]);
            REQUIRE_MESSAGE(!fault, to_text(*fault));
        }
        BlockEffects effects = execution.finish(state_);
        for (std::size_t i = 0; i < became_.size(); ++i) {
            const TransactionReceipt& receipt = effects.receipts[i];
            CHECK(to_text(receipt.status) + std::string{' '} + std::to_string(receipt.weight) ==
                  became_[i]);
            CHECK(parse_transaction_receipt(to_bytes(receipt)) == receipt);
        }
        CHECK(receipts_root(effects.receipts) == block_.header.receipts);
        CHECK(effects.tree.root == block_.header.state);
        return effects;
    }

    /// That the state before is there again when the changes are taken back.
    void check_inverse(const BlockEffects& effects)
    {
        const auto values = state_.values();
        const std::size_t nodes = state_.node_count();
        write(effects.changes, effects.tree);
        const std::vector<StateChange> back = inverse(effects.changes);
        const TreeUpdate tree = update_tree(state_, leaf_changes(back));
        CHECK(tree.root == parent_.state);
        write(back, tree);
        CHECK(state_.values() == values);
        CHECK(state_.node_count() == nodes);
    }

    void write(std::span<const StateChange> changes, const TreeUpdate& tree)
    {
        state_.write(changes, tree);
    }

    struct Refused {
        std::uint64_t before = 0; // which transaction
        std::string fault;
        Transaction transaction;
    };

    Genesis genesis_;
    MemoryState state_;
    Header parent_;
    BlockContext context_;
    std::vector<std::pair<Ed25519PublicKey, bool>> sealers_; // others, and whether they may
    std::vector<Refused> refused_;
    std::vector<std::string> became_;
    Block block_;
    std::size_t blocks_ = 0;
};

std::string state_root_of(std::size_t count)
{
    std::vector<LeafChange> leaves;
    for (std::size_t i = 0; i < count; ++i)
        leaves.push_back({{sha256(Bytes{static_cast<std::byte>(i)}).bytes}, value_hash(Bytes(i))});
    std::ranges::sort(leaves, {}, &LeafChange::path);
    return to_hex_text(root_of(leaves).bytes);
}

} // namespace

TEST_CASE("records that another implementation made are read and written as they are")
{
    for (const Kind& kind : kinds) {
        CAPTURE(kind.name);
        const Bytes bytes = golden_bytes(kind.name);
        CHECK(kind.rewrite(bytes) == bytes);
    }
    CHECK(no_arguments() == golden_bytes("arguments_none"));
}

TEST_CASE("a record with a byte changed, added or gone is another record or none")
{
    for (const Kind& kind : kinds) {
        CAPTURE(kind.name);
        const Bytes good = golden_bytes(kind.name);
        Bytes bytes = good;
        for (std::size_t i = 0; i < good.size(); ++i) {
            for (const unsigned change : {1U, 0x20U, 0x80U, 0xffU}) {
                bytes[i] = good[i] ^ static_cast<std::byte>(change);
                CHECK(is_exact(kind, bytes));
            }
            bytes[i] = good[i];
        }
        bytes.push_back(std::byte{0});
        CHECK_THROWS_AS((void)kind.rewrite(bytes), Error);
        for (std::size_t size = 0; size < good.size(); ++size)
            CHECK_THROWS_AS((void)kind.rewrite(ByteView{good}.first(size)), Error);
    }
}

TEST_CASE("ids and messages are those of another implementation")
{
    const auto key = fixed<Ed25519PublicKey>(golden("public_key"));
    CHECK(account_id(key) == fixed<AccountId>(golden("account_of_key")));
    const auto id = descriptor_id(parse_descriptor(golden_bytes("descriptor")));
    CHECK(id == fixed<DescriptorId>(golden("descriptor_id")));
    CHECK(account_id(id) == fixed<AccountId>(golden("account_of_descriptor")));
    const Transaction transaction = parse_transaction(golden_bytes("transaction"));
    CHECK(to_bytes(transaction.body) == golden_bytes("body"));
    CHECK(transaction_id(transaction.body) == fixed<TransactionId>(golden("transaction_id")));
    CHECK(is_signed(transaction));
    const BlockId block = block_id(parse_header(golden_bytes("header")));
    CHECK(block == fixed<BlockId>(golden("block_id")));
    CHECK(is_sealed(block, parse_seal(golden_bytes("seal"))));
    CHECK(consent_message(transaction.body.chain, account_id(key)) ==
          golden_bytes("consent_message"));
    CHECK(is_equivocation(parse_evidence(golden_bytes("arguments_evidence"))));
}

TEST_CASE("keys and roots are those of another implementation")
{
    const auto key = fixed<Ed25519PublicKey>(golden("public_key"));
    const AccountId account = account_id(key);
    const std::vector<std::pair<std::string, StateKey>> keys{
        {"account_key", account_key(account)},
        {"provider_key", provider_key(account)},
        {"owner_key", node_key_owner(key)},
        {"earning_key", earning_key(account, {258})},
        {"assignment_key", assignment_key({account, 258})},
        {"head_key", head_key(account, 258)},
        {"reward_key", reward_key({258})},
        {"remembered_key", remembered_key({258})},
        {"supply_key", supply_key()},
        {"ccc_key", ccc_key()},
        {"points_key", points_key()},
    };
    for (const auto& [name, made] : keys) CHECK(to_hex_text(made.bytes) == golden(name));
    std::vector<MerkleHash> leaves;
    for (std::size_t i = 0; i < 10; ++i) {
        if (i != 4 && i != 5 && i != 6)
            CHECK(to_hex_text(merkle_root(leaves).bytes) ==
                  golden("list_root_" + std::to_string(i)));
        leaves.push_back(merkle_leaf(Bytes(i, static_cast<std::byte>(i))));
    }
    for (const std::size_t count : {0U, 1U, 2U, 3U, 100U})
        CHECK(state_root_of(count) == golden("state_root_" + std::to_string(count)));
}

TEST_CASE("a chain of coins has the receipts and roots of another implementation")
{
    Replay{"chain-ccc.txt"};
}

TEST_CASE("a chain of points has the receipts and roots of another implementation")
{
    Replay{"chain-points.txt"};
}
