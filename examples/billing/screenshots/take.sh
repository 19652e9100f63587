#!/usr/bin/env bash
# Retakes the screenshots in this folder. Needs Debian's packages chromium, chromium-driver and pngquant.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
SCREENSHOTS=$PWD cargo test --locked --package billing --test browser screenshots::take_screenshots -- --ignored
pngquant --force --skip-if-larger --ext .png --speed 1 ./*.png
