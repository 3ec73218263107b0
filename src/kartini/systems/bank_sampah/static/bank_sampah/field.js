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
const state = { keys: null, people: null, heard: null, fresh: [], who: null, mends: null, opens: null };

async function opened(keys) {
  state.keys = keys;
  outbox.key = keys.queue;
  $("kerja").hidden = false;
  $("pindai").hidden = !canScan;
  await Promise.all([load(), waitingPassbooks()]);
  await sender.start(keys.queue);
}

/** Names and prices: what the phone kept stands at once, what is fresh follows where there is a signal. */
function load() {
  state.heard = kept().then(renew);
  return state.heard;
}

async function renew() {
  try {
    const { people, prices, at } = await from(urls.data);
    await vault.keepNames(state.keys, people);
    await store.put("kept", { id: `prices:${urls.page}`, prices, heard: { at, by: Date.now() } });
  } catch {
    return; // what was kept must do
  }
  await kept();
}

async function kept() {
  state.people = await vault.keptNames(state.keys);
  pad.stock((await store.get("kept", `prices:${urls.page}`))?.prices ?? null);
}

async function waitingPassbooks() {
  const works = await Promise.all((await queue.rows()).map((row) => queue.read(state.keys.queue, row)));
  state.fresh = works.filter((work) => work.opens).map((work) => fresh(work.id, work.opens.name));
}

const fresh = (id, name) => [id, words["new-book"], name, "", []];

/** What the server's clock said when it was last heard, and the seconds since: it tells when the phone's was changed. */
async function heard() {
  const { heard: last } = (await store.get("kept", `prices:${urls.page}`)) ?? {};
  return last ? { heard: { at: last.at, seconds: Math.round((Date.now() - last.by) / 1000) } } : {};
}

// -- whose turn: [id, number, name, card, classes]

const byNumber = (number) => [null, number, `${words.unknown} ${number}`, "", []];

function found(wanted) {
  const text = wanted.trim().toLowerCase();
  const number = Number(text.split("-").pop());
  if (!text) return [];
  const known = state.people ?? (number > 0 ? [byNumber(number)] : []);
  return [...state.fresh, ...known].filter(([, n, name]) => name.toLowerCase().includes(text) || n === number).slice(0, 8);
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
  $("siapa").hidden = $("baru").hidden = true;
  $("nama").focus();
}

function anybody() {
  state.who = null;
  $("timbang").hidden = $("baru").hidden = true;
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
  $("cari-galat").textContent = "";
  try {
    const code = (await scan($("kamera"), camera.signal))?.replace(/\/+$/, "").split("/").pop();
    if (code) await chooseByCard(code);
  } catch {
    $("cari-galat").textContent = words["no-camera"];
  }
  camera = null;
}

const withCard = (code) => state.people?.find(([, , , card]) => card === code);

/** A card is strange only when the names were read to the end, here and from the house. */
async function chooseByCard(code) {
  $("cari-kabar").textContent = words.reading;
  const person = withCard(code) ?? (await state.heard, withCard(code));
  $("cari-kabar").textContent = "";
  if (state.who) return; // chosen by hand meanwhile
  if (person) choose(person);
  else $("cari-galat").textContent = state.people ? words["no-card"] : words["not-found"];
}

$("cari").addEventListener("input", showFound);
$("pindai").addEventListener("click", scanCard);
$("ganti").addEventListener("click", () => (state.mends ? anybody() : next()));

// -- a new passbook: its id is made here, what is weighed for it follows it

function register(opens = { name: $("cari").value.trim() }, id = null) {
  state.opens = id;
  $("siapa").hidden = true;
  $("baru").hidden = false;
  for (const name of ["name", "kind", "phone"]) $(`baru-${name}`).value = opens[name] ?? $(`baru-${name}`).options?.[0].value ?? "";
  for (const name of ["told", "consent"]) $(`baru-${name}`).checked = opens[name] ?? false;
  askSame([]);
  $("baru-name").focus();
}

const plain = (name) => name.trim().replace(/\s+/g, " ").toLowerCase();
const sameAs = (name) => [...(state.people ?? []), ...state.fresh].filter(([id, , other]) => id !== state.opens && plain(other) === plain(name));

