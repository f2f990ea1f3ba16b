// cairn-call: send one request to a provider or a local program by hand. See cairn-call(1).

#include "base/error.hpp"
#include "cli/cli.hpp"
#include "client/session.hpp"
#include "hash/pieces.hpp"
#include "keyring/identities.hpp"
#include "keyring/passphrase.hpp"
#include "net/local_api.hpp"
#include "net/trace.hpp"
#include "net/zmq_hub.hpp"
#include "os/clock.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/random.hpp"
#include "provider/json_calls.hpp"

#include <array>

using namespace cairn;

namespace {

constexpr std::array statuses{CallStatus::ok,      CallStatus::no,     CallStatus::malformed,
                              CallStatus::denied,  CallStatus::full,   CallStatus::busy,
                              CallStatus::damaged, CallStatus::failed, CallStatus::unsupported};

struct Options {
    std::string address;
    std::string method;
    std::optional<std::string> json;
    std::optional<std::string> identity;
    std::vector<std::string> bodies;
    std::optional<std::string> output;
    std::optional<std::string> trace;
    std::uint64_t timeout_ms = 30'000;
    bool force = false;
};

void check(CallStatus status, const std::string& text)
{
    if (status != CallStatus::ok)
        throw Error{to_exit(status), std::string{"the answer is "} + to_text(status) + ": " + text};
}

std::vector<Bytes> load_bodies(const Options& options)
{
    std::vector<Bytes> bodies;
    for (const std::string& path : options.bodies)
        bodies.push_back(read_small_file(path, shard_size_max));
    return bodies;
}

void save_body(const Options& options, ByteView body)
{
    if (!options.output) return;
    Output output = Output::open(*options.output, options.force ? Output::Existing::replace
                                                                : Output::Existing::refuse);
    output.write(body);
    output.commit();
}

Exit call_here(const Options& options, Console& console)
{
    if (options.bodies.size() > 1) throw Error{Exit::usage, "a local request has one body"};
    if (options.identity || options.trace)
        throw Error{Exit::usage, "-i and --trace are for providers"};
    LocalRequest request{options.method, options.json.value_or("{}"), {}};
    if (!options.bodies.empty()) request.body = load_bodies(options).front();
    const LocalReply reply = call_local(options.address, request, options.timeout_ms);
    const Json json = Json::parse(reply.json, "the reply");
    for (const CallStatus status : statuses)
        if (reply.status == to_text(status))
            check(status, json.member("message").text().value_or(""));
    save_body(options, reply.body);
    show(json, console);
    return Exit::ok;
}

[[noreturn]] void refuse_answer()
{
    throw Error{Exit::data, "what came is not the shard"};
}

/// The bytes that were asked for, from the proof and the pieces that came. Throws Error{data} when
/// they are not those of the shard.
Bytes verified_range(const GetRequest& request, ByteView answer)
{
    const PieceRange range{
        request.size, request.offset / piece_size,
        request.length == 0 ? 0 : (request.offset + request.length - 1) / piece_size};
    const std::uint64_t proof_size = piece_proof_size(range);
    if (answer.size() < proof_size) refuse_answer();
    const ByteView proof = answer.first(proof_size);
    PieceVerifier verifier{request.root, range, Bytes{proof.begin(), proof.end()}};
    answer = answer.subspan(proof_size);
    Bytes pieces;
    while (!verifier.is_done()) {
        const std::size_t size = piece_length(request.size, verifier.next());
        if (answer.size() < size || !verifier.accept(answer.first(size))) refuse_answer();
        pieces.insert(pieces.end(), answer.begin(), answer.begin() + static_cast<long>(size));
        answer = answer.subspan(size);
    }
    if (!answer.empty()) refuse_answer();
    const ByteView all = ByteView{pieces}.subspan(request.offset - range.first * piece_size);
    return {all.begin(), all.begin() + static_cast<long>(request.length)};
}

/// One call over a link, from hello to the reply.
class RemoteCall {
public:
    RemoteCall(const Options& options, Hub& hub, const ProviderName& provider,
               const Ed25519KeyPair* owner)
        : options_{options},
          owner_{owner},
          session_{hub, {.providers = {provider}, .network = {}, .owner = owner}},
          deadline_ms_{session_.now_ms() + options.timeout_ms}
    {
    }

