#!/usr/bin/env bash
# Makes a Debian package and a tarball of the four commands, which run without a Swift toolchain: the Swift runtime is in them.
# usage: package.sh [OUTPUT]        CONFIGURATION=debug and LEVEL=0 (of compression) in the environment for a quick look
#
# The package needs libzmq, protobuf-c, zstd and glibc of Debian 12 or newer; what exactly is read from the commands themselves.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${1:-.build/packages}
configuration=${CONFIGURATION:-release}
level=${LEVEL:-6}
# A place of its own: everything is compiled for another runtime.
scratch=.build/static
mkdir -p "$output"

for command in ead-controller ead-learner ead-worker ead-ctl; do
    swift build -c "$configuration" --scratch-path "$scratch" --static-swift-stdlib --product "$command"
done
bin=$scratch/$configuration
version=$("$bin/ead-ctl" --version | cut -d' ' -f1)
architecture=$(dpkg --print-architecture)

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
tree=$root/usr
for command in ead-controller ead-learner ead-worker ead-ctl; do
    install -D -m 755 "$bin/$command" "$tree/bin/$command"
    strip --strip-unneeded "$tree/bin/$command"
    for shell in "bash bash-completion/completions/" "zsh zsh/site-functions/_" "fish fish/vendor_completions.d/"; do
        read -r name place <<<"$shell"
        place=$tree/share/$place$command
        [ "$name" != fish ] || place=$place.fish
        mkdir -p "$(dirname "$place")"
        "$bin/$command" --generate-completion-script "$name" >"$place"
    done
done
mkdir -p "$tree/share/ead" "$tree/share/doc/ead"
cp -r cluster "$tree/share/ead/"
cp -r docs/*.md README.md CHANGELOG.md "$tree/share/doc/ead/"
gzip -n9 "$tree/share/doc/ead/CHANGELOG.md"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -not -path '*/bin/*' -exec chmod 644 {} +

# The tarball: unpack it anywhere, and put bin on the PATH.
mkdir "$root/ead-$version"
cp -r "$tree/bin" "$tree/share" "$root/ead-$version/"
XZ_OPT="-T0 -$level" tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner -cJf "$output/ead-$version-linux-$architecture.tar.xz" "ead-$version"
rm -rf "$root/ead-$version"

# dpkg-shlibdeps reads which packages the commands need, and wants a debian/control to do so.
mkdir "$root/debian" "$root/DEBIAN"
printf 'Source: ead\n\nPackage: ead\nArchitecture: any\n' >"$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps -O usr/bin/* 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$root/debian"
[ -n "$depends" ] || { echo "package: dpkg-shlibdeps found nothing; is dpkg-dev installed?" >&2; exit 1; }
cat >"$root/DEBIAN/control" <<END
Package: ead
Version: $version
Architecture: $architecture
Maintainer: EAD <ead@localhost>
Section: science
Priority: optional
Installed-Size: $(du -sk "$tree" | cut -f1)
Depends: $depends
Recommends: python3
Suggests: openssh-client, slurm-client
Description: reinforcement learning with verifiable rewards, distributed and exact
 Controller, learner and workers of Exploratory Annealed Decoding, and the
 command that starts, watches and steers them. Models are GGUF files or
 directories of Hugging Face; everything is computed on the CPU.
END
deb=$output/ead_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz "-z$level" --build "$root" "$deb" >/dev/null
echo "$deb: $(stat -c %s "$deb") bytes, $(du -sk "$tree" | cut -f1) KiB installed, depends on $depends"
find "$output" -type f -printf '%s %f\n'
