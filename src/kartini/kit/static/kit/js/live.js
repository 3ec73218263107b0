// Live pages: no polling while nobody looks; a page that cannot reach the server says so and recovers alone.
const root = document.documentElement;
const polls = (event) => event.detail.requestConfig?.triggeringEvent === undefined && event.detail.elt?.matches("[hx-trigger*='every']");

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && polls(event)) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[hx-trigger*='every']").forEach((element) => window.htmx.trigger(element, "seen"));
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => { root.dataset.link = "lost"; });
}
document.addEventListener("htmx:afterOnLoad", () => { delete root.dataset.link; });
