// The service worker's body. Before it, the page's own sw.js says: SCOPE, VERSION, SHELL (addresses to keep).
// A page is kept whole, body and policy together, so that its nonce still fits. No POST is ever touched.
const NAME = `kartini:${SCOPE}:${VERSION}`;

addEventListener("install", (event) => {
  const fresh = SHELL.map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(fresh)).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const mine = `kartini:${SCOPE}:`;
  const old = (names) => names.filter((name) => name.startsWith(mine) && name !== NAME);
  event.waitUntil(caches.keys().then((names) => Promise.all(old(names).map((name) => caches.delete(name)))).then(() => clients.claim()));
});

async function page(request) {
  const cache = await caches.open(NAME);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(new URL(request.url).pathname, answer.clone());
    return answer;
  } catch {
    return (await cache.match(new URL(request.url).pathname)) ?? Response.error();
  }
}

// The very first visit is not controlled yet: the page asks to be kept.
addEventListener("message", (event) => {
  const url = new URL(event.data?.keep ?? "/", location.origin);
  if (url.pathname.startsWith(SCOPE)) event.waitUntil(page(new Request(url.pathname, { redirect: "manual" })));
});

async function piece(request) {
  const cache = await caches.open(NAME);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname.startsWith(SCOPE)) event.respondWith(page(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(piece(request));
});
