#include "provider/guarantor.hpp"

#include "provider/detail/acceptance.hpp"
#include "provider/detail/lane.hpp"
#include "provider/detail/proving.hpp"

#include <utility>

namespace cairn {
namespace {

detail::LaneOptions lane_of(const GuarantorOptions& options)
{
    return {.has_thread = options.runs == Committer::Runs::in_thread,
            .waiting_max = options.waiting_max,
            .wake = options.wake};
}

} // namespace

struct Guarantor::Impl {
    Depot& depot;
    detail::ProverKeys keys{depot};
    detail::Acceptance acceptance;
    // Two lanes: whoever asks for a proof does not wait for those who store.
    detail::Lane<Upload, Checked> checks;
    detail::Lane<detail::ProofTask, Proven> proofs;

    Impl(Depot& of, const GuarantorOptions& options)
        : depot{of},
          acceptance{of, keys, *options.entropy},
          checks{
              lane_of(options),
              [this](StreamId stream, Upload upload) { return check(stream, std::move(upload)); }},
          proofs{lane_of(options), [this](StreamId stream, const detail::ProofTask& task) {
                     detail::ProofAnswer answer = detail::prove(depot, keys, task);
                     return Proven{stream, answer.status, std::move(answer.reply)};
                 }}
    {
    }

    Checked check(StreamId stream, Upload upload)
    {
        detail::Verdict verdict = acceptance.judge(upload);
        Checked checked{.stream = stream,
                        .upload = std::nullopt,
                        .status = verdict.status,
                        .text = std::move(verdict.text),
                        .tags = verdict.tags};
        if (verdict.status == CallStatus::ok) checked.upload = std::move(upload);
        return checked;
    }
};

Guarantor::Guarantor(Depot& depot, const GuarantorOptions& options)
    : impl_{std::make_unique<Impl>(depot, options)}
{
}

Guarantor::~Guarantor() = default;

bool Guarantor::is_too_large(std::span<const ShardItem> items)
{
    return detail::is_too_large(items);
}

bool Guarantor::check(LinkId link, StreamId stream, Upload upload)
{
    return impl_->checks.add(link, stream, std::move(upload));
}

Guarantor::Checked Guarantor::check_now(Upload upload)
{
    return impl_->check({}, std::move(upload));
}

std::optional<std::uint64_t> Guarantor::proof_cost(const ProveRequest& request) const
{
    return detail::proof_cost(impl_->keys, request);
}

bool Guarantor::prove(LinkId link, StreamId stream, ProveRequest request, const ChallengeSeed& seed)
{
    return impl_->proofs.add(link, stream, {std::move(request), seed});
}

void Guarantor::forget(StreamId stream)
{
    impl_->checks.forget(stream);
    impl_->proofs.forget(stream);
}

std::vector<Guarantor::Checked> Guarantor::checked()
{
    return impl_->checks.outcomes();
}

std::vector<Guarantor::Proven> Guarantor::proven()
{
    return impl_->proofs.outcomes();
}

std::size_t Guarantor::pending() const
{
    return impl_->checks.pending() + impl_->proofs.pending();
}

} // namespace cairn
