"""The one script there is: it searches the list of threads, without a network. The list is there without it."""

SCRIPT = """
(() => {
  "use strict";
  const fold = (words) => words.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase();
  const texts = JSON.parse(document.getElementById("data").textContent);
  const rows = [...document.querySelectorAll(".list > li")];
  const form = document.querySelector(".search");
  const field = form.querySelector("input");
  const count = document.querySelector(".count");
  let folded;

  const around = (text, words) => {
    for (const word of words) {
      const at = text.toLowerCase().indexOf(word.toLowerCase());
      if (at < 0) continue;
      const from = Math.max(0, at - 60);
      const found = document.createElement("p");
      const mark = document.createElement("mark");
      found.className = "found";
      found.dir = "auto";
      mark.textContent = text.slice(at, at + word.length);
      found.append((from ? "…" : "") + text.slice(from, at), mark, text.slice(at + word.length, at + 100) + "…");
      return found;
    }
    return null;
  };

  const search = () => {
    folded ??= texts.map(([name, text]) => fold(name + "\\n" + text));
    const words = field.value.split(/\\s+/).filter(Boolean);
    const wanted = words.map(fold);
    let shown = 0;
    rows.forEach((row, number) => {
      row.querySelector(".found")?.remove();
      row.hidden = !wanted.every((word) => folded[number].includes(word));
      if (row.hidden) return;
      shown += 1;
      const found = words.length ? around(texts[number][1], words) : null;
      if (found) row.append(found);
    });
    count.textContent = `${shown} of ${rows.length} ${rows.length === 1 ? "thread" : "threads"}`;
  };

  form.hidden = document.getElementById("search-help").hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", search);
  if (field.value) search();
})();
"""
