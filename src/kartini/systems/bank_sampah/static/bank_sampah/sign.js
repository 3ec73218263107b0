// A finger's signature instead of a typed name: strokes become one SVG path in the same field.
const field = document.querySelector("#signature");
const size = { width: 300, height: 120 };

function board() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "sign");
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", field.labels[0]?.textContent ?? "");
  const path = document.createElementNS(svg.namespaceURI, "path");
  for (const [name, value] of [["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"]]) path.setAttribute(name, value);
  svg.append(path);
  return { svg, path };
}

if (field) {
  const { svg, path } = board();
  let strokes = "";
  const point = (event) => {
    const box = svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * size.width, (event.clientY - box.top) / box.height * size.height].map(Math.round).join(" ");
  };
  const add = (mark, event) => {
    if (strokes.length > 7900) return;
    strokes += `${mark}${point(event)}`;
    path.setAttribute("d", strokes);
    field.value = strokes;
  };
  svg.addEventListener("pointerdown", (event) => { svg.setPointerCapture(event.pointerId); add("M", event); });
  svg.addEventListener("pointermove", (event) => { if (event.buttons) add("L", event); });
  field.before(svg);
}
