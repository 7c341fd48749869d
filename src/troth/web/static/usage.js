// Tells this site, and nobody else, that a page was opened; says nothing when the browser asks not to be tracked.
// What is sent: the time, the page without its query, the page before it when it is one of ours, the language.

const to = document.body.dataset.usage;

function ours(address) {
  try {
    const there = new URL(address);
    return there.origin === location.origin ? there.origin + there.pathname : null;
  } catch {
    return null;
  }
}

if (to && navigator.globalPrivacyControl !== true) {
  const seen = {
    time: new Date().toISOString(),
    page: location.origin + location.pathname,
    came_from: ours(window.navigation?.activation?.from?.url ?? document.referrer),
    language: navigator.language || null,
  };
  const body = new Blob([JSON.stringify(seen)], { type: "application/json" });
  if (new URL(to, location.href).origin === location.origin) navigator.sendBeacon(to, body);
}
