// The theme, copy buttons, and the search. The pages can be read without it.
"use strict";
(() => {
  const page = document.documentElement;
  page.classList.add("js");

  // The theme is the system's until the reader chooses one. Storage may be forbidden, as in a page from a file.
  const stored = value => {
    try {
      if (value) localStorage.setItem("cookbook-theme", value);
      return localStorage.getItem("cookbook-theme");
    } catch { return null; }
  };
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => page.dataset.theme ? page.dataset.theme === "dark" : system.matches;
  if (/^(light|dark)$/.test(stored())) page.dataset.theme = stored();

  addEventListener("DOMContentLoaded", () => {
    const theme = document.getElementById("theme");
    const show = () => theme.setAttribute("aria-pressed", isDark());
    theme.addEventListener("click", () => { stored(page.dataset.theme = isDark() ? "light" : "dark"); show(); });
    system.addEventListener("change", show);
    show();
    for (const button of document.querySelectorAll(".copy")) button.addEventListener("click", () => copy(button));
    search();
  });

  async function copy(button) {
    const code = button.closest("figure").querySelector("code").textContent, label = button.textContent;
    let said = button.dataset.copied;
    try { await navigator.clipboard.writeText(code); } catch {
      // Only secure pages have that: a page from a file selects the code, and asks the old way.
      const range = document.createRange();
      range.selectNodeContents(button.closest("figure").querySelector("code"));
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      if (!document.execCommand("copy")) said = button.dataset.failed;
    }
    button.textContent = said;
    setTimeout(() => { button.textContent = label; }, 1500);
  }

  // Search: the index is a script, loaded when the field is first used, so that it works in a page from a file, too.
  function search() {
    const field = document.getElementById("q"), box = document.getElementById("found");
    const list = box.querySelector("ol"), count = document.getElementById("found-count");
    const kinds = box.dataset.kinds.split(",");
    const most = 40;
    let index = null, loading = null, failed = false;

    const load = () => loading ??= new Promise(done => {
      const script = document.createElement("script");
      script.src = page.dataset.root + "assets/search-index.js";
      script.onload = () => {
        index = window.cookbookIndex.map(([url, title, kind, anchor, text]) =>
          ({ url, title, kind, anchor, text, low: text.toLowerCase(), lowTitle: title.toLowerCase() }));
        done();
      };
      script.onerror = () => { failed = true; done(); };
      document.head.append(script);
    });

    // place is where a term stands in a text at the beginning of a word or of a part of an identifier, -1 if it does not.
    const isWord = c => /[\p{L}\p{N}]/u.test(c);
    function place(text, low, term) {
      for (let at = low.indexOf(term); at >= 0; at = low.indexOf(term, at + 1)) {
        const c = text[at], before = text[at - 1] ?? " ";
        if (!isWord(before) || !isWord(c) || c > "\u2e80" || (c !== c.toLowerCase() && before === before.toLowerCase())) return at;
      }
      return -1;
    }

    // score says how well a unit holds all terms: 0 is not at all. at is where its text holds the first one.
    const worth = { 0: 6, 1: 3, 2: 4, 3: 1.5, 4: 1.2, 5: 1.4 };
    function score(unit, terms, phrase) {
      let sum = 0, at = -1;
      for (const synonyms of terms) {
        let best = 0;
        for (const term of synonyms) {
          const typed = term === synonyms[0] ? 1 : 0.6, inTitle = place(unit.title, unit.lowTitle, term), inText = place(unit.text, unit.low, term);
          if (inTitle >= 0) best = Math.max(best, 4 * typed);
          if (inText >= 0) {
            best = Math.max(best, (unit.kind ? 1 : 3) * typed);
            if (at < 0) at = inText;
          }
        }
        if (!best) return null;
        sum += best;
      }
      if (terms.length > 1) {
        if (unit.lowTitle.includes(phrase)) sum += 8;
        const whole = unit.low.indexOf(phrase);
        if (whole >= 0) { sum += 6; at = whole; }
      }
      return { unit, at, sum: sum * worth[unit.kind] };
    }

    function find(words) {
      const phrase = words.toLowerCase().trim();
      const terms = phrase.split(/\s+/).filter(Boolean).map(t => window.cookbookWords[t] ?? [t]);
      if (!terms.length) return [];
      return index.map(unit => score(unit, terms, phrase)).filter(Boolean).sort((a, b) => b.sum - a.sum);
    }

    // words appends text to a node, with what was searched for marked.
    function words(node, text, terms) {
      const low = text.toLowerCase();
      let at = 0;
      while (at < text.length) {
        let next = -1, term = "";
        for (const t of terms) {
          const i = low.indexOf(t, at);
          if (i >= 0 && (next < 0 || i < next)) { next = i; term = t; }
        }
        if (next < 0) break;
        node.append(text.slice(at, next));
        const mark = document.createElement("mark");
        mark.textContent = text.slice(next, next + term.length);
        node.append(mark);
        at = next + term.length;
      }
      node.append(text.slice(at));
    }

    function row({ unit, at }, terms) {
      const link = document.createElement("a"), isSource = unit.kind >= 3;
      let anchor = unit.anchor, around = unit.text.slice(0, 140);
      if (isSource) {
        const start = unit.text.lastIndexOf("\n", Math.max(at, 0) - 1) + 1, end = (unit.text + "\n").indexOf("\n", start);
        around = unit.text.slice(start, end).trim();
        anchor += unit.text.slice(0, start).split("\n").length;
      } else if (at > 60) {
        const start = unit.text.indexOf(" ", at - 50);
        around = "… " + unit.text.slice(start < 0 || start > at ? at : start + 1, at + 120);
      }
      link.href = page.dataset.root + unit.url + (anchor ? "#" + anchor : "");
      if (isSource) link.className = "source";
      for (const [name, text] of [["kind", kinds[unit.kind]], ["title", unit.title], ["around", around]]) {
        const span = document.createElement("span");
        span.className = name;
        if (name === "kind") span.textContent = text; else words(span, text, terms);
        link.append(span, " ");
      }
      const item = document.createElement("li");
      item.append(link);
      return item;
    }

    function say(text) { if (count.textContent !== text) count.textContent = text; }

    async function update() {
      const wanted = field.value;
      box.hidden = !wanted.trim();
      if (box.hidden) { list.replaceChildren(); say(""); return; }
      if (!index && !failed) { say(box.dataset.loading); await load(); }
      if (wanted !== field.value) return;
      if (failed) { say(box.dataset.failed); return; }
      const found = find(wanted), shown = found.slice(0, most);
      const terms = wanted.toLowerCase().trim().split(/\s+/).flatMap(t => window.cookbookWords[t] ?? [t]);
      list.replaceChildren(...shown.map(hit => row(hit, terms)));
      const text = found.length === 0 ? "none" : found.length === 1 ? "one" : found.length > most ? "more" : "many";
      say(box.dataset[text].replace("{n}", shown.length).replace("{all}", found.length));
    }

    const close = () => { box.hidden = true; };
    const links = () => [...list.querySelectorAll("a")];
    field.addEventListener("focus", () => { load(); if (field.value.trim()) update(); });
    field.addEventListener("input", update);
    box.parentElement.addEventListener("keydown", event => {
      const all = links(), at = all.indexOf(document.activeElement);
      if (event.key === "Escape") { field.focus(); if (box.hidden) field.value = ""; close(); }
      else if (event.key === "ArrowDown" && all.length) { box.hidden = false; all[Math.min(at + 1, all.length - 1)].focus(); }
      else if (event.key === "ArrowUp" && at >= 0) { (all[at - 1] ?? field).focus(); }
      else if (event.key === "Enter" && at < 0 && all.length) { all[0].click(); }
      else return;
      event.preventDefault();
    });
    list.addEventListener("click", close);
    addEventListener("click", event => { if (!box.parentElement.contains(event.target)) close(); });
    box.parentElement.addEventListener("focusout", event => { if (event.relatedTarget && !box.parentElement.contains(event.relatedTarget)) close(); });
    addEventListener("keydown", event => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
      event.preventDefault();
      field.focus();
      field.select();
    });
  }
})();
