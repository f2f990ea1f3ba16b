#pragma once

#include "engine/poc.hpp"
#include "engine/retarget.hpp"
#include "engine/testing.hpp"

// For *_test.cpp files only.

namespace cairn {

/// Qualities that are drawn from what they depend on.
class DrawnQualities final : public Qualities {
public:
    static std::uint64_t of(const Challenge& challenge, const PocData& data)
    {
        Bytes message = to_bytes(PocData{.form = data.form,
                                         .plot = data.plot,
                                         .scale = data.scale,
                                         .first = data.first,
                                         .place = data.place});
        message.insert(message.end(), challenge.bytes.begin(), challenge.bytes.end());
        std::uint64_t quality = 0;
        for (std::size_t i = 0; i < sizeof quality; ++i)
            quality = quality << 8U | std::to_integer<std::uint64_t>(sha256(message).bytes.at(i));
        return quality;
    }
    [[nodiscard]] std::vector<std::uint64_t> of(std::span<const Question> questions) const override
    {
        std::vector<std::uint64_t> qualities;
        for (const Question& question : questions)
            qualities.push_back(of(Challenge{question.challenge.bytes},
                                   parse_poc_data(question.header->consensus)));
        return qualities;
    }
};

/// A short chain of proof of capacity, without a ledger.
class PocChain {
public:
    explicit PocChain(Genesis genesis, const Qualities& qualities)
        : genesis_{std::move(genesis)},
          consensus_{genesis_, qualities},
          key_{counting_pair(0)}
    {
        KnownHeader first;
        first.header.chain = network_id(genesis_);
        first.header.time_s = genesis_.time_s;
        first.header.engine = EngineKind::poc;
        first.id = block_id(first.header);
        first.state = consensus_.first_state(first.header);
        blocks_.push_back(first);
    }

    [[nodiscard]] const Genesis& genesis() const { return genesis_; }
    [[nodiscard]] const PocRules& rules() const { return std::get<PocRules>(genesis_.engine); }
    [[nodiscard]] const PocConsensus& consensus() const { return consensus_; }
    [[nodiscard]] const Ed25519KeyPair& key() const { return key_; }
    [[nodiscard]] const KnownHeader& tip() const { return blocks_.back(); }
    [[nodiscard]] const std::vector<KnownHeader>& blocks() const { return blocks_; }
    [[nodiscard]] PocRound round() const
    {
        return round_after(genesis_, tip().header, tip().state, genesis_.time_s);
    }

    /// What a header of this round says of a place in the key's plot, but for its quality.
    [[nodiscard]] PocData data(std::uint64_t place) const
    {
        PocData data;
        data.form = rules().form;
        data.plot.account = account_id(key_.public_key());
        if (data.form == PlotForm::x1)
            data.place = place;
        else
            data.first = place;
        data.base_target = round().base_target;
        data.sealer = key_.public_key();
        return data;
    }

    /// A header behind the tip, as soon as may be.
    [[nodiscard]] Header header(const PocData& data) const
    {
        const std::uint64_t delay = delay_of(rules(), data.quality, data.base_target);
        Header header;
        header.chain = tip().header.chain;
        header.height = tip().header.height + 1;
        header.parent = tip().id;
        header.time_s = tip().header.time_s + std::max<std::uint64_t>(delay, 1);
        header.producer = data.plot.account;
        header.engine = EngineKind::poc;
        header.consensus = to_bytes(data);
        return header;
    }
    [[nodiscard]] Bytes seal_of(const Header& header) const
    {
        return to_bytes(seal(block_id(header), key_));
    }

    void add(const Header& header)
    {
        const Bytes seal = seal_of(header);
        REQUIRE(!consensus_.check(tip(), header, seal));
        blocks_.push_back(
            {block_id(header), header, seal, consensus_.next_state(tip().state, header)});
    }

private:
    Genesis genesis_;
    PocConsensus consensus_;
    Ed25519KeyPair key_;
    std::vector<KnownHeader> blocks_;
};

} // namespace cairn