    void run(Console& console)
    {
        const Json json = Json::parse(options_.json.value_or("{}"), "the request");
        const std::vector<Bytes> bodies = load_bodies(options_);
        const std::vector<ByteView> views{bodies.begin(), bodies.end()};
        const Bytes request = to_request(options_.method, json,
                                         {.network = {},
                                          .provider = session_.providers()[0].node_key,
                                          .owner = owner_,
                                          .shards = views});
        if (options_.method == method::hello) return hello(console);
        exchange(request, views);
        check(reply_.status, std::string{as_text(reply_.body)});
        if (options_.method != method::shard_get)
            return show(reply_to_json(options_.method, reply_.body), console);
        const Bytes range = verified_range(parse_get_request(request), data_);
        save_body(options_, range);
        show(Json::object().set("verified_bytes", range.size()).set("received_bytes", data_.size()),
             console);
    }

private:
    void hello(Console& console)
    {
        session_.connect(0);
        const auto is_over = [&] {
            return session_.hello(0) != nullptr || session_.health(0).is_down;
        };
        session_.run(is_over, deadline_ms_);
        if (session_.hello(0) == nullptr)
            throw Error{Exit::unavail,
                        "the provider does not answer: " + session_.health(0).reason};
        show(to_json(*session_.hello(0)), console);
    }

    void exchange(const Bytes& request, const std::vector<ByteView>& body)
    {
        bool is_done = false;
        session_.start({.provider = 0,
                        .method = options_.method,
                        .request = request,
                        .body = body,
                        .data =
                            [&](ByteView bytes) {
                                data_.insert(data_.end(), bytes.begin(), bytes.end());
                                return data_.size() <= 2 * shard_size_max;
                            },
                        .done =
                            [&](Reply&& reply) {
                                reply_ = std::move(reply);
                                is_done = true;
                            },
                        .stall_ms = options_.timeout_ms});
        if (!session_.run([&] { return is_done; }, deadline_ms_))
            throw Error{Exit::unavail, "the provider does not answer in time"};
        if (!reply_.failure.empty())
            throw Error{Exit::unavail, "the provider does not answer: " + reply_.failure};
    }

    const Options& options_;
    const Ed25519KeyPair* owner_;
    Session session_;
    std::uint64_t deadline_ms_;
    Reply reply_;
    Bytes data_;
};

std::optional<Ed25519KeyPair> load_owner(const Options& options)
{
    if (!options.identity) return std::nullopt;
    const PassphraseOptions passphrase{.ask = true, .file = {}, .descriptor = {}, .command = {}};
    return load_identity(*options.identity, [&] { return passphrase.read(false); })
        .signing()
        .clone();
}

Exit call_there(const Options& options, Console& console)
{
    const auto providers = parse_providers(options.address, {});
    if (providers.size() != 1)
        throw Error{Exit::usage, "the address names no provider",
                    "write ipc://PATH, cairn1...@HOST:PORT, or a node record"};
    const auto owner = load_owner(options);
    SystemEntropy entropy;
    const Ed25519KeyPair link{random_secret(entropy, Ed25519KeyPair::seed_size)};
    std::unique_ptr<Trace> trace;
    if (options.trace) trace = std::make_unique<Trace>(*options.trace);
    const auto hub = make_zmq_hub({.link_key = &link, .listen = {}, .trace = trace.get()});
    RemoteCall call{options, *hub, providers.front(), owner ? &*owner : nullptr};
    call.run(console);
    return Exit::ok;
}

} // namespace

int main(int argc, char** argv)
{
    Options options;
    Cli cli{"call", "Send one request to a provider or a local program by hand"};
    cli.environment();
    cli.usage("[-i FILE] [--body FILE]... [-o FILE] ADDRESS METHOD [JSON]");
    cli.formats("cairn-link 1");
    cli.operand("ADDRESS", options.address, "ipc://PATH, cairn1...@HOST:PORT, or a node record");
    cli.operand("METHOD", options.method,
                "hello, shard.put, shard.get, shard.has, shard.drop, shard.list, peers; of a local "
                "store: status, drain, scrub, collect, put, get, has, list");
    cli.operand("JSON", options.json, "The request, an object; {} if not given");
    cli.option("-i,--identity", "FILE", options.identity, "Call as the owner of this identity");
    cli.option("--body", "FILE", options.bodies, "Send the bytes of FILE; may be given again");
    cli.option("-o,--output", "FILE", options.output, "Write the shard that comes to FILE");
    cli.flag("-f,--force", options.force, "Replace FILE if it exists");
    cli.option("--trace", "FILE", options.trace, "Write each frame to FILE, without contents");
    cli.duration_ms("--timeout", "DURATION", options.timeout_ms, {1, 86'400'000},
                    "Wait so long for the answer; 30s if not given");
    cli.example("cairn-call ipc://shards/api.sock status", "how is the store of this machine?");
    cli.example("cairn-call \"$(cat shards/node.record)\" hello", "who is there, and is it alive?");
    return cli.run(argc, argv, [&](Console& console) {
        return options.address.starts_with("ipc:") ? call_here(options, console)
                                                   : call_there(options, console);
    });
}
