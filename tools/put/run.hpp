#pragma once

#include "cli/cli.hpp"
#include "cli/progress.hpp"
#include "client/file_tree.hpp"
#include "client/put.hpp"
#include "connect/connection.hpp"
#include "keyring/owner.hpp"
#include "keyring/passphrase.hpp"
#include "os/input.hpp"
#include "os/output.hpp"
#include "os/pipeline.hpp"
#include "os/random.hpp"
#include "stream/decode.hpp"

namespace cairn {

/// What the command line says.
struct PutToolOptions {
    std::optional<std::string> file;
    std::optional<std::string> identity;
    PassphraseOptions passphrase;
    std::vector<std::string> recipients;
    bool is_public = false;
    bool is_encoded = false;
    std::string profile;
    std::optional<std::uint64_t> k;
    std::optional<std::uint64_t> m;
    std::optional<std::string> directory;
    std::optional<std::string> list;
    bool is_nul = false;
    std::optional<std::string> name;
    std::optional<std::string> receipts;
    bool force = false;
    bool no_index = false;
    bool is_tagged = false;
    std::optional<std::uint64_t> sectors;
    std::uint64_t threads = default_workers(2);
    ConnectionOptions connection;

    [[nodiscard]] bool is_batch() const { return directory || list; }
    [[nodiscard]] bool has_code() const { return !profile.empty() || k; }
};

/// What tags are made with, where they are wanted.
class Tags {
public:
    Tags(const PutToolOptions& options, const Owner& owner);

    [[nodiscard]] std::optional<PutTags> get() const;

private:
    std::unique_ptr<AuditSecret> secret_;
    std::unique_ptr<Tagger> tagger_;
    std::shared_ptr<const Bytes> prover_key_;
};

/// All that one run needs, and what becomes of its objects.
class PutRun {
public:
    /// `encoded`: a shard stream that the object is read from, or null.
    PutRun(const PutToolOptions& options, Console& console,
           std::shared_ptr<ShardStreamReader> encoded);

    Exit put_one(const std::shared_ptr<Input>& input);
    Exit put_tree(const FileTree& tree);

private:
    using Done = std::function<void(PutResult&&)>;

    void run(std::function<std::optional<PutInput>()> next, const Done& done, Progress& progress);
    void put_list(const FileTree& tree, const TreeLinks& links, Progress& progress);
    void tell(const PutResult& result, const std::string& name, bool has_name);
    void count(const PutResult& result, const std::string& name);
    [[nodiscard]] PutContent content_of(const std::shared_ptr<Input>& input) const;
    [[nodiscard]] PutInput input_of(const FileTree::Item& item, std::size_t number) const;
    Exit finish();

    const PutToolOptions* options_;
    Console* console_;
    SystemEntropy entropy_;
    Owner owner_;
    Connection connection_;
    Tags tags_;
    std::shared_ptr<ShardStreamReader> encoded_;
    Putter putter_;
    std::optional<Output> receipts_;
    std::uint64_t stored_ = 0;  // objects
    std::uint64_t partial_ = 0; // of these, not with all their shards
    std::uint64_t failed_ = 0;
    std::optional<Error> first_error_;
    std::optional<PutResult> last_; // the result of a run with one object
};

} // namespace cairn
