// The phone's own database: one promise per transaction, durable before it is believed.
const STORES = { queue: "id", vault: "id", kept: "id" };

function opened(name) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      for (const [store, keyPath] of Object.entries(STORES)) request.result.createObjectStore(store, { keyPath });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A named database with `get`, `all`, `put`, `drop` and `change`. Nothing else may be awaited inside a transaction. */
export class Store {
  constructor(name) {
    this.name = name;
  }

  async #run(store, mode, work) {
    const database = await opened(this.name);
    try {
      return await new Promise((resolve, reject) => {
        const transaction = database.transaction(store, mode, { durability: "strict" });
        const request = work(transaction.objectStore(store));
        transaction.oncomplete = () => resolve(request?.result);
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } finally {
      database.close();
    }
  }

  get(store, id) {
    return this.#run(store, "readonly", (rows) => rows.get(id));
  }

  all(store) {
    return this.#run(store, "readonly", (rows) => rows.getAll());
  }

  put(store, row) {
    return this.change(store, { put: [row] });
  }

  drop(store, id) {
    return this.change(store, { drop: [id] });
  }

  /** All of it or nothing; the disk is waited for once. */
  change(store, { put = [], drop = [] }) {
    return this.#run(store, "readwrite", (rows) => {
      put.forEach((row) => rows.put(row));
      drop.forEach((id) => rows.delete(id));
    });
  }
}
