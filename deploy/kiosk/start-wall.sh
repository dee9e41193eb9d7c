#!/usr/bin/env bash
# Shows the wall full screen and nothing else. Settings come from the environment: see kiosk.env beside this file.
# Whoever starts it starts it again when it ends: keep-wall.py does, and restarts it once a day.
set -euo pipefail
: "${WALL_URL:?WALL_URL is not set, such as https://wall.example.go.id/wall?scene=map}"
profile=${WALL_PROFILE:-$HOME/.liveroom-wall}

# Under X the screen would go dark by itself; a Wayland kiosk compositor leaves it on.
if [ -n "${DISPLAY:-}" ] && command -v xset >/dev/null; then
  xset s off s noblank -dpms 2>/dev/null || true
fi

# A browser started too early shows its own error page for ever: wait for the room.
origin=$(printf '%s' "$WALL_URL" | cut -d/ -f1-3)
until curl --fail --silent --output /dev/null --max-time 5 "$origin/healthz"; do
  sleep 2
done

address=$WALL_URL
if [ -n "${WALL_TOKEN:-}" ]; then
  case $address in *\?*) join='&' ;; *) join='?' ;; esac
  address=$address${join}token=$WALL_TOKEN
fi

# The first six are what the wall needs to keep time, flash and sound when nobody touches it; the rest keeps the browser
# itself quiet. The profile stays: it holds the screen's token and the last good picture.
exec "${WALL_BROWSER:-chromium}" \
  --kiosk \
  --autoplay-policy=no-user-gesture-required \
  --disable-background-timer-throttling \
  --disable-backgrounding-occluded-windows \
  --disable-renderer-backgrounding \
  --noerrdialogs \
  --user-data-dir="$profile" \
  --password-store=basic \
  --no-first-run \
  --no-default-browser-check \
  --hide-crash-restore-bubble \
  --disable-features=Translate \
  --disable-component-update \
  --overscroll-history-navigation=0 \
  --disable-pinch \
  ${WALL_FLAGS:-} \
  "$address"
