#!/usr/bin/env bash
# Makes an image that stands in for node:24-bookworm-slim where no registry of images can be reached: Debian from its own
# mirror, Node and npm from the npm registry. Needs root and debootstrap; mirror, proxy, registry and certificates are
# those of this machine's own settings.
# usage: base-image.sh <docker> <folder to work in> <folder of Node's package> <name of the image>
set -euo pipefail
docker=$1 folder=$2 node=$3 image=$4
system=$folder/base

mkdir -p "$folder/base-npm"
echo '{ "private": true }' > "$folder/base-npm/package.json"
(cd "$folder/base-npm" && npm install npm@11 --ignore-scripts --no-audit --no-fund --loglevel=error) &
debootstrap --variant=minbase bookworm "$system" > "$folder/debootstrap.log" || { tail -20 "$folder/debootstrap.log"; exit 1; }
wait $!

install -m 755 "$node" "$system/usr/local/bin/node"
mkdir -p "$system/usr/local/lib/node_modules"
cp -a "$folder/base-npm/node_modules/npm" "$system/usr/local/lib/node_modules/"
for tool in npm npx; do ln -s "../lib/node_modules/npm/bin/$tool-cli.js" "$system/usr/local/bin/$tool"; done
chroot "$system" useradd --create-home --uid 1000 --shell /bin/bash node
rm -rf "$system"/var/cache/apt/archives/*.deb "$system"/var/lib/apt/lists/*
tar -C "$system" -c . | "$docker" import --change 'CMD ["node"]' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$image"
rm -rf "$system"
