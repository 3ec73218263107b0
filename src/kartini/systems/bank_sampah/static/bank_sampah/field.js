// The counter on a phone. It weighs without a network; what it keeps is sealed, and sent once when it can be.
import { Queue } from "../kit/offline/queue.js";
import { Sender } from "../kit/offline/sender.js";
import { Store } from "../kit/offline/store.js";
import { Vault, WrongPin } from "../kit/offline/vault.js";

const $ = (id) => document.getElementById(id);
const owner = document.body.dataset.owner;
const urls = JSON.parse($("alamat").textContent);
const words = JSON.parse($("kata").textContent);
const pictures = $("aplikasi").dataset.pictures;
const rupiah = new Intl.NumberFormat("id-ID", { style: "currency", currency: "IDR", maximumFractionDigits: 0 });
const kilograms = new Intl.NumberFormat("id-ID", { maximumFractionDigits: 3 });
const tones = { idle: "ok", sending: "info", offline: "warn", "signed-out": "bad", "other-account": "bad", later: "warn" };

const store = new Store("kartini-bank-sampah");
const vault = new Vault(store, owner);
const queue = new Queue(store, owner);
const sender = new Sender({ queue, urls, owner, tell });
const state = { keys: null, people: null, prices: null, who: null, material: null, typed: "", bags: [] };

