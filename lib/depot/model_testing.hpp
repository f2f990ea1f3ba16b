#pragma once

#include "depot/testing.hpp"

#include <map>
#include <utility>

// For model_test.cpp only: what a depot promises, in the shortest form.

namespace cairn {

inline constexpr unsigned owners = 3;
inline constexpr std::uint64_t size_max = 3'000'000; // bytes of an owner's grant
inline constexpr std::uint64_t objects_max = 60;
inline constexpr std::uint64_t trash_s = 100;
inline constexpr unsigned subjects = 6; // of notes

struct ModelEntry {
    ShardClass kind = ShardClass::data;
    ShardItem item;
    std::uint64_t time_s = 0;
    std::uint64_t expiry_s = 0;
};

struct ModelShard {
    std::uint64_t size = 0;
    std::uint64_t entries = 0;
    std::uint64_t trash_s = 0; // since when; only without entries
    bool is_damaged = false;
};

struct ModelNote {
    NoteSubject subject;
    ShardRoot root;
    Bytes value;
};

struct ModelUpload {
    unsigned owner = 0;
    PutRequest request;
    std::vector<ModelNote> notes = {};
};

struct Model {
    std::uint64_t now_s = 1000;
    std::uint64_t next_serial = 1;
    std::map<ShardRoot, ModelShard> shards;
    std::map<unsigned, std::map<std::uint64_t, ModelEntry>> entries; // of each owner, by serial
    std::vector<ModelUpload> uploads;
    std::map<std::pair<NoteSubject, ShardRoot>, Bytes> notes;

    bool reserve(unsigned owner, const PutRequest& request)
    {
        std::uint64_t bytes = 0;
        std::uint64_t count = request.items.size() + entries[owner].size();
        for (const auto& [serial, entry] : entries[owner]) bytes += entry.item.size;
        for (const ModelUpload& other : uploads)
            if (other.owner == owner) {
                count += other.request.items.size();
                for (const ShardItem& item : other.request.items) bytes += item.size;
            }
        for (const ShardItem& item : request.items) bytes += item.size;
        if (bytes > size_max || count > objects_max) return false;
        if (request.expiry_s != 0 && request.expiry_s <= now_s) return false;
        uploads.push_back({owner, request});
        return true;
    }

    std::uint64_t commit(const ModelUpload& upload)
    {
        const std::uint64_t first = next_serial;
        for (const ShardItem& item : upload.request.items) {
            ModelShard& shard = shards[item.root];
            shard.size = item.size;
            shard.is_damaged = false;
            ++shard.entries;
            entries[upload.owner][next_serial++] = {upload.request.kind, item, now_s,
                                                    upload.request.expiry_s};
        }
        for (const ModelNote& note : upload.notes) notes[{note.subject, note.root}] = note.value;
        return first;
    }

    bool drop(unsigned owner, const DropItem& item)
    {
        const auto found = entries[owner].find(item.serial);
        if (found == entries[owner].end() || found->second.item.root != item.root) return false;
        entries[owner].erase(found);
        ModelShard& shard = shards.at(item.root);
        shard.trash_s = now_s;
        if (--shard.entries > 0) return true;
        std::erase_if(notes, [&](const auto& each) { return each.first.second == item.root; });
        if (shard.is_damaged) shards.erase(item.root);
        return true;
    }

    void collect()
    {
        for (auto& [owner, list] : entries) {
            std::vector<DropItem> expired;
            for (const auto& [serial, entry] : list)
                if (entry.expiry_s != 0 && entry.expiry_s <= now_s)
                    expired.push_back({entry.item.root, serial});
            for (const DropItem& item : expired) drop(owner, item);
        }
        std::erase_if(shards, [&](const auto& each) {
            return each.second.entries == 0 && each.second.trash_s + trash_s <= now_s;
        });
    }

    [[nodiscard]] bool is_here(const ShardRoot& root) const
    {
        const auto found = shards.find(root);
        return found != shards.end() && found->second.entries > 0 && !found->second.is_damaged;
    }
};

} // namespace cairn