/** A name that is known here is a question, and nothing is overwritten. */
function askSame(people) {
  const known = people.map((person) => button(`${words.same}: ${person[2]} · ${person[1]}`, () => choose(person)));
  const other = people.length ? [element("p", { text: words["is-it"] }), ...known, button(words.other, () => keepNew(true))] : [];
  $("baru-sama").replaceChildren(...other);
}

async function keepNew(sure) {
  const opens = { name: $("baru-name").value.trim(), kind: $("baru-kind").value, phone: $("baru-phone").value.trim(), told: $("baru-told").checked, consent: $("baru-consent").checked, sure };
  $("baru-galat").textContent = !opens.name ? words["no-name"] : !opens.consent ? words["no-consent"] : "";
  if (!opens.name || !opens.consent) return;
  const same = sure ? [] : sameAs(opens.name);
  if (same.length) return askSame(same);
  try {
    const id = state.opens ?? (await queue.add(state.keys.queue, { opens }));
    if (state.opens) await queue.mend(state.keys.queue, id, { opens });
    state.fresh = [...state.fresh.filter(([known]) => known !== id), fresh(id, opens.name)];
    if (state.opens) anybody();
    else choose(state.fresh.at(-1));
  } catch {
    return outbox.tell("full");
  }
  await outbox.show();
  sender.send();
}

/** Two were one: what was weighed for the new passbook goes to the known one. */
async function useKnown(row, work) {
  await load();
  const known = (state.people ?? []).filter(([, , name]) => plain(name) === plain(work.opens.name)).find(([, number, name]) => confirm(`${words.use} ${name} · ${number}`));
  if (!known) return alert(words["not-found"]);
  for (const other of (await queue.rows()).filter((each) => each.after === row.id)) {
    await queue.mend(state.keys.queue, other.id, { ...(await queue.read(state.keys.queue, other)), depositor: known[0] });
  }
  await queue.done(row.id);
  state.fresh = state.fresh.filter(([id]) => id !== row.id);
  await outbox.show();
  sender.send();
}

async function somebodyElse(row, work) {
  await queue.mend(state.keys.queue, row.id, { opens: { ...work.opens, sure: true } });
  await outbox.show();
  sender.send();
}

$("buku-baru").addEventListener("click", () => register());
$("baru-buka").addEventListener("click", () => keepNew(false));
$("baru-batal").addEventListener("click", anybody);

// -- save, and mend what the server refused

$("simpan").addEventListener("click", async () => {
  if (!pad.say(pad.bags.length ? "" : words["no-weight"])) return;
  const [id, number] = state.who;
  const part = Number($("bagian").value) || null;
  const work = { ...(id ? { depositor: id } : { number }), ...(part ? { part } : {}), ...pad.load };
  const { mends } = state;
  try {
    if (mends) await queue.mend(state.keys.queue, mends.id, { ...work, weighed_at: mends.weighed_at, ...(mends.heard ? { heard: mends.heard } : {}) });
    else await queue.add(state.keys.queue, { ...work, weighed_at: new Date().toISOString(), ...(await heard()) }, state.fresh.some(([known]) => known === id) ? id : "");
  } catch {
    return outbox.tell("full");
  }
  next();
  await outbox.show();
  sender.send();
});

const whoOf = (work) => [...(state.people ?? []), ...state.fresh].find(([id, number]) => id === work.depositor || number === work.number);

function describe(work) {
  if (work.opens) return `${work.opens.name} · ${words["new-book"]}`;
  const weight = work.bags.reduce((sum, bag) => sum + bag.grams, 0) / 1000;
  return `${whoOf(work)?.[2] ?? `${words.unknown} ${work.number ?? ""}`} · ${kilograms.format(weight)} kg`;
}

function choices(row, work) {
  if (row.why === "SameName") return [button(words.same, () => useKnown(row, work)), button(words.other, () => somebodyElse(row, work))];
  if (work.opens) return [button(words.mend, () => register(work.opens, row.id))];
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
