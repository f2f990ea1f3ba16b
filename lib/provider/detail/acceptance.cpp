#include "provider/detail/acceptance.hpp"

#include "audit/tag_check.hpp"
#include "base/error.hpp"
#include "base/hex.hpp"
#include "provider/detail/audit_notes.hpp"
#include "provider/detail/shard_bytes.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <set>

namespace cairn::detail {
namespace {

constexpr std::size_t accepted_key_size_max = sectors_stored_max * G1::size + 1024; // bytes

[[noreturn]] void refuse(const std::string& why)
{
    throw Error{Exit::no, why};
}

[[noreturn]] void refuse_tags(const TagHeader& header, const char* why)
{
    refuse("the tags of shard " + to_hex_text(header.root.bytes) + ' ' + why);
}

/// What a parser makes of bytes that a peer has sent.
auto parsed(const std::string& before, const auto& parse)
{
    try {
        return parse();
    } catch (const Error& error) {
        if (error.code() != Exit::data) throw;
        refuse(before + error.what());
    }
}

/// One upload. Throws Error{no} where something is refused.
class Examination {
public:
    Examination(Depot& depot, ProverKeys& keys, Entropy& entropy, Upload& upload)
        : depot_{&depot},
          keys_{&keys},
          entropy_{&entropy},
          upload_{&upload},
          items_{upload.items()}
    {
    }

    void run()
    {
        if (is_too_large(items_)) refuse("it is too large");
        for (std::size_t i = 0; i < items_.size(); ++i) {
            Bytes bytes(static_cast<std::size_t>(items_[i].size));
            upload_->read(i, 0, bytes);
            if (is_tag_file(bytes))
                examine_set(i, bytes);
            else
                examine_key(i, bytes);
        }
        for (ProverKeys::Key& key : own_) keys_->keep(std::move(key));
    }

    [[nodiscard]] std::uint64_t tags() const noexcept { return tags_; }

private:
    /// Points of the groups take most of the time.
    void spend(std::uint64_t points)
    {
        if (points > points_left_) refuse("there is too much to be checked in one upload");
        points_left_ -= points;
    }

    void examine_key(std::size_t item, ByteView bytes)
    {
        if (bytes.size() > accepted_key_size_max)
            refuse("neither a tag set nor a prover key of at most " +
                   std::to_string(sectors_stored_max) + " sectors");
        spend(bytes.size() / G1::size);
        SignedProverKey key =
            parsed("neither a tag set nor a prover key: ", [&] { return parse_prover_key(bytes); });
        if (!is_signed(key.audit)) refuse("the prover key's signature is wrong");
        if (!key.powers.belongs_to(key.audit.key, *entropy_))
            refuse("the prover key does not belong to its audit key");
        upload_->add_note(
            item, {subject_of(key.audit.key.id()), to_sectors_note(key.audit.key.sectors())});
        own_.push_back(std::make_shared<SignedProverKey>(std::move(key)));
    }

    /// A key that is here, or has come before in this upload.
    [[nodiscard]] ProverKeys::Key key_of(const AuditKeyId& id) const
    {
        for (const ProverKeys::Key& key : own_)
            if (key->audit.key.id() == id) return key;
        ProverKeys::Key key = keys_->find(id);
        if (!key) refuse("the prover key is not here");
        return key;
    }

    void examine_set(std::size_t item, ByteView bytes)
    {
        const std::vector<TagFile> files = parsed({}, [&] { return parse_tag_set(bytes); });
        const AuditKeyId& id = files.front().header.key;
        const ProverKeys::Key key = key_of(id);
        std::set<AuditFileId> seen;
        bool is_any_here = false;
        for (const TagFile& file : files) {
            const TagHeader& header = file.header;
            if (header.key != id) refuse_tags(header, "are of another audit key than others");
            if (header.sectors != key->audit.key.sectors())
                refuse_tags(header, "are of other blocks than those of the audit key");
            if (!seen.insert(header.file_id()).second) refuse_tags(header, "are there twice");
            if (!is_here(header)) continue;
            is_any_here = true;
            if (!is_known(header, items_[item].root)) check(file, *key);
            const TagPlace place{header.root, file.offset, header.tag_file_size()};
            upload_->add_note(item, {subject_of(header.file_id()), to_bytes(place)});
            upload_->add_note(item, {subject_of(header.root), {}});
        }
        if (!is_any_here) refuse("none of its shards is here");
    }

    [[nodiscard]] bool is_here(const TagHeader& header) const
    {
        const HasEntry entry = depot_->find(header.root, std::nullopt);
        return entry.is_here && entry.size == header.file_size;
    }

    /// Whether the same set was accepted before for this shard.
    [[nodiscard]] bool is_known(const TagHeader& header, const ShardRoot& set) const
    {
        return std::ranges::any_of(depot_->notes(subject_of(header.file_id()), tags_items_max),
                                   [&](const FoundNote& note) { return note.from.root == set; });
    }

    void check(const TagFile& file, const SignedProverKey& key)
    {
        const TagHeader& header = file.header;
        spend(header.blocks());
        tags_ += header.blocks();
        std::optional<ShardBytes> shard = ShardBytes::open(*depot_, header.root);
        TagCheck check{key.powers, header.file_id()};
        const std::uint64_t block_size = key.audit.key.block_size();
        Bytes block;
        std::array<std::byte, 16> factor{};
        for (std::uint64_t i = 0; i < header.blocks(); ++i) {
            const std::uint64_t begin = i * block_size;
            block.resize(static_cast<std::size_t>(std::min(block_size, header.file_size - begin)));
            if (!shard || !shard->read(begin, block))
                refuse("shard " + to_hex_text(header.root.bytes) + " has rotted");
            const std::optional<G1> tag = file.tag(i);
            if (!tag) refuse_tags(header, "are wrong");
            entropy_->fill(factor);
            check.add(i, block, *tag, factor);
        }
        if (!check.is_right(key.audit.key)) refuse_tags(header, "are wrong");
    }

    Depot* depot_;
    ProverKeys* keys_;
    Entropy* entropy_;
    Upload* upload_;
    std::vector<ShardItem> items_;
    std::vector<ProverKeys::Key> own_;
    std::uint64_t points_left_ = tags_put_points_max;
    std::uint64_t tags_ = 0;
};

} // namespace

bool is_too_large(std::span<const ShardItem> items)
{
    std::uint64_t size = 0;
    for (const ShardItem& item : items) size += item.size;
    return size > tags_put_size_max;
}

Verdict Acceptance::judge(Upload& upload) const
{
    Examination examination{*depot_, *keys_, *entropy_, upload};
    Verdict verdict;
    try {
        examination.run();
    } catch (const Error& error) {
        const bool is_refused = error.code() == Exit::no;
        verdict.status = is_refused ? CallStatus::denied : CallStatus::failed;
        verdict.text = is_refused ? error.what() : "it cannot be checked now";
    } catch (const std::bad_alloc&) {
        verdict = {CallStatus::failed, "it cannot be checked now", 0};
    }
    verdict.tags = examination.tags();
    return verdict;
}

} // namespace cairn::detail
