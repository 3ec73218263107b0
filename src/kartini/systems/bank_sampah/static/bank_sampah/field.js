// The counter on a phone. It weighs without a network; what it keeps is sealed, and sent once when it can be.
import { $, button, element, from, given } from "../kit/offline/dom.js";
import { Lock } from "../kit/offline/lock.js";
import { Outbox } from "../kit/offline/outbox.js";
import { Queue } from "../kit/offline/queue.js";
import { canScan, scan } from "../kit/offline/scan.js";
import { Sender } from "../kit/offline/sender.js";
import { Store } from "../kit/offline/store.js";
import { Vault } from "../kit/offline/vault.js";
import { ScalePad, kilograms } from "./scale-pad.js";

const { owner } = document.body.dataset;
const urls = given("alamat");
const words = given("kata");
const store = new Store("kartini-bank-sampah");
const vault = new Vault(store, owner);
const queue = new Queue(store, owner);
const pad = new ScalePad(words, $("aplikasi").dataset.pictures);
const sender = new Sender({ queue, urls, owner, tell: (state) => outbox.tell(state) });
const outbox = new Outbox({ queue, words, describe, choices, again: () => sender.send() });
const lock = new Lock({ vault, words, key: urls.key, opened });
const state = { keys: null, people: null, who: null, mends: null };

async function opened(keys) {
  state.keys = keys;
  outbox.key = keys.queue;
  $("kerja").hidden = false;
  $("pindai").hidden = !canScan;
  await load();
  await sender.start(keys.queue);
}

/** Names and prices: fresh where there is a signal, else what the phone kept. */
async function load() {
  try {
    const { people, prices } = await from(urls.data);
    await vault.keepNames(state.keys, people);
    await store.put("kept", { id: `prices:${urls.page}`, prices });
  } catch { /* what was kept must do */ }
  state.people = await vault.keptNames(state.keys);
  pad.stock((await store.get("kept", `prices:${urls.page}`))?.prices ?? null);
}

// -- whose turn: [id, number, name, card, classes]

const byNumber = (number) => [null, number, `${words.unknown} ${number}`, "", []];

function found(wanted) {
  const text = wanted.trim().toLowerCase();
  const number = Number(text.split("-").pop());
  if (!text) return [];
  if (!state.people) return number > 0 ? [byNumber(number)] : [];
  return state.people.filter(([, n, name]) => name.toLowerCase().includes(text) || n === number).slice(0, 8);
}

function showFound() {
  const wanted = $("cari").value;
  const rows = found(wanted).map((person) => element("li", {}, button(`${person[2]} · ${person[1]}`, () => choose(person), { class: "button button--secondary button--wide" })));
  const none = wanted.trim() && !rows.length ? [element("li", { text: words.nobody })] : [];
  $("hasil").replaceChildren(...rows, ...none);
}

function choose(person) {
  state.who = person;
  $("nama").textContent = person[2];
  $("kelas").hidden = !person[4].length;
  $("bagian").replaceChildren(element("option", { value: "", text: "–" }), ...person[4].map(([id, name]) => element("option", { value: id, text: name })));
  $("timbang").hidden = false;
  $("siapa").hidden = true;
  $("nama").focus();
}

function anybody() {
  state.who = null;
  $("timbang").hidden = true;
  $("siapa").hidden = false;
  $("cari").value = "";
  $("cari-galat").textContent = "";
  showFound();
  $("cari").focus();
}

function next() {
  state.mends = null;
  pad.lay();
  anybody();
}

let camera = null;
async function scanCard() {
  if (camera) return camera.abort();
  camera = new AbortController();
  try {
    const code = (await scan($("kamera"), camera.signal))?.replace(/\/+$/, "").split("/").pop();
    const person = code && state.people?.find(([, , , card]) => card === code);
    if (person) choose(person);
    $("cari-galat").textContent = code && !person ? words["no-card"] : "";
  } catch {
    $("cari-galat").textContent = words["no-camera"];
  }
  camera = null;
}

$("cari").addEventListener("input", showFound);
$("pindai").addEventListener("click", scanCard);
$("ganti").addEventListener("click", () => (state.mends ? anybody() : next()));

// -- save, and mend what the server refused

$("simpan").addEventListener("click", async () => {
  if (!pad.say(pad.bags.length ? "" : words["no-weight"])) return;
  const [id, number] = state.who;
  const part = Number($("bagian").value) || null;
  const work = { ...(id ? { depositor: id } : { number }), ...(part ? { part } : {}), ...pad.load };
  const { mends } = state;
  try {
    if (mends) await queue.mend(state.keys.queue, mends.id, { ...work, weighed_at: mends.weighed_at });
    else await queue.add(state.keys.queue, { ...work, weighed_at: new Date().toISOString() });
  } catch {
    return outbox.tell("full");
  }
  next();
  await outbox.show();
  sender.send();
});

const whoOf = (work) => state.people?.find(([id, number]) => id === work.depositor || number === work.number);

function describe(work) {
  const weight = work.bags.reduce((sum, bag) => sum + bag.grams, 0) / 1000;
  return `${whoOf(work)?.[2] ?? `${words.unknown} ${work.number ?? ""}`} · ${kilograms.format(weight)} kg`;
}

function choices(row, work) {
  if (row.why === "IdUsed") return [element("a", { href: urls.deposits, text: words.look })];
  return [button(words.mend, () => {
    state.mends = work;
    pad.lay(work.bags, work.photo);
    const person = whoOf(work);
    if (person) choose(person);
    else anybody();
  })];
}

// -- start

navigator.serviceWorker?.register(urls.worker, { updateViaCache: "none" });
navigator.serviceWorker?.ready.then((ready) => ready.active.postMessage({ keep: urls.page }));
navigator.storage?.persist?.();
pad.lay();
await lock.start();
await outbox.tell(navigator.onLine ? "idle" : "offline");
