// The wall between two answers of the server: the clock runs, the age of the data shows, a lost line is said.
const LOST_AFTER = 20;
let heardAt = Date.now();
const two = (n) => String(n).padStart(2, "0");
const clock = (at) => `${two(at.getHours())}.${two(at.getMinutes())}`;

document.addEventListener("htmx:afterOnLoad", (event) => {
  if (event.detail.xhr.status < 300) heardAt = Date.now();
  tick();
});

function tick() {
  const age = Math.round((Date.now() - heardAt) / 1000);
  const tag = document.getElementById("kabar");
  if (!tag) return;
  if (age > LOST_AFTER) {
    tag.dataset.tone = "bad";
    tag.lastElementChild.textContent = tag.dataset.lost.replace("#", clock(new Date(heardAt)));
    for (const panel of document.querySelectorAll("#kiri, #kanan.panel, #kanan > .card")) panel.dataset.state = "stale";
  } else if (tag.dataset.live) {
    tag.lastElementChild.textContent = tag.dataset.live.replace("#", age);
  }
}

setInterval(tick, 1000);
