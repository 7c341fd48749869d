// Says that a part of the page is being replaced, and puts the focus where the reader goes on.

const target = (event) => event.detail?.ctx?.target;

document.addEventListener("htmx:before:request", (event) => {
  const part = target(event);
  if (part instanceof Element) part.setAttribute("aria-busy", "true");
});

document.addEventListener("htmx:finally:request", (event) => {
  const part = target(event);
  if (part instanceof Element) part.removeAttribute("aria-busy");
});

// After a swap: first what is wrong, else the heading of what is new.
document.addEventListener("htmx:after:swap", (event) => {
  const part = target(event);
  const swapped = part instanceof Element ? (part.isConnected ? part : document.getElementById(part.id)) : null;
  const place = swapped ?? document.getElementById("main");
  const next = place?.querySelector(".error-summary") ?? place?.querySelector("h1, h2, h3");
  if (!next) return;
  if (!next.hasAttribute("tabindex")) next.setAttribute("tabindex", "-1");
  next.focus();
});

// A page that came back with errors: its summary takes the focus, where `autofocus` did not.
const summary = document.querySelector(".error-summary");
if (summary && document.activeElement !== summary) summary.focus();
