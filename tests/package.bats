# What "cmake --install" and "cpack" make of the build directory that the tools in $PATH are in, or
# of $CAIRN_BUILD.
load helper

# shellcheck disable=SC2154 # bin and root are helper's
build=${CAIRN_BUILD:-${bin%/bin}}
# shellcheck disable=SC2154
[[ -f $build/CMakeCache.txt ]] || build=$root/build/release
version=$(sed -nE 's/^CMAKE_PROJECT_VERSION:[A-Z]+=//p' "$build/CMakeCache.txt")

# The value of a variable of the build.
cached() {
    sed -nE "s/^$1:[A-Z]+=//p" "$build/CMakeCache.txt"
}

# What a program needs to be linked with this build: its sanitizers.
compiler=$(cached CMAKE_CXX_COMPILER)
read -r -a build_flags <<< "$(cached CMAKE_CXX_FLAGS)"

# As a user and as a packager see it: installed below $usr, and unpacked below $packages/NAME.
setup_file() {
    export usr=$BATS_FILE_TMPDIR/stage/usr packages=$BATS_FILE_TMPDIR/packages
    DESTDIR=${usr%/usr} cmake --install "$build" --prefix /usr > /dev/null
    SOURCE_DATE_EPOCH=1700000000 cpack --config "$build/CPackConfig.cmake" -B "$packages" \
        -D CPACK_DEBIAN_COMPRESSION_TYPE=gzip > "$packages.log" 2>&1 ||
        { cat "$packages.log" >&2 && return 1; }
    for package in cairn libcairn-dev; do
        dpkg-deb -x "$packages/${package}_${version}"-*.deb "$packages/$package"
    done
    pkgconfig=$(dirname "$(find "$usr" -name cairn.pc)")
    export PKG_CONFIG_PATH=$pkgconfig
}

# A program that hashes, encrypts to itself, proves that it stores something, and begins a chain.
write_consumer() {
    cat > consumer.cpp << 'END'
#include <audit/proof.hpp>
#include <base/hex.hpp>
#include <engine/poc.hpp>
#include <hash/blake3.hpp>
#include <ledger/ledger.hpp>
#include <os/random.hpp>
#include <stream/age_stream.hpp>
#include <stream/digest_stream.hpp>
#include <iostream>

using namespace cairn;

int main()
{
    SystemEntropy entropy;
    Secret secret{32};
    entropy.fill(secret.bytes());
    X25519Identity identity = to_identity(std::move(secret));
    std::vector<Recipient> recipients;
    recipients.emplace_back(X25519Recipient{identity.key});
    std::vector<AgeIdentity> identities;
    identities.emplace_back(std::move(identity));
    Bytes file;
    std::string text;
    const auto from = [](ByteView all) {
        return [all](MutableByteView buffer) mutable {
            const std::size_t size = std::min(all.size(), buffer.size());
            std::copy_n(all.begin(), size, buffer.begin());
            all = all.subspan(size);
            return size;
        };
    };
    encrypt_stream(from(as_bytes("abc")), [&](ByteView b) { file.insert(file.end(), b.begin(), b.end()); },
                   recipients, entropy, {});
    decrypt_stream(from(file), [&](ByteView b) { text += as_text(b); }, identities, {}, {});


    const AuditSecret owner{Bytes(32, std::byte{7})};
    const AuditKey key = owner.audit_key(8);
    const AuditedFile tagged{audit_file_id(key, 3, blake3(as_bytes(text)).bytes), 1};
    const AuditChallenge challenge = expand({}, {&tagged, 1}, 1);
    const ProverKey prover_key = owner.prover_key(8);
    StorageProver prover{prover_key};
    prover.add(challenge.blocks[0], as_bytes(text),
               owner.tag(index_point(tagged.id, 0), owner.value_of(as_bytes(text))));
    const StorageProof proof = prover.finish(challenge.point);
    if (!verify(StorageStatement{key, {tagged}, challenge}, proof)) return 1;

    const Genesis genesis = parse_genesis(*genesis_profile("dev"));
    const Header first = first_block(genesis).header;
    if (block_id(parse_header(to_bytes(first))) != block_id(first)) return 1;
    if (parse_poc_data(to_bytes(PocData{})) != PocData{}) return 1;
    std::cout << text << ' ' << to_hex_text(blake3(as_bytes(text)).bytes) << '\n';
}
END
}

assert_consumer_works() {
    run -0 --separate-stderr ./consumer
    assert_output "abc 6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
}

@test "all tools are installed, and run from there" {
    assert_equal "$(cd "$usr/bin" && echo cairn*)" "$(cd "$bin" && echo cairn*)"
    for tool in "$usr"/bin/cairn*; do
        PATH=/usr/bin:/bin run -0 "$tool" --version
        assert_output --partial "${tool##*/} $version"
    done
    PATH=/usr/bin:/bin run -0 "$usr/bin/cairn" --list
    assert_output "$(cd "$usr/bin" && printf '%s\n' cairn-* | sed 's/^cairn-//')"
}

@test "man finds a page of every tool, and every page of the manual" {
    export MANPATH=$usr/share/man MANPAGER=/bin/cat
    for page in "$root"/man/*.[157]; do
        name=$(basename "$page")
        run -0 man -w "${name##*.}" "${name%.*}"
        assert_output "$MANPATH/man${name##*.}/$name"
        cmp "$page" "$output"
    done
    for tool in "$usr"/bin/cairn-*; do
        run -0 man -w "${tool##*/}"
        assert_output "$MANPATH/man1/${tool##*/}.1"
        run -0 "$usr/bin/cairn" help "${tool##*/cairn-}"
        assert_output --partial "${tool##*/}"
    done
    run -0 "$usr/bin/cairn" help
}

