// What a page can do beyond its forms and links. Everything works without this file.
"use strict";

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break; // only pages from https or from this machine may use it
  button.hidden = false;
  button.addEventListener("click", async () => {
    const label = button.firstChild; // beside it is what only screen readers say
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      label.data = "Copied";
    } catch {
      label.data = "Not copied";
    }
    setTimeout(() => (label.data = "Copy"), 1500);
  });
}

// A question that is open closes with Escape, and when another one opens.
const questions = document.querySelectorAll("details.confirm");
for (const question of questions) {
  question.addEventListener("toggle", () => {
    if (question.open) for (const other of questions) if (other !== question) other.open = false;
  });
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    question.open = false;
    question.querySelector("summary").focus();
  });
}

const live = [...document.querySelectorAll("[data-live]")];
if (live.length) keepLive(live, document.querySelector("[data-live-pause]"), document.querySelector("[data-live-news]"));

// Loads parts of the page anew, each as often as it says.
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
      return; // the server restarts, or the network is away: the next round will tell
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
