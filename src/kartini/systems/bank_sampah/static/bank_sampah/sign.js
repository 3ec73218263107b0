// A finger's signature instead of a typed name: strokes become one SVG path in the same field.
const field = document.querySelector("#signature");
const words = document.querySelector("#tandatangan")?.dataset;
const size = { width: 300, height: 120 };
const MOST = 7900;

function board() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "sign");
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", words.here);
  const path = document.createElementNS(svg.namespaceURI, "path");
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"]]) path.setAttribute(name, value);
  svg.append(path);
  return { svg, path };
}

function button(text, act) {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", className: "button button--quiet button--small", textContent: text });
  made.addEventListener("click", act);
  return made;
}

if (field) {
  const { svg, path } = board();
  let strokes = "", last = null;
  const draw = (text) => { strokes = text; path.setAttribute("d", text || "M0 0"); field.value = text; };
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * size.width, (event.clientY - box.top) / box.height * size.height].map(Math.round);
  };
  const add = (mark, event) => {
    const [x, y] = point(event);
    if (strokes.length > MOST || (mark === "L" && last && Math.hypot(x - last[0], y - last[1]) < 3)) return;
    last = [x, y];
    draw(`${strokes}${mark}${x} ${y}`);
  };
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); add("M", event); });
  svg.addEventListener("pointermove", (event) => { if (event.buttons) add("L", event); });
  const line = document.createElement("div");
  line.className = "buttons";
  const typed = button(words.typed, () => { draw(""); svg.remove(); line.remove(); field.hidden = false; field.focus(); });
  line.append(button(words.clear, () => draw("")), typed);
  field.hidden = true;
  field.before(svg, line);
}
