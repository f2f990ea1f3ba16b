#include "stream/age_stream.hpp"

#include "base/error.hpp"
#include "format/age_payload.hpp"
#include "os/pipeline.hpp"

#include <algorithm>
#include <cassert>
#include <memory>

namespace cairn {
namespace {

constexpr std::size_t unit_chunks = 4;        // a worker's turn: 256 KiB
constexpr std::size_t first_read_size = 1024; // bytes: most headers are shorter

/// Cuts a source into units and says of each whether it is the last one, for which it reads one
/// byte more than it gives out.
class Units {
public:
    Units(const Source& source, std::size_t size) : source_{&source}, size_{size} {}

    /// The next unit at the front of `buffer`, which has size + 1 bytes; its length.
    std::size_t read(MutableByteView buffer)
    {
        assert(buffer.size() == size_ + 1 && !is_at_end_);
        std::size_t filled = 0;
        if (has_byte_) buffer[filled++] = byte_;
        filled += (*source_)(buffer.subspan(filled));
        has_byte_ = filled > size_;
        is_at_end_ = !has_byte_;
        if (has_byte_) byte_ = buffer[size_];
        return std::min(filled, size_);
    }

    [[nodiscard]] bool is_at_end() const { return is_at_end_; }

private:
    const Source* source_;
    std::size_t size_;
    std::byte byte_{};
    bool has_byte_ = false;
    bool is_at_end_ = false;
};

/// The bytes in front of what a source gives.
Source prepend(Bytes front, const Source& source)
{
    return [front = std::move(front), at = std::size_t{0}, source](MutableByteView buffer) mutable {
        const std::size_t size = std::min(buffer.size(), front.size() - at);
        std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(at), size, buffer.begin());
        at += size;
        return size + (size < buffer.size() ? source(buffer.subspan(size)) : 0);
    };
}

/// What a worker holds.
struct Slot {
    ChunkCipher cipher;
    Bytes plain;
    Bytes sealed;
    std::size_t in_size = 0;
    std::size_t out_size = 0;
    bool is_last = false;
    const char* fault = nullptr; // why nothing after this unit is good
};

std::vector<Slot> make_slots(unsigned workers, std::size_t chunks, const Secret& file_key,
                             ByteView nonce)
{
    std::vector<Slot> slots;
    slots.reserve(workers);
    for (unsigned i = 0; i < workers; ++i)
        slots.push_back({.cipher = ChunkCipher{file_key, nonce},
                         .plain = Bytes(chunks * chunk_size + 1),
                         .sealed = Bytes(chunks * sealed_chunk_size + 1)});
    return slots;
}

void seal_unit(Slot& slot, std::uint64_t first_chunk)
{
    slot.out_size = 0;
    std::size_t at = 0;
    for (std::uint64_t index = first_chunk;; ++index) {
        const std::size_t size = std::min(chunk_size, slot.in_size - at);
        const bool is_last = slot.is_last && at + size == slot.in_size;
        const MutableByteView out{slot.sealed.data() + slot.out_size, size + Aead::tag_size};
        slot.cipher.seal({index, is_last}, ByteView{slot.plain}.subspan(at, size), out);
        at += size;
        slot.out_size += out.size();
        if (at == slot.in_size) return;
    }
}

/// Opens the chunks of a unit up to the first fault.
void open_unit(Slot& slot, std::uint64_t first_chunk)
{
    slot.out_size = 0;
    slot.fault = nullptr;
    std::size_t at = 0;
    for (std::uint64_t index = first_chunk; at < slot.in_size; ++index) {
        const ByteView sealed =
            ByteView{slot.sealed}.subspan(at, std::min(sealed_chunk_size, slot.in_size - at));
        at += sealed.size();
        const bool is_end = slot.is_last && at == slot.in_size;
        if (sealed.size() < Aead::tag_size) {
            slot.fault = "the encrypted data is truncated";
            return;
        }
        const MutableByteView plain{slot.plain.data() + slot.out_size,
                                    sealed.size() - Aead::tag_size};
        // A chunk sealed as not the last is good data even where the file ends too early, and one
        // sealed as the last even where bytes follow: it is given out, then the fault is told.
        const bool is_full = sealed.size() == sealed_chunk_size;
        const bool is_inner = is_full && slot.cipher.open({index, false}, sealed, plain);
        if (!is_inner && !slot.cipher.open({index, true}, sealed, plain)) {
            slot.fault = "the encrypted data is damaged or truncated";
            return;
        }
        if (plain.empty() && index > 0) {
            slot.fault = "the encrypted data ends in an empty chunk";
            return;
        }
        slot.out_size += plain.size();
        if (is_inner && is_end) slot.fault = "the encrypted data is truncated";
        if (!is_inner && !is_end) slot.fault = "bytes follow the encrypted data";
        if (slot.fault != nullptr) return;
    }
    if (slot.in_size == 0) slot.fault = "the encrypted data is truncated";
}

void write_encrypted(const Source& source, const Sink& sink,
                     const std::vector<Recipient>& recipients, Entropy& entropy,
                     const EncryptOptions& options)
{
    if (recipients.size() > age_stanzas_max)
        throw Error{Exit::usage,
                    "more than " + std::to_string(age_stanzas_max) + " recipients of one file"};
    const Secret file_key = random_secret(entropy, file_key_size);
    std::vector<Stanza> stanzas;
    stanzas.reserve(recipients.size());
    for (const Recipient& recipient : recipients)
        stanzas.push_back(wrap(recipient, file_key, entropy));
    std::array<std::byte, payload_nonce_size> nonce{};
    entropy.fill(nonce);
    const std::string header = to_text(stanzas, file_key);
    sink(as_bytes(header + std::string{as_text(nonce)}));

    const bool is_small = options.size_hint && *options.size_hint <= chunk_size;
    const std::size_t chunks = is_small ? 1 : unit_chunks;
    const unsigned workers = is_small ? 1 : options.workers;
    std::vector<Slot> slots = make_slots(workers, chunks, file_key, nonce);
    Units units{source, chunks * chunk_size};
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t) {
                if (units.is_at_end()) return false;
                slots[worker].in_size = units.read(slots[worker].plain);
                slots[worker].is_last = units.is_at_end();
                return true;
            },
        .compute = [&](unsigned worker,
                       std::uint64_t item) { seal_unit(slots[worker], item * chunks); },
        .write =
            [&](unsigned worker, std::uint64_t) {
                sink(ByteView{slots[worker].sealed}.first(slots[worker].out_size));
                if (options.done) options.done(slots[worker].in_size);
            },
    }
        .run(workers);
}

