
"use strict";
(() => {
  const $ = (selector) => document.querySelector(selector);
  const form = $(".filters"), search = $("#search"), section = $("#section"), strength = $("#strength");
  const shown = $("#shown"), none = $("#none"), expand = $("#expand");
  const kinds = [...form.querySelectorAll("input[name=kind]")];
  const groups = [...document.querySelectorAll(".group")].map((node) => ({
    node,
    rows: [...node.querySelectorAll(":scope > .item")].map((item) => ({ item, words: "" })),
  }));
  const rows = groups.flatMap((group) => group.rows);
  form.hidden = false;

  // Read on the first search: opening the page must not pay for it.
  let indexed = false;
  const index = () => {
    if (indexed) return;
    indexed = true;
    for (const row of rows) row.words = row.item.firstElementChild.textContent.toLowerCase();
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length) index();
    const wanted = new Set(kinds.filter((box) => box.checked).map((box) => box.value));
    let count = 0;
    for (const group of groups) {
      let own = 0;
      for (const { item, words: text } of group.rows) {
        const data = item.dataset;
        const keep = (!wanted.size || wanted.has(data.kind))
          && (!section.value || section.value === data.section)
          && (!strength.value || strength.value === data.strength)
          && words.every((word) => text.includes(word));
        if (item.hidden === keep) item.hidden = !keep;
        if (keep) own += 1;
      }
      group.node.hidden = own === 0;
      count += own;
    }
    shown.textContent = count === rows.length ? `${count} items` : `${count} of ${rows.length} items`;
    none.hidden = count > 0;
  };

  const reset = () => {
    form.reset();
    apply();
  };

  const visible = () => rows.map((row) => row.item).filter((item) => !item.hidden);
  const move = (step) => {
    const items = visible();
    const now = document.activeElement && document.activeElement.closest(".item");
    const at = now ? items.indexOf(now) : (step > 0 ? -1 : items.length);
    const next = items[at + step];
    if (next) next.firstElementChild.focus();
  };

  // A link to an item opens it, even one that the filters hide.
  const follow = () => {
    let name;
    try { name = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = name && document.getElementById(name);
    if (!target) return;
    if (target.hidden || (target.closest(".group") || target).hidden) reset();
    if (target.matches(".item")) {
      target.open = true;
      target.firstElementChild.focus({ preventScroll: true });
    }
    target.scrollIntoView();
  };

  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 60);
  });
  form.addEventListener("change", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const button of document.querySelectorAll("[data-reset]")) button.addEventListener("click", reset);
  expand.addEventListener("click", () => {
    const items = visible();
    const open = items.some((item) => !item.open);
    for (const item of items) item.open = open;
    expand.textContent = open ? "Close all" : "Open all";
  });
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest && event.target.closest("input, select, textarea");
    if (event.key === "Escape") {
      if (typing) event.target.blur();
      reset();
    } else if (typing) {
      return;
    } else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    } else if (event.key === "j") {
      move(1);
    } else if (event.key === "k") {
      move(-1);
    }
  });

  // `report.html?status=fail&q=limit` is a link to what it shows.
  const asked = new URLSearchParams(location.search);
  search.value = asked.get("q") || "";
  strength.value = asked.get("strength") || "";
  const status = asked.getAll("status");
  for (const box of kinds) box.checked = status.includes(box.value);
  apply();
  follow();
})();
