#pragma once

#include "client/session.hpp"
#include "format/index.hpp"

#include <functional>
#include <memory>
#include <string>

namespace cairn {

struct CatalogOptions {
    std::string temporary_directory = "/tmp"; ///< for the records, encrypted as they are
    std::uint64_t patience_ms = 30'000;
    std::size_t records_max = 4'000'000; ///< what more there is is left out
};

/// What came of reading the index.
struct CatalogFacts {
    std::size_t answered = 0;  ///< providers that listed all they have
    std::size_t silent = 0;    ///< and those that did not
    std::uint64_t records = 0; ///< different ones that could be opened
    std::uint64_t foreign = 0; ///< not sealed to the key
    std::uint64_t damaged = 0; ///< opened, and malformed
    std::uint64_t missing = 0; ///< listed, and given by nobody
    bool is_cut = false;       ///< there are more than records_max
};

/// An object that is stored, as its owner noted it.
struct CatalogEntry {
    IndexRecord record;
    bool is_latest = true; ///< false where a later object has the same name
};

/// The index records of an owner, from all providers, each once. In memory is what it takes to put
/// them in order, some hundred bytes for each; the records themselves wait encrypted in a file.
class IndexCatalog {
public:
    /// `session`, whose owner is the identity, and `identity` must live longer.
    IndexCatalog(Session& session, const AgeIdentity& identity, CatalogOptions options);
    IndexCatalog(const IndexCatalog&) = delete;
    IndexCatalog& operator=(const IndexCatalog&) = delete;
    ~IndexCatalog();

    /// Asks all providers, once. Throws Error{ioerr}.
    void read();

    [[nodiscard]] const CatalogFacts& facts() const noexcept;

    /// How many objects there are: stored and not removed since.
    [[nodiscard]] std::size_t size() const noexcept;

    /// The objects, in the order in which they were stored.
    [[nodiscard]] CatalogEntry at(std::size_t index) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace cairn