/// The file key, by the first identity that has one.
Secret find_file_key(const OpenedAge& file, const std::vector<AgeIdentity>& identities,
                     const AskPassphrase& ask)
{
    std::optional<Secret> file_key;
    for (const AgeIdentity& identity : identities)
        if (auto found = unwrap(identity, file.header); found && !file_key)
            file_key = std::move(found);
    const bool has_passphrase = file.header.stanzas.front().arguments.front() == "scrypt";
    if (!file_key && has_passphrase && ask) {
        file_key = unwrap(PassphraseIdentity{ask()}, file.header);
        if (!file_key) throw Error{Exit::noperm, "wrong passphrase"};
    }
    if (!file_key)
        throw Error{Exit::noperm,
                    has_passphrase ? "the file is encrypted with a passphrase"
                                   : "no identity given opens this file",
                    has_passphrase ? "use -p" : "give the identity it was encrypted to with -i"};
    if (!is_authentic(file.header, file.header_bytes, *file_key))
        throw Error{Exit::data, "the header was changed: its MAC does not match"};
    return std::move(*file_key);
}

} // namespace

void encrypt_stream(const Source& source, const Sink& sink,
                    const std::vector<Recipient>& recipients, Entropy& entropy,
                    const EncryptOptions& options)
{
    assert(!recipients.empty());
    if (!options.is_armored) {
        write_encrypted(source, sink, recipients, entropy, options);
        return;
    }
    ArmorWriter armor{sink};
    write_encrypted(
        source, [&](ByteView bytes) { armor.write(bytes); }, recipients, entropy, options);
    armor.finish();
}

OpenedAge open_age(const Source& source)
{
    OpenedAge file;
    Bytes head(first_read_size);
    head.resize(source(head));
    Source bytes = prepend(head, source);
    file.is_armored = is_armored(head);
    if (file.is_armored) {
        const auto armor = std::make_shared<ArmorReader>(bytes);
        bytes = [armor](MutableByteView buffer) { return armor->read(buffer); };
    }

    std::size_t filled = 0;
    std::optional<std::size_t> size;
    for (std::size_t step = first_read_size; !size; step *= 2) {
        step = std::min(step, age_header_size_max - filled); // more is refused below
        file.header_bytes.resize(filled + step);
        const std::size_t got = bytes(MutableByteView{file.header_bytes}.subspan(filled));
        filled += got;
        file.header_bytes.resize(filled);
        size = find_age_header_size(file.header_bytes);
        if (!size && got < step)
            throw Error{Exit::data, filled == 0 ? "the input is empty, not an age file"
                                                : "the age file's header is truncated"};
    }
    Bytes rest{file.header_bytes.begin() + static_cast<std::ptrdiff_t>(*size),
               file.header_bytes.end()};
    file.header_bytes.resize(*size);
    file.header = parse_age_header(file.header_bytes);
    file.payload = prepend(std::move(rest), bytes);
    return file;
}

void decrypt_stream(const Source& source, const Sink& sink,
                    const std::vector<AgeIdentity>& identities, const AskPassphrase& ask,
                    const DecryptOptions& options)
{
    OpenedAge file = open_age(source);
    const Secret file_key = find_file_key(file, identities, ask);
    std::array<std::byte, payload_nonce_size> nonce{};
    if (file.payload(nonce) != nonce.size())
        throw Error{Exit::data, "the age file is truncated after its header"};

    std::vector<Slot> slots = make_slots(options.workers, unit_chunks, file_key, nonce);
    Units units{file.payload, unit_chunks * sealed_chunk_size};
    Pipeline{
        .read =
            [&](unsigned worker, std::uint64_t) {
                if (units.is_at_end()) return false;
                slots[worker].in_size = units.read(slots[worker].sealed);
                slots[worker].is_last = units.is_at_end();
                return true;
            },
        .compute = [&](unsigned worker,
                       std::uint64_t item) { open_unit(slots[worker], item * unit_chunks); },
        .write =
            [&](unsigned worker, std::uint64_t) {
                const Slot& slot = slots[worker];
                sink(ByteView{slot.plain}.first(slot.out_size));
                if (slot.fault != nullptr) throw Error{Exit::data, slot.fault};
                if (options.done) options.done(slot.out_size);
            },
    }
        .run(options.workers);
}

} // namespace cairn
