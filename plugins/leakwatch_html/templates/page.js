"use strict";
/* The page is complete without this: it adds sorting, search, links that open and the colours. */
document.documentElement.classList.add("js");
addEventListener("DOMContentLoaded", () => {
  const one = (selector) => document.querySelector(selector);
  const table = one(".leaks");
  const leaks = Array.from(document.querySelectorAll(".leak"));
  const MOST_OPENED = 200;
  const texts = new Map();
  const details = new Map(leaks.map((leak) => [leak, leak.querySelector(".detail")]));

  function text(leak) {
    if (!texts.has(leak)) {
      const whole = `${leak.textContent} ${details.get(leak).textContent}`;
      texts.set(leak, whole.toLowerCase());
    }
    return texts.get(leak);
  }

  /* Opening */
  function open(leak, yes) {
    if (yes) attach(leak);
    leak.classList.toggle("open", yes);
    leak.querySelector(".toggle").setAttribute("aria-expanded", String(yes));
    if (yes) bringExample(leak);
  }

  /* Where there are many leaks their details wait outside of the document: sorting moves what is
     in it, and 5,000 leaks have 350,000 elements. */
  function attach(leak) {
    if (!details.get(leak).isConnected) leak.append(details.get(leak));
  }

  function bringExample(leak) {
    const link = leak.querySelector(".example a");
    if (!link) return;
    const programs = document.querySelector(`${link.hash} .programs`);
    link.parentElement.replaceWith(programs.cloneNode(true));
  }

  function openLinked() {
    const leak = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!leak || !leak.matches(".leak")) return;
    if (leak.hidden) clear();
    open(leak, true);
    leak.scrollIntoView();
    leak.querySelector(".toggle").focus({ preventScroll: true });
  }

  function openAll() {
    const yes = one("#open-all").getAttribute("aria-pressed") !== "true";
    one("#open-all").setAttribute("aria-pressed", String(yes));
    const shown = Array.from(table.querySelectorAll(".leak:not([hidden])"));
    const wanted = new Set(yes ? shown.slice(0, MOST_OPENED) : []);
    for (const leak of leaks) {
      if (leak.classList.contains("open") !== wanted.has(leak)) open(leak, wanted.has(leak));
    }
  }

  /* Search and filters */
  function filter() {
    const words = one("#search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = one("#status")?.value;
    const code = one("#code")?.value;
    let shown = 0;
    for (const leak of leaks) {
      const fits =
        (!status || leak.dataset.status === status) &&
        (!code || (leak.querySelector(".code > span")?.textContent || "") === code) &&
        words.every((word) => text(leak).includes(word));
      if (leak.hidden === fits) leak.hidden = !fits;
      shown += fits;
    }
    one("#found").value =
      shown === leaks.length ? `${count(shown)} in all` : `${count(shown)} of ${count(leaks.length)}`;
    table.hidden = shown === 0;
    one("#none").hidden = shown !== 0;
  }

  function count(number) {
    return number.toLocaleString("en");
  }

  function clear() {
    for (const control of document.querySelectorAll("#search, #status, #code")) control.value = "";
    filter();
  }

  /* Order */
  const WORDS = { type: ".type", held: ".held", code: ".row .code", signature: ".signature" };
  const rank = new Intl.Collator("en", { numeric: true }).compare;

  function sort(key, falling) {
    const value = (leak) =>
      key in WORDS ? leak.querySelector(WORDS[key]).textContent : Number(leak.dataset[key]);
    const compare = key in WORDS ? rank : (a, b) => a - b;
    const values = leaks.map((leak) => [value(leak), leak]);
    values.sort((a, b) => (falling ? compare(b[0], a[0]) : compare(a[0], b[0])));
    rearrange(values.map((entry) => entry[1]));
    for (const head of table.querySelectorAll("thead th")) head.removeAttribute("aria-sort");
    const head = table.querySelector(`thead .${key}`);
    if (head) head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  }

  /* Outside of the document: inside, Chromium takes 1.3 s to move 5,000 leaks. */
  function rearrange(order) {
    const focused = document.activeElement;
    const next = table.nextSibling;
    table.remove();
    table.append(...order);
    next.before(table);
    focused.focus({ preventScroll: true });
  }

  function sortByHead(button) {
    const key = button.dataset.key;
    const order = button.parentElement.getAttribute("aria-sort");
    sort(key, order ? order === "ascending" : !(key in WORDS));
  }

  /* Keys inside the table: up and down, first and last */
  function move(event) {
    const toggle = event.target.closest(".toggle");
    if (!toggle) return;
    const shown = Array.from(table.querySelectorAll(".leak:not([hidden]) .toggle"));
    const here = shown.indexOf(toggle);
    const places = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: shown.length - 1 };
    const next = shown[places[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  /* Colours; a browser may refuse to keep the choice */
  function theme(name) {
    if (name === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = name;
    one(`[name=theme][value=${name}]`).checked = true;
    dispatchEvent(new Event("theme"));
  }

  function remembered() {
    try {
      return localStorage.getItem("leakwatch-theme");
    } catch {
      return null;
    }
  }

  function choose(name) {
    theme(name);
    try {
      localStorage.setItem("leakwatch-theme", name);
    } catch {
      return;
    }
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([one("#report").textContent], { type: "application/json" }));
    link.download = "leakwatch-report.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  one(".themes").addEventListener("change", (event) => choose(event.target.value));
  one("#save").addEventListener("click", save);
  if (["light", "dark"].includes(remembered())) theme(remembered());
  if (!table) return;

  if (leaks.length > MOST_OPENED) {
    one("#open-all").textContent = `Open first ${MOST_OPENED}`;
    for (const detail of details.values()) detail.remove();
    addEventListener("beforeprint", () => leaks.forEach(attach));
  }
  for (const leak of leaks) {
    const toggle = leak.querySelector(".toggle");
    toggle.disabled = false;
    toggle.setAttribute("aria-expanded", "false");
  }
  for (const button of table.querySelectorAll("thead button")) button.disabled = false;
  table.addEventListener("keydown", move);
  table.addEventListener("click", (event) => {
    const head = event.target.closest("thead button");
    if (head) return sortByHead(head);
    const row = event.target.closest(".row");
    if (!row || event.target.closest("a") || String(getSelection())) return;
    open(row.parentElement, !row.parentElement.classList.contains("open"));
  });
  one(".filters").addEventListener("submit", (event) => event.preventDefault());
  one(".filters").addEventListener("input", (event) => {
    if (event.target.id === "order") sort(event.target.value, /count|retained/.test(event.target.value));
    else filter();
  });
  one("#open-all").addEventListener("click", openAll);
  one("#clear").addEventListener("click", () => {
    clear();
    one("#search").focus();
  });
  addEventListener("hashchange", openLinked);
  if (leaks.length === 1) open(leaks[0], true);
  /* The browser follows the fragment itself until then, and takes the focus away. */
  addEventListener("load", () => setTimeout(openLinked));
});