@test "bash, zsh and fish find the completions of every tool" {
    export HOME=$PWD XDG_DATA_DIRS=$usr/share
    cat > complete.bash << 'END'
. /usr/share/bash-completion/bash_completion
_completion_loader "$1"
complete -p "$1"
COMP_WORDS=("$1" --vers) COMP_CWORD=1
_cairn "$1" --vers "$1"
echo "${COMPREPLY[@]}"
END
    for tool in "$usr"/bin/cairn*; do
        name=${tool##*/}
        run -0 bash --norc complete.bash "$name"
        assert_line "complete -F _cairn $name"
        assert_line --version
        run -0 fish -c "complete -C '$name --vers'"
        assert_output --regexp '^--version'
        # shellcheck disable=SC2016 # for zsh
        run -0 zsh -f -c 'fpath=($1/zsh/vendor-completions $fpath)
            autoload -Uz compinit && compinit -D -u && echo $_comps[$2]' - "$usr/share" "$name"
        assert_output _cairn
    done
}

@test "the installed headers are the public ones, and need no others" {
    cd "$usr/include/cairn"
    run -0 find . '(' -name '*testing*' -o -name '*_test*' ')'
    assert_output ""
    run -0 bash -c 'find . -name detail | sort' # templates need them
    assert_output $'./audit/detail\n./pairing/detail'
    for module in base os json hash crypto codec format erasure pairing audit capacity ledger engine \
        stream; do
        assert_equal "$(echo "$module"/*.hpp)" "$(cd "$root/lib" && printf '%s\n' "$module"/*.hpp |
            grep -v testing.hpp | paste -sd ' ')"
    done
    find . -name '*.hpp' -printf '#include <%P>\n' | sort > "$BATS_TEST_TMPDIR/all.cpp"
    "$compiler" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I. "$BATS_TEST_TMPDIR/all.cpp"
}

@test "a program is built with the library by pkg-config" {
    assert_equal "$(pkg-config --modversion cairn)" "$version"
    write_consumer
    read -r -a options <<< "$(pkg-config --cflags --libs --static cairn)"
    "$compiler" -std=c++20 "${build_flags[@]}" consumer.cpp "${options[@]}" -o consumer
    assert_consumer_works

    # Nothing in the library needs more than pkg-config says.
    echo 'int main() {}' > nothing.cpp
    "$compiler" "${build_flags[@]}" nothing.cpp -Wl,--whole-archive "$(dirname "$PKG_CONFIG_PATH")/libcairn.a" \
        -Wl,--no-whole-archive "${options[@]}" -o nothing
}

@test "a program is built with the packaged library by CMake" {
    write_consumer
    cat > CMakeLists.txt << END
cmake_minimum_required(VERSION 3.25)
project(consumer LANGUAGES CXX)
find_package(cairn $version REQUIRED)
add_executable(consumer consumer.cpp)
target_link_libraries(consumer PRIVATE cairn::cairn)
END
    run -0 cmake -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="${build_flags[*]}" \
        -DCMAKE_PREFIX_PATH="$packages/libcairn-dev/usr" .
    run -0 cmake --build .
    assert_consumer_works

    sed -i "s/ $version / 0.2 /" CMakeLists.txt
    run ! cmake -G Ninja .
    assert_output --partial "compatible"
}

@test "the packages hold together what an installation does" {
    # Without what Debian wants else.
    (cd "$usr" && find . ! -type d ! -name LICENSE ! -name CHANGELOG.md) | sort > installed
    for package in cairn libcairn-dev; do
        doc=$packages/$package/usr/share/doc/$package
        grep -q '^License: Apache-2.0$' "$doc/copyright"
        zcat "$doc/changelog.gz" | cmp - "$root/CHANGELOG.md"
        zcat "$doc/changelog.Debian.gz" > changelog
        assert_equal "$(dpkg-parsechangelog -S Version -l changelog)" \
            "$(dpkg-deb -f "$packages/${package}_"*.deb Version)"
        (cd "$packages/$package/usr" && find . ! -type d ! -path "./share/doc/*/c*")
    done | sed -E '/share.man/ s/\.gz$//' | sort > packaged
    diff installed packaged
    run -0 find -L "$packages/cairn" "$packages/libcairn-dev" "$usr" -type l
    assert_output "" # no link leads nowhere
}

@test "the package depends on what the tools are linked with" {
    run -0 dpkg-deb -f "$packages"/cairn_*.deb Depends
    for library in libc6 libssl3 libsodium23 libisal2 'libstdc++6'; do
        assert_output --regexp "(^|, )${library//+/\\+}( |,|$)"
    done
    run -0 dpkg-deb -f "$packages"/libcairn-dev_*.deb Depends
    assert_output "libisal-dev, libsodium-dev, libssl-dev"
}

@test "the packages are dated as SOURCE_DATE_EPOCH says" {
    for deb in "$packages"/*.deb; do
        TZ=UTC run -0 dpkg-deb -c "$deb"
        assert_equal "$(grep -cE '^[^ ]+ root/root +[0-9]+ 2023-11-14 22:13 ' <<< "$output")" \
            "${#lines[@]}"
    done
}

@test "lintian finds no error in the packages" {
    run -0 lintian --no-cfg --allow-root --fail-on error --tag-display-limit 0 "$packages"/*.deb
    refute_output --partial 'E: '
}
