// Materials, large keys and bags: what is on the scale now. Works out the same rupiah as the server.
import { $, button, element } from "../kit/offline/dom.js";

const MOST_BAGS = 40;
const MOST_SIDE = 900;
export const rupiah = new Intl.NumberFormat("id-ID", { style: "currency", currency: "IDR", maximumFractionDigits: 0 });
export const kilograms = new Intl.NumberFormat("id-ID", { maximumFractionDigits: 3 });
const worth = (bag) => Math.floor((bag.grams * bag.price + 500) / 1000);

function picture(sprite, name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS(icon.namespaceURI, "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${name}`);
  icon.append(use);
  return icon;
}

/** A photo small enough to travel: JPEG in base64, or null where it cannot be read. */
async function shrunk(file) {
  const image = await createImageBitmap(file).catch(() => null);
  if (!image) return null;
  const scale = Math.min(1, MOST_SIDE / Math.max(image.width, image.height));
  const canvas = element("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.5).split(",")[1];
}

export class ScalePad {
  constructor(words, sprite) {
    Object.assign(this, { words, sprite, prices: null, keys: new Map(), material: null, typed: "", bags: [], photo: null });
    for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", ",", "0", "⌫"]) {
      const made = element("button", { type: "button", text: key, ...(key === "⌫" ? { "aria-label": words.delete } : {}) });
      made.addEventListener("click", () => this.press(key));
      $("tombol").append(made);
    }
    $("tambah").addEventListener("click", () => this.#add());
    $("foto").addEventListener("change", async () => {
      const [file] = $("foto").files;
      this.photo = file ? await shrunk(file) : null;
      $("foto-ada").textContent = this.photo ? words.kept : "";
    });
  }

  /** The same prices again leave alone what lies on the scale. */
  stock(prices) {
    if (this.prices && JSON.stringify(this.prices) === JSON.stringify(prices)) return;
    this.prices = prices;
    $("angka-galat").textContent = prices?.materials.length ? "" : this.words["no-prices"];
    this.keys = new Map((prices?.materials ?? []).map((material) => {
      const price = element("span", { class: "meta", text: rupiah.format(material.price) });
      const key = element("button", { type: "button" }, picture(this.sprite, material.picture), element("span", { text: material.name }), price);
      key.addEventListener("click", () => this.choose(this.material === material ? null : material));
      return [material, key];
    }));
    $("bahan").replaceChildren(...this.keys.values());
    this.choose(null);
  }

  /** With a material chosen the others step aside, so that the keys stand on the same screen. */
  choose(material) {
    this.material = material;
    $("bahan").classList.toggle("kinds--chosen", material !== null);
    for (const [each, key] of this.keys) key.setAttribute("aria-pressed", String(each === material));
  }

  /** Empties the scale, or lays `bags` (material and grams) on it at today's prices. */
  lay(bags = [], photo = null) {
    const known = new Map((this.prices?.materials ?? []).map((material) => [material.id, material]));
    const priced = bags.filter((bag) => known.has(bag.material));
    this.bags = priced.map(({ material, grams }) => ({ material, grams, name: known.get(material).name, price: known.get(material).price }));
    Object.assign(this, { typed: "", photo });
    this.choose(null);
    $("foto").value = "";
    $("foto-ada").textContent = photo ? this.words.kept : "";
    this.press("");
    this.#show();
  }

  press(key) {
    if (key === "⌫") this.typed = this.typed.slice(0, -1);
    else if (key === "," ? !this.typed.includes(",") : this.typed.length < 8) this.typed += key;
    $("angka").textContent = `${this.typed || "0"} kg`;
    if (key) $("angka-galat").textContent = "";
  }

  say(fault) {
    $("angka-galat").textContent = fault;
    return !fault;
  }

  #add() {
    const { words, material, prices, typed } = this;
    const grams = Math.round(Number(typed.replace(",", ".") || 0) * 1000);
    const fault = !material ? words["no-material"] : grams <= 0 ? words["no-weight"] : grams > prices.most ? words["too-heavy"] : this.bags.length >= MOST_BAGS ? words.many : "";
    if (!this.say(fault)) return;
    this.bags.push({ material: material.id, name: material.name, grams, price: material.price });
    this.typed = "";
    this.choose(null);
    this.press("");
    this.#show();
  }

  #show() {
    $("karung").replaceChildren(...this.bags.map((bag, place) => {
      const remove = button(this.words.delete, () => { this.bags.splice(place, 1); this.#show(); }, { look: "quiet", "aria-label": `${this.words.bag}: ${bag.name}` });
      return element("li", {}, element("div", { text: `${bag.name} ${kilograms.format(bag.grams / 1000)} kg` }), element("b", { text: rupiah.format(worth(bag)) }), remove);
    }));
    $("jumlah").textContent = rupiah.format(this.bags.reduce((sum, bag) => sum + worth(bag), 0));
  }

  /** What goes into the queue. */
  get load() {
    const bags = this.bags.map(({ material, grams }) => ({ material, grams }));
    return { bags, price_list: this.prices?.list ?? null, ...(this.photo ? { photo: this.photo } : {}) };
  }
}
