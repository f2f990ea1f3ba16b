#pragma once

#include "base/bytes.hpp"

namespace cairn {

/// Where random bytes come from: the system in tools, a fixed sequence in tests.
class Entropy {
public:
    Entropy() = default;
    Entropy(const Entropy&) = delete;
    Entropy& operator=(const Entropy&) = delete;
    virtual ~Entropy() = default;

    virtual void fill(MutableByteView bytes) = 0;
};

} // namespace cairn
