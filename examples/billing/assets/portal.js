// Optional improvements: all pages also work without this file.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // only available over HTTPS and on localhost
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.firstChild; // followed by text for screen readers
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      label.data = "Copied";
    } catch {
      label.data = "Not copied";
    }
    setTimeout(() => (label.data = "Copy"), 1500);
  });
}

// An open confirmation closes with Escape, and when another one opens.
const confirmations = document.querySelectorAll("details.confirm");
for (const confirmation of confirmations) {
  confirmation.addEventListener("toggle", () => {
    if (confirmation.open) for (const other of confirmations) if (other !== confirmation) other.open = false;
  });
  confirmation.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    confirmation.open = false;
    confirmation.querySelector("summary").focus();
  });
}

const live = [...document.querySelectorAll("[data-live]")];
if (live.length) keepLive(live, document.querySelector("[data-live-pause]"), document.querySelector("[data-live-news]"));

// Reloads parts of the page, each at its own interval.
function keepLive(parts, pause, news) {
  const shown = new Map(parts.map((part) => [part, part.innerHTML]));
  let paused = false;

  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Resume" : "Pause";
    refreshAll();
  });
  document.addEventListener("visibilitychange", refreshAll);
  for (const part of parts) setInterval(refresh, part.dataset.liveSeconds * 1000, part);

  function refreshAll() {
    parts.forEach(refresh);
  }

  async function refresh(part) {
    if (paused || document.hidden) return;
    let html;
    try {
      const response = await fetch(part.dataset.live, { redirect: "manual", cache: "no-store" });
      if (response.type === "opaqueredirect") return location.assign("/admin/login?ended=true");
      if (!response.ok) return;
      html = await response.text();
    } catch {
      return; // the server restarts or the network is down: try again in the next round
    }
    if (paused || html === shown.get(part)) return;
    const known = ids(part);
    part.innerHTML = html;
    shown.set(part, html);
    const arrived = [...part.querySelectorAll("[data-id]")].filter((item) => !known.has(item.dataset.id));
    for (const item of arrived) item.classList.add("new");
    if (arrived.length) news.textContent = arrived.length === 1 ? "1 new delivery" : `${arrived.length} new deliveries`;
  }

  function ids(part) {
    return new Set([...part.querySelectorAll("[data-id]")].map((item) => item.dataset.id));
  }
}
