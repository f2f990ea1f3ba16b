#include "chain/chain_import.hpp"
#include "chain/testing.hpp"
#include "os/testing.hpp"

#include <cstring>

#include <doctest/doctest.h>

using namespace cairn;

namespace {

const ChainStoreOptions small{.file_size = 2500};

std::string text_of(const Bytes& bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A chain on the disk, which can be damaged again and again.
struct Stored {
    SoloChain chain;
    TestDirectory directory;
    std::map<std::string, std::string> files;

    explicit Stored(unsigned blocks = 20)
    {
        for (unsigned i = 0; i < blocks; ++i) chain.add_some(i);
        {
            ChainStore store{directory.path(), chain.genesis(), chain.consensus(), small};
            put_all(store, chain);
            store.commit();
        }
        files["state/data.mdb"] = file_text(directory / "state/data.mdb");
        for (const std::string& name : list_directory(directory / "blocks"))
            files["blocks/" + name] = file_text(directory / ("blocks/" + name));
    }

    /// Puts all back as it was, but for one file, which is gone where it is empty.
    void put_back(const std::string& changed, std::string_view text)
    {
        for (const char* const part : {"state", "blocks"}) {
            make_directory(directory / part);
            for (const std::string& name : list_directory(directory / part))
                erase_file(directory / part + '/' + name);
        }
        for (const auto& [name, before] : files)
            if (name != changed) put_file(directory / name, before);
        if (!changed.empty() && !text.empty()) put_file(directory / changed, text);
    }

    /// What opening and looking at all comes to: "whole", "shown" for damage that is told of, or
    /// what is wrong.
    std::string look()
    {
        try {
            ChainStore store{directory.path(), chain.genesis(), chain.consensus(), small};
            if (store.tip().id != chain.tip().known.id) return "another block is on top";
            const auto state = store.state();
            for (const auto& [path, value] : chain.state().values())
                if (state->get(StateKey{value.first, path}) != value.second)
                    return "a value is another";
            for (std::size_t i = 1; i < chain.blocks().size(); ++i) {
                const auto body = store.body(chain.blocks()[i].known.id);
                if (!body) return "a body is missing";
                if (*body != chain.blocks()[i].block) return "a body is another";
            }
            return "whole";
        } catch (const Error& error) {
            if (error.code() != Exit::data && error.code() != Exit::config) return error.what();
            const std::string_view text = error.what();
            return text.find(directory.path()) == text.npos ? error.what() : "shown";
        }
    }
};

} // namespace

TEST_CASE("files of blocks that are cut, changed or gone are told of by name")
{
    Stored stored;
    REQUIRE(stored.look() == "whole");
    REQUIRE(stored.files.size() > 4);
    for (const auto& [name, text] : stored.files) {
        if (name.starts_with("state")) continue;
        CAPTURE(name);
        const bool is_last = name == stored.files.rbegin()->first ||
                             std::next(stored.files.find(name))->first.starts_with("state");
        for (std::size_t at = 0; at < text.size(); at += 1 + text.size() / 40) {
            std::string changed = text;
            changed[at] ^= 1;
            stored.put_back(name, changed);
            CHECK(stored.look() == "shown");
            if (at == 0) continue;
            stored.put_back(name, text.substr(0, at));
            CHECK(stored.look() == "shown");
        }
        stored.put_back(name, "");
        CHECK(stored.look() == (is_last ? "shown" : "a body is missing"));
        stored.put_back(name, text + "what was being written");
        CHECK(stored.look() == "whole");
    }
    stored.put_back("", "");
    CHECK(stored.look() == "whole");
    put_file(stored.directory / "blocks/notes", "mine");
    CHECK(stored.look() == "whole");
    CHECK(file_text(stored.directory / "blocks/notes") == "mine");
}

TEST_CASE("a state that is gone or cut is told of, and no new chain is begun")
{
    Stored stored;
    const std::string& text = stored.files.at("state/data.mdb");
    for (std::size_t size = 1; size < text.size(); size += 1 + text.size() / 60) {
        stored.put_back("state/data.mdb", text.substr(0, size));
        const std::string found = stored.look();
        CHECK((found == "shown" || found == "whole")); // its end may be free
    }
    stored.put_back("state/data.mdb", "");
    CHECK(stored.look() == "shown");
    CHECK(stored.look() == "shown"); // nor the second time
    put_file(stored.directory / "state/data.mdb", "");
    CHECK(stored.look() == "shown");
    CHECK(stored.look() == "shown");
    for (const std::string& name : list_directory(stored.directory / "state"))
        erase_file(stored.directory / ("state/" + name));
    REQUIRE(erase_directory(stored.directory / "state"));
    CHECK(stored.look() == "shown");
    CHECK(stored.look() == "shown");

    stored.put_back("", "");
    for (const std::string& name : list_directory(stored.directory / "blocks"))
        erase_file(stored.directory / ("blocks/" + name));
    CHECK(stored.look() == "shown");
    REQUIRE(erase_directory(stored.directory / "blocks"));
    CHECK(stored.look() == "shown");
}

TEST_CASE("values of the state that are not what they were are told of")
{
    Stored stored{6};
    const std::string& text = stored.files.at("state/data.mdb");
    const Bytes needle = to_bytes(stored.chain.tip().known.header);
    const std::size_t at = text.find(text_of(needle));
    REQUIRE(at != std::string::npos);
    for (std::size_t i = 0; i < needle.size(); i += 7) {
        std::string changed = text;
        changed[at + i] ^= 4;
        stored.put_back("state/data.mdb", changed);
        CHECK(stored.look() == "shown");
    }
    std::size_t shown = 0;
    for (const auto& [path, value] : stored.chain.state().values()) {
        if (value.second.size() < 12) continue;
        std::string changed = text;
        for (std::size_t place = changed.find(text_of(value.second)); place != changed.npos;
             place = changed.find(text_of(value.second), place + 1))
            changed[place + 5] ^= 1;
        if (changed == text) continue;
        stored.put_back("state/data.mdb", changed);
        const std::string found = stored.look();
        CHECK(found == "shown");
        ++shown;
    }
    CHECK(shown > 3);
}

TEST_CASE("a chain of another genesis is not opened")
{
    Stored stored{3};
    SoloChain other{17};
    CHECK((exit_of([&] {
               ChainStore{stored.directory.path(), other.genesis(), other.consensus()};
           }) == Exit::config));
    CHECK(stored.look() == "whole");
}

TEST_CASE("a rebuilt chain has the same state, as often as it was cut off")
{
    Stored stored;
    const auto rebuild = [&](Height stop) {
        return rebuild_chain(stored.directory.path(), stored.chain.genesis(),
                             stored.chain.consensus(), [&](const KnownHeader& known) {
                                 if (known.header.height == stop) throw Error{Exit::ioerr, "cut"};
                             });
    };
    stored.put_back("state/data.mdb", "damage");
    for (const std::uint32_t stop : {1U, 5U, 20U, 3U})
        CHECK((exit_of([&] { (void)rebuild({stop}); }) == Exit::ioerr));
    CHECK(exists(stored.directory / "blocks.old"));
    CHECK(rebuild({}) == Height{20});
    CHECK_FALSE(exists(stored.directory / "blocks.old"));
    CHECK(stored.look() == "whole");
    CHECK(state_fault(stored.directory.path(), stored.chain.state()) == "");

    // Cut off while the old files are being removed.
    REQUIRE(create_directory(stored.directory / "blocks.old"));
    for (const auto& [name, text] : stored.files)
        if (name == "blocks/000000.blocks" || name == "blocks/000001.blocks")
            put_file(stored.directory / ("blocks.old" + name.substr(6)), text);
    CHECK(rebuild({}) == Height{20});
    CHECK(stored.look() == "whole");
    REQUIRE(create_directory(stored.directory / "blocks.old"));
    put_file(stored.directory / "blocks.old/000003.blocks",
             stored.files.at("blocks/000003.blocks"));
    CHECK(rebuild({}) == Height{20});
    CHECK(stored.look() == "whole");
}

TEST_CASE("a rebuilt chain is the best of those that are right")
{
    SoloChain chain;
    SoloChain side;
    const TestDirectory directory;
    for (unsigned i = 0; i < 8; ++i) {
        chain.add_some(i);
        side.add_some(i < 5 ? i : 20 + i);
    }
    chain.add_some(50);
    chain.add_some(51);
    // A longer chain of blocks whose seals are right, and nothing else is.
    std::vector<MadeBlock> wrong{chain.tip()};
    for (int i = 0; i < 3; ++i) {
        MadeBlock made = wrong.back();
        Header& header = made.block.header;
        header.parent = made.known.id;
        header.height = header.height + 1;
        ++header.time_s;
        header.consensus = solo_consensus_data(header.chain, header.height, chain.producer());
        const BlockId id = block_id(header);
        made.block.seal = to_bytes(seal(id, chain.producer()));
        made.known = {id, header, made.block.seal, {}};
        wrong.push_back(made);
    }
    {
        ChainStore store{directory.path(), chain.genesis(), chain.consensus(), small};
        for (std::size_t i = wrong.size(); i-- > 1;)
            store.put_body(wrong[i].block, wrong[i].known.id);
        put_all(store, side);
        store.commit();
        for (int i = 0; i < 3; ++i) store.disconnect();
        put_all(store, chain);
        store.commit();
    }
    put_file(directory / "state/data.mdb", "");
    CHECK(rebuild_chain(directory.path(), chain.genesis(), chain.consensus(),
                        [](const KnownHeader&) {}) == Height{10});
    {
        const ChainStore store{directory.path(), chain.genesis(), chain.consensus()};
        CHECK(store.tip().id == chain.tip().known.id);
    }
    CHECK(state_fault(directory.path(), chain.state()) == "");
}

TEST_CASE("without its first blocks a chain is not rebuilt, and keeps what it has")
{
    Stored stored;
    const auto rebuild = [&] {
        (void)rebuild_chain(stored.directory.path(), stored.chain.genesis(),
                            stored.chain.consensus(), [](const KnownHeader&) {});
    };
    stored.put_back("blocks/000000.blocks", "");
    CHECK((exit_of(rebuild) == Exit::data));
    CHECK((exit_of(rebuild) == Exit::data));
    CHECK_FALSE(exists(stored.directory / "blocks.old"));
    CHECK_FALSE(exists(stored.directory / "state.damaged"));
    stored.put_back("", "");
    CHECK(stored.look() == "whole");
    const TestDirectory nothing;
    CHECK((exit_of([&] {
               (void)rebuild_chain(nothing.path(), stored.chain.genesis(), stored.chain.consensus(),
                                   [](const KnownHeader&) {});
           }) == Exit::data));
}
