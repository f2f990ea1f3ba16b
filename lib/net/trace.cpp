#include "net/trace.hpp"

#include "base/error.hpp"
#include "base/hex.hpp"
#include "json/json.hpp"

namespace cairn {

namespace {

Json line(std::uint64_t now_ms, LinkId link)
{
    return Json::object().set("time_ms", now_ms).set("link", link.number);
}

} // namespace

Trace::Trace(const std::string& path, std::function<void(const std::string&)> warn)
    : file_{open_to_write(path)},
      name_{path},
      warn_{std::move(warn)}
{
}

void Trace::reopen()
{
    file_ = open_to_write(name_);
}

void Trace::write(const Json& json)
{
    if (!file_) return;
    try {
        write_all(file_.number(), as_bytes(json.dump() + '\n'), name_);
    } catch (const Error& error) {
        if (!warn_) throw;
        file_ = Fd{};
        warn_(std::string{"the trace ends: "} + error.what());
    }
}

void Trace::frame(std::uint64_t now_ms, LinkId link, const FrameNote& note)
{
    Json json = line(now_ms, link)
                    .set("direction", note.is_sent ? "sent" : "received")
                    .set("stream", note.header.stream)
                    .set("kind", to_text(note.header.kind))
                    .set("size_bytes", note.header.size);
    switch (note.header.kind) {
    case FrameKind::open:
        json.set("method", note.method);
        break;
    case FrameKind::credit:
        json.set("credit_bytes", note.credit);
        break;
    case FrameKind::end:
        json.set("status", to_text(note.status));
        break;
    case FrameKind::reset:
    case FrameKind::goaway:
        json.set("reason", note.reason);
        break;
    case FrameKind::data:
    case FrameKind::half_end:
    case FrameKind::ping:
    case FrameKind::pong:
        break;
    }
    write(json);
}

void Trace::linked(std::uint64_t now_ms, const HubEvent& event)
{
    write(line(now_ms, event.link)
              .set("kind", "linked")
              .set("side", event.is_caller ? "caller" : "callee")
              .set("peer", to_hex_text(event.peer.bytes))
              .set("address", event.address));
}

void Trace::unlinked(std::uint64_t now_ms, const HubEvent& event)
{
    write(line(now_ms, event.link).set("kind", "unlinked").set("reason", event.reason));
}

} // namespace cairn
