#include "client/detail/shard_read.hpp"

#include "base/error.hpp"

#include <algorithm>

namespace cairn::detail {

ShardRead::ShardRead(ReadContext& context, std::size_t provider, ShardPart& part)
    : context_{&context},
      provider_{provider},
      part_{&part},
      size_{part.size() - (part.next - part.pieces.first) * piece_size},
      range_{part.pieces.length, part.next, part.pieces.last},
      proof_size_{piece_proof_size(range_)},
      moved_ms_{context.session.now_ms()}
{
    if (proof_size_ == 0) verifier_.emplace(part.root, range_, Bytes{});
    SessionCall call;
    call.provider = provider;
    call.method = method::shard_get;
    call.request = to_bytes(GetRequest{.root = part.root,
                                       .size = part.pieces.length,
                                       .offset = part.next * piece_size,
                                       .length = size_});
    call.data = [this](ByteView data) { return take(data); };
    call.done = [this](Reply&& reply) { settle(reply); };
    call.stall_ms = context.options.patience_ms;
    context.ranking.begin(provider_, size_);
    call_ = context.session.start(std::move(call));
}

ShardRead::~ShardRead()
{
    if (!end_) context_->ranking.end(provider_, size_);
    context_->session.cancel(call_);
}

bool ShardRead::take(ByteView data)
{
    while (!data.empty())
        if (verifier_ ? !take_piece(data) : !take_proof(data)) return false;
    return true;
}

bool ShardRead::take_proof(ByteView& data)
{
    const ByteView head = data.first(std::min(data.size(), proof_size_ - proof_.size()));
    proof_.insert(proof_.end(), head.begin(), head.end());
    data = data.subspan(head.size());
    if (proof_.size() == proof_size_) verifier_.emplace(part_->root, range_, std::move(proof_));
    return true;
}

/// False for a piece that is not what it must be, and for bytes after the last.
bool ShardRead::take_piece(ByteView& data)
{
    if (verifier_->is_done()) return false;
    const std::uint64_t index = verifier_->next();
    const std::size_t length = piece_length(range_.length, index);
    const MutableByteView piece =
        part_->data->bytes().subspan((index - part_->pieces.first) * piece_size, length);
    const std::size_t size = std::min(data.size(), length - filled_);
    std::copy_n(data.begin(), size, piece.begin() + static_cast<std::ptrdiff_t>(filled_));
    filled_ += size;
    data = data.subspan(size);
    if (filled_ < length) return true;
    filled_ = 0;
    if (!verifier_->accept(piece)) return false;

    const std::uint64_t now = context_->session.now_ms();
    context_->pace.add(now - moved_ms_);
    moved_ms_ = now;
    has_progress_ = true;
    ++part_->next;
    if (part_->is_complete()) finish(End::complete, {});
    return true;
}

void ShardRead::settle(const Reply& reply)
{
    if (end_) return; // it was complete before the call's end
    is_wrong_ = reply.failure == "refused by caller" ||
                (reply.failure.empty() && reply.status == CallStatus::ok);
    if (reply.failure == "refused by caller") return finish(End::damaged, "sent damaged data");
    if (!reply.failure.empty())
        return finish(reply.is_time_out ? End::slow : End::cut, reply.failure);
    switch (reply.status) {
    case CallStatus::ok:
        return finish(End::damaged, "sent too little");
    case CallStatus::no:
        return finish(End::absent, "does not have what it said it has");
    case CallStatus::damaged:
        return finish(End::damaged, "has a damaged shard");
    case CallStatus::malformed:
    case CallStatus::denied:
    case CallStatus::full:
    case CallStatus::busy:
    case CallStatus::unsupported:
    case CallStatus::failed:
        break;
    }
    finish(End::cut, std::string{"refused to send: "} + to_text(reply.status));
}

void ShardRead::finish(End end, std::string_view fault)
{
    end_ = end;
    context_->is_changed = true;
    context_->ranking.end(provider_, size_);
    if (end == End::complete)
        context_->ranking.note_good(provider_);
    else
        context_->add_fault(provider_, fault, end == End::damaged || end == End::absent);
}

} // namespace cairn::detail
