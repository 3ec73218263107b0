// Live pages: nobody looks, nothing is asked; a page that cannot reach the server says so and recovers alone.
const root = document.documentElement;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[hx-trigger*='seen']")) window.htmx.trigger(element, "seen");
});
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => { root.dataset.link = "lost"; });
}
document.addEventListener("htmx:afterOnLoad", () => { delete root.dataset.link; });

// Sent elsewhere (the session is over): load the page, which leads to signing in and back here.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { finalRequestPath, responsePath } = event.detail.pathInfo;
  if (!responsePath || responsePath.split("?")[0] === finalRequestPath.split("?")[0]) return;
  event.detail.shouldSwap = false;
  location.reload();
});
