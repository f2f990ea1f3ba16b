#include "simnet/mutant_consensus.hpp"

namespace cairn {

std::optional<HeaderFault> MutantConsensus::check(const KnownHeader& parent, const Header& header,
                                                  ByteView seal) const
{
    auto fault = rules().check(parent, header, seal);
    if (!fault) return fault;
    const std::string& reason = fault->reason;
    const bool is_passed =
        (mutant_ == SimMutant::no_delay && reason == "it is too early for its quality" &&
         header.time_s > parent.header.time_s) ||
        (mutant_ == SimMutant::no_base_target && reason == "its base target is another") ||
        (mutant_ == SimMutant::no_seal && reason == "its seal is wrong") ||
        (mutant_ == SimMutant::any_key && reason == "its key is not the producer's");
    if (is_passed) fault.reset();
    return fault;
}

std::vector<bool> MutantConsensus::prove(std::span<const Unproven> headers) const
{
    if (mutant_ == SimMutant::no_proof) return std::vector<bool>(headers.size(), true);
    return rules().prove(headers);
}

std::vector<bool> GrantedProofs::prove(std::span<const Unproven> headers) const
{
    std::vector<bool> proven = rules().prove(headers);
    for (std::size_t i = 0; i < headers.size(); ++i)
        if (headers[i].header->height <= height_) proven[i] = true;
    return proven;
}

} // namespace cairn
