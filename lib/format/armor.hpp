#pragma once

#include "base/bytes.hpp"

#include <functional>
#include <string>

namespace cairn {

// The text form of age files: strict PEM, cairn-age(5).

/// Bytes of an input: fills the buffer as far as the input reaches, returns how many it got.
using Source = std::function<std::size_t(MutableByteView buffer)>;
/// Takes bytes of an output.
using Sink = std::function<void(ByteView bytes)>;

/// True when `prefix`, after white space, begins as armor does.
bool is_armored(ByteView prefix);

/// Makes armor of what is written to it.
class ArmorWriter {
public:
    explicit ArmorWriter(Sink sink);

    void write(ByteView bytes);

    /// Writes the end line; call it once, after everything.
    void finish();

private:
    void flush(ByteView bytes);

    Sink sink_;
    Bytes rest_; // fewer bytes than fill a line
};

/// Gives the bytes in armor. Throws Error{data} for anything but strict armor of lines of 64
/// columns; LF and CRLF both end lines, and white space around the whole is allowed.
class ArmorReader {
public:
    explicit ArmorReader(Source source);

    std::size_t read(MutableByteView buffer);

private:
    enum class State { before, body, after_short_line, end };

    bool next_line(std::string& line);
    void decode_next_line();
    void check_rest();

    Source source_;
    Bytes input_;
    std::size_t input_at_ = 0;
    bool is_input_at_end_ = false;
    State state_ = State::before;
    Bytes decoded_;
    std::size_t decoded_at_ = 0;
};

} // namespace cairn
