(() => {
  "use strict";
  const text = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
  const isPlain = (value) => value !== "" && Number.isFinite(Number(value));

  // Comma-separated values: a name that a spreadsheet would take for a formula gets an apostrophe.
  const cell = (value) => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number") return String(value);
    const safe = /^\s*[=+\-@]/.test(value) && !isPlain(value) ? `'${value}` : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csv = (lines) => lines.map((line) => line.map(cell).join(",")).join("\n") + "\n";

  const tableCsv = (table) => {
    const heads = [...table.tHead.rows[0].cells];
    const names = heads.map((head) => (head.dataset.name ? head.dataset.name.split(" ") : [text(head)]));
    const lines = [...table.tBodies[0].rows].filter((row) => !row.hidden).map((row) => {
      const line = [];
      for (const [i, part] of [...row.cells].entries()) {
        const wanted = names[i]?.length ?? 1;
        const numbers = part.dataset.value?.split(" ") ?? [];
        const name = part.querySelector("a");  // beside it stand notes
        if (numbers.length === wanted) { line.push(...numbers); } else {
          line.push(text(name ?? part), ...Array(wanted - 1).fill(""));
        }
      }
      return line;
    });
    return csv([names.flat(), ...lines]);
  };

  // Texts of figures hold entities and a few tags, which a parser takes out without obeying anything.
  const unmarked = (value) =>
    new DOMParser().parseFromString(String(value).replaceAll("<br>", "; "), "text/html").body.textContent;
  const ends = (error, i) => [error?.arrayminus?.[i] ?? null, error?.array?.[i] ?? null];
  const figureCsv = (figure) => {
    const title = (axis) => figure.layout[axis]?.title?.text || axis[0];
    const rows = figure.layout.yaxis;  // of names, where no quantity is along it
    const nameOf = (y) => (rows?.ticktext && !rows.type ? unmarked(rows.ticktext[rows.tickvals.indexOf(y)] ?? "") : y);
    const lines = [["name", unmarked(title("xaxis")), unmarked(title("yaxis")), "below", "above", "description"]];
    for (const trace of figure.data) {
      const values = (given) => (Array.isArray(given) ? given : []);
      values(trace.y).forEach((y, i) => {
        const x = values(trace.x)[i] ?? i;
        if (y === null) return;
        const told = Array.isArray(trace.text) ? trace.text[i] : trace.hovertext;
        lines.push([
          unmarked(trace.name ?? ""), x, nameOf(y), ...ends(trace.error_y ?? trace.error_x, i), told ? unmarked(told) : "",
        ]);
      });
    }
    return csv(lines);
  };

  const copy = async (value) => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      const area = document.createElement("textarea");
      area.value = value;
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      if (!done) throw new Error("the browser does not let this page copy");
    }
  };
  const copier = (of, make) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy as CSV";
    button.setAttribute("aria-label", `Copy as CSV: ${of}`);
    button.addEventListener("click", async () => {
      try { await copy(make()); button.textContent = "Copied"; } catch { button.textContent = "Could not copy"; }
      setTimeout(() => { button.textContent = "Copy as CSV"; }, 1500);
    });
    return button;
  };
  const figureOf = (plot) => document.figures[Number(plot.dataset.figure)];
  for (const plot of document.querySelectorAll(".plot")) {
    const caption = plot.parentElement.querySelector("figcaption");
    caption.append(" ", copier(text(caption), () => figureCsv(figureOf(plot))));
  }

  // A text that begins with a number is sorted by it: 11.9 (11.5), 3.2 us, 1,024, [0.9, 1.1] after it or not.
  const units = { ns: 1e-9, us: 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600, kB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  const numeral = /^([−-]?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)(?: ([a-zA-Z]+))?(?: (?:[([]|at ).*)?$/;
  const measured = (value) => {
    const [, number, unit] = value.replace(/^≈ ?/, "").match(numeral) ?? [];
    if (number === undefined || (unit && !(unit in units))) return value.toLowerCase();
    return Number(number.replace("−", "-").replaceAll(",", "")) * (unit ? units[unit] : 1);
  };

  // A heading sorts: first up, or down where more is better, then the other way, then as it was. What has no value stays at the end.
  const keyOf = (row, i) => {
    const part = row.cells[i];
    if (!part || part.classList.contains("outcome")) return null;
    const value = part.dataset.value?.split(" ")[0] ?? text(part);
    return value === "" || value === "—" ? null : isPlain(value) ? Number(value) : measured(value);
  };
  const compare = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  const sorter = (table) => {
    const body = table.tBodies[0];
    const before = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    const sort = (i) => {
      const was = heads[i].getAttribute("aria-sort");
      const [first, second] = heads[i].classList.contains("best-high") ? ["descending", "ascending"] : ["ascending", "descending"];
      const order = was === first ? second : was === second ? "" : first;
      heads.forEach((head) => head.removeAttribute("aria-sort"));
      if (!order) { body.append(...before); return; }
      heads[i].setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = before.map((row) => [keyOf(row, i), row]);
      const known = keyed.filter(([key]) => key !== null).sort(([a], [b]) => sign * compare(a, b));
      body.append(...[...known, ...keyed.filter(([key]) => key === null)].map(([, row]) => row));
    };
    for (const [i, head] of heads.entries()) {
      if (head.classList.contains("plain")) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(i));
      head.append(button);
    }
  };
  for (const table of document.querySelectorAll("table")) {
    if (!table.tHead || !table.tBodies.length) continue;
    if (table.tBodies[0].rows.length > 1) sorter(table);
    const of = table.caption ? text(table.caption.firstChild) : table.closest("[aria-label]").getAttribute("aria-label");
    const place = table.parentElement;
    place.append(copier(of, () => tableCsv(table)));
  }

  const field = document.getElementById("filter");
  if (!field) return;
  field.parentElement.hidden = false;
  const bar = document.querySelector(".bar");
  let rows;
  const searched = [...document.querySelectorAll("table.searched")];
  const prepared = () => searched.flatMap((table) => {
    const head = text(table.caption.firstChild);
    return [...table.tBodies[0].rows].map((row) => [row, `${text(row)} ${head}`.toLowerCase()]);
  });
  const filter = () => {
    rows ??= prepared();
    const words = field.value.toLowerCase().split(/[\s/]+/).filter(Boolean).map(holds);  // of a case's id, too
    let count = 0;
    for (const [row, all] of rows) {
      row.hidden = !words.every((is) => is(all));
      count += !row.hidden;
    }
    for (const table of searched) {
      const isEmpty = words.length > 0 && ![...table.tBodies[0].rows].some((row) => !row.hidden);
      table.closest(".wide").hidden = isEmpty;
      const costs = table.closest(".wide").nextElementSibling;
      if (costs?.matches(".costs")) costs.hidden = words.length > 0;
    }
    document.body.classList.toggle("filtered", words.length > 0);
    for (const section of document.querySelectorAll("section.measured")) {
      section.hidden = words.length > 0 && ![...section.querySelectorAll("table.searched")].some((t) => !t.closest(".wide").hidden);
    }
    for (const link of bar.querySelectorAll(".links a")) {
      link.hidden = Boolean(document.getElementById(link.hash.slice(1))?.matches("section.measured[hidden]"));
    }
    document.getElementById("matches").textContent = !words.length ? "" : count ? `${count} row${count === 1 ? "" : "s"}` : "no row holds all of it";
  };
  // A word of digits is a whole number: 10 is not found in 100.
  const holds = (word) => {
    if (!/^\d+$/.test(word)) return (all) => all.includes(word);
    const whole = new RegExp(`(?<![\\d.])${word}(?![\\d.])`);
    return (all) => whole.test(all);
  };
  // Rows that are left elsewhere on the page come into view.
  const lead = () => {
    const first = field.value.trim() && rows.find(([row]) => !row.hidden)?.[0];
    if (!first) return;
    const { top } = first.getBoundingClientRect();
    if (top < bar.offsetHeight || top > innerHeight) first.closest(".wide").scrollIntoView();
  };
  field.addEventListener("input", () => { filter(); lead(); });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { field.value = ""; filter(); }
  });
  // However many lines the bar takes, what a link leads to stands below it.
  const measure = () => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
  new ResizeObserver(measure).observe(bar);
  // A link leads to a case that is filtered out, and unfolds what is folded.
  const reach = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.closest("[hidden]")) { field.value = ""; filter(); }
    if (target.matches("details")) target.open = true;
    measure();
    target.scrollIntoView();
  };
  addEventListener("hashchange", reach);
  reach();
})();
