// The running total under the scale. Without JavaScript the receipt says it.
const total = document.querySelector("#jumlah");
const rupiah = new Intl.NumberFormat("id-ID", { style: "currency", currency: "IDR", maximumFractionDigits: 0 });

const grams = (text) => text.split("+").reduce((sum, bag) => sum + Math.round(Number(bag.trim().replace(",", ".") || 0) * 1000), 0);

function show() {
  let sum = 0;
  for (const input of document.querySelectorAll("[data-price]")) {
    sum += Math.floor((grams(input.value) * Number(input.dataset.price) + 500) / 1000);
  }
  total.textContent = Number.isFinite(sum) && sum > 0 ? rupiah.format(sum) : "–";
}
document.querySelector("#timbangan")?.addEventListener("input", show);
if (total) show();