function element(tag, { text = "", ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  made.append(...children);
  return made;
}

async function tell(what) {
  $("keadaan").textContent = words[what];
  $("keadaan").dataset.tone = tones[what];
  await showQueue();
}

async function from(url) {
  const answer = await fetch(url, { cache: "no-store", redirect: "manual" });
  if (!answer.ok) throw new Error("away");
  return answer.json();
}

const recoveryKey = async () => Uint8Array.from(atob((await from(urls.key)).key), (letter) => letter.charCodeAt(0));

// -- the lock

async function showLock(mode, fault = "") {
  const texts = { make: [words["make-title"], words["make-hint"]], open: [words["open-title"], words["open-hint"]], renew: [words["renew-title"], words["make-hint"]] };
  [$("kunci-judul").textContent, $("kunci-petunjuk").textContent] = texts[mode];
  $("kunci").dataset.mode = mode;
  $("lupa").hidden = mode !== "open";
  $("pin-galat").textContent = fault;
  $("pin").value = "";
  $("kunci").hidden = false;
  $("pin").focus();
}

async function enter(mode, pin) {
  if (mode === "open") return vault.unlock(pin);
  if (pin.length < 4) throw new Error(words.short);
  const recovery = await recoveryKey().catch(() => { throw new Error(words["need-net"]); });
  return mode === "make" ? vault.create(pin, recovery) : vault.recover(recovery, pin);
}

$("kunci").addEventListener("submit", async (event) => {
  event.preventDefault();
  const { mode } = $("kunci").dataset;
  try {
    state.keys = await enter(mode, $("pin").value);
  } catch (fault) {
    const left = fault instanceof WrongPin ? fault.left : null;
    const said = left === null ? fault.message : left > 0 ? `${words.wrong} ${left}` : words.wiped;
    return showLock(mode, said);
  }
  $("kunci").hidden = true;
  $("kerja").hidden = false;
  await load();
  await sender.start(state.keys.queue);
});
$("lupa").addEventListener("click", () => showLock("renew"));

/** Names and prices: fresh where there is a signal, else what the phone kept. */
async function load() {
  try {
    const { people, prices } = await from(urls.data);
    await vault.keepNames(state.keys, people);
    await store.put("kept", { id: "prices", prices });
  } catch { /* what was kept must do */ }
  state.people = await vault.keptNames(state.keys);
  state.prices = (await store.get("kept", "prices"))?.prices ?? null;
  showMaterials();
}

// -- whose turn

function found(wanted) {
  const text = wanted.trim().toLowerCase();
  const number = Number(text.split("-").pop());
  if (!text) return [];
  if (!state.people) return number > 0 ? [[null, number, `${words.unknown} ${number}`]] : [];
  return state.people.filter(([, n, name]) => name.toLowerCase().includes(text) || n === number).slice(0, 8);
}

$("cari").addEventListener("input", () => {
  const rows = found($("cari").value).map((person) => {
    const button = element("button", { class: "button button--secondary button--wide", type: "button", text: `${person[2]} · ${person[1]}` });
    button.addEventListener("click", () => choose(person));
    return element("li", {}, button);
  });
  const none = $("cari").value.trim() && !rows.length ? [element("li", { text: words.nobody })] : [];
  $("hasil").replaceChildren(...rows, ...none);
});

function choose(person) {
  Object.assign(state, { who: person, bags: [], typed: "" });
  $("nama").textContent = person[2];
  $("timbang").hidden = false;
  $("siapa").hidden = true;
  showBags();
  $("nama").focus();
}

function next() {
  Object.assign(state, { who: null, bags: [], typed: "" });
  $("timbang").hidden = true;
  $("siapa").hidden = false;
  $("cari").value = "";
  $("hasil").replaceChildren();
  $("cari").focus();
}
$("ganti").addEventListener("click", next);

// -- the scale

function picture(name) {
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS(icon.namespaceURI, "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${pictures}#${name}`);
  icon.append(use);
  return icon;
}

function showMaterials() {
  const buttons = (state.prices?.materials ?? []).map((material) => {
    const price = element("span", { class: "meta", text: `${rupiah.format(material.price)}/kg` });
    const button = element("button", { type: "button", "aria-pressed": "false" }, picture(material.picture), element("span", { text: material.name }), price);
    button.addEventListener("click", () => {
      state.material = material;
      for (const other of buttons) other.setAttribute("aria-pressed", String(other === button));
    });
    return button;
  });
  $("bahan").replaceChildren(...buttons);
}

const grams = () => Math.round(Number(state.typed.replace(",", ".") || 0) * 1000);
const worth = (bag) => Math.floor((bag.grams * bag.price + 500) / 1000);

function press(key) {
  if (key === "⌫") state.typed = state.typed.slice(0, -1);
  else if (key === "," ? !state.typed.includes(",") : state.typed.length < 8) state.typed += key;
  $("angka").textContent = `${state.typed || "0"} kg`;
  $("angka-galat").textContent = "";
}
for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", ",", "0", "⌫"]) {
  const button = element("button", { type: "button", text: key });
  button.addEventListener("click", () => press(key));
  $("tombol").append(button);
}

$("tambah").addEventListener("click", () => {
  const weight = grams();
  const fault = !state.material ? words["no-material"] : weight <= 0 ? words["no-weight"] : weight > state.prices.most ? words["too-heavy"] : "";
  $("angka-galat").textContent = fault;
  if (fault) return;
  state.bags.push({ material: state.material.id, name: state.material.name, grams: weight, price: state.material.price });
  state.typed = "";
  press("");
  showBags();
});

function showBags() {
  $("karung").replaceChildren(...state.bags.map((bag, place) => {
    const remove = element("button", { class: "button button--quiet button--small", type: "button", text: words.bag });
    remove.addEventListener("click", () => { state.bags.splice(place, 1); showBags(); });
    return element("li", {}, element("div", { text: `${bag.name} ${kilograms.format(bag.grams / 1000)} kg` }), element("b", { text: rupiah.format(worth(bag)) }), remove);
  }));
  $("jumlah").textContent = rupiah.format(state.bags.reduce((sum, bag) => sum + worth(bag), 0));
}

$("simpan").addEventListener("click", async () => {
  if (!state.bags.length) { $("angka-galat").textContent = words["no-weight"]; return; }
  const [id, number] = state.who;
  await queue.add(state.keys.queue, {
    ...(id ? { depositor: id } : { number }),
    price_list: state.prices.list,
    bags: state.bags.map(({ material, grams: weight }) => ({ material, grams: weight })),
    weighed_at: new Date().toISOString(),
  });
  next();
  await showQueue();
  sender.send();
});

// -- what waits

async function showQueue() {
  const rows = await queue.rows();
  $("berapa").textContent = String(rows.length);
  if (!state.keys) return;
  $("antrean").replaceChildren(...await Promise.all(rows.map(shownRow)));
}

async function shownRow(row) {
  const work = await queue.read(state.keys.queue, row);
  const person = state.people?.find(([id, number]) => id === work.depositor || number === work.number);
  const weight = work.bags.reduce((sum, bag) => sum + bag.grams, 0) / 1000;
  const title = `${person?.[2] ?? words.unknown} · ${kilograms.format(weight)} kg`;
  const meta = element("span", { class: "meta", text: row.state === "waiting" ? words.waiting : `${words.refused}: ${row.said}` });
  const line = element("li", {}, element("div", {}, element("b", { text: title }), meta));
  if (row.state === "refused") line.append(...decisions(row));
  return line;
}

function decisions(row) {
  const again = element("button", { class: "button button--secondary button--small", type: "button", text: words.again });
  const drop = element("button", { class: "button button--danger button--small", type: "button", "data-tone": "bad", text: words.delete });
  again.addEventListener("click", async () => { await queue.again(row); await sender.send(); });
  drop.addEventListener("click", async () => { if (confirm(words.drop)) { await queue.done(row.id); await showQueue(); } });
  return [again, drop];
}

// -- start

navigator.serviceWorker?.register(urls.worker, { updateViaCache: "none" });
navigator.serviceWorker?.ready.then((ready) => ready.active.postMessage({ keep: urls.page }));
navigator.storage?.persist?.();
await showLock((await vault.row) ? "open" : "make");
await tell(navigator.onLine ? "idle" : "offline");
