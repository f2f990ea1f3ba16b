#pragma once

#include "base/testing.hpp"
#include "pairing/scalar.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <nlohmann/json.hpp>

// For *_test.cpp files only.

namespace cairn {

/// A file of tests/data/bls12381, which says where it comes from.
inline std::string vector_text(const std::string& name)
{
    std::ifstream file{CAIRN_TEST_DATA "/bls12381/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

inline nlohmann::json vector_json(const std::string& name)
{
    return nlohmann::json::parse(vector_text(name));
}

inline Bytes hex_of(const nlohmann::json& value)
{
    std::string text = value.get<std::string>();
    if (text.starts_with("0x")) text.erase(0, 2);
    return hex_bytes(text);
}

/// A scalar that is always the same for a seed, and no special one.
inline Scalar drawn_scalar(std::uint64_t seed)
{
    return Scalar::reduce(noise(48, seed));
}

/// Does it by each form of products that this machine can run.
template <class Work>
void on_each_kernel(const Work& work)
{
    for (const detail::FieldKernel kernel : detail::field_kernels()) {
        detail::use(kernel);
        work();
    }
}

template <class Point>
Bytes encoded(const Point& point)
{
    Bytes bytes(Point::size);
    point.encode(bytes);
    return bytes;
}

} // namespace cairn
