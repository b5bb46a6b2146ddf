(() => {
  "use strict";
  const root = document.documentElement;
  const figures = JSON.parse(document.getElementById("figures").textContent);
  for (const { data, layout } of figures.filter((figure) => figure.packed)) {
    for (const trace of data) trace.x = trace.x.map((place) => (place === null ? null : layout.xaxis.categoryarray[place]));
  }
  document.figures = figures;  // for tables.js, too
  const plots = [...document.querySelectorAll(".plot")];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const narrow = matchMedia("(max-width: 46rem)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();

  let paper = 0;  // the width of what is printed, in pixels; 0 on a screen
  const GAP = 32;  // between two figures that share a line
  const size = () => (narrow.matches || paper ? 11 : 13);

  // Plotly writes powers of ten a quarter larger than every other tick.
  const axis = (given) => ({
    ...given, color: colour("--soft"), gridcolor: colour("--grid"), linecolor: colour("--rule"), zeroline: false,
    title: { ...given.title, standoff: 12, font: { size: size() } }, fixedrange: narrow.matches,
    automargin: true, tickfont: { size: given.exponentformat === "power" ? size() / 1.25 : size() },
  });
  const axes = (given) => Object.fromEntries(
    Object.entries(given)
      .filter(([name]) => /^[xy]axis/.test(name))
      .map(([name, settings]) => [name, axis(settings)]),
  );
  const hasLines = (figure) => figure.data.some((trace) => /lines/.test(trace.mode) && trace.showlegend !== false);
  const layout = (figure) => ({
    ...figure.layout, ...axes(figure.layout),
    height: figure.height, width: paper || undefined, autosize: !paper, hovermode: "closest",
    margin: { l: 60, r: 10, t: narrow.matches ? 10 : 34, b: 50, ...figure.layout.margin },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: colour("--soft"), activecolor: colour("--ink"), orientation: "h" },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: getComputedStyle(document.body).fontFamily, size: size(), color: colour("--ink") },
    hoverlabel: { bgcolor: colour("--raised"), bordercolor: colour("--rule"), font: { color: colour("--ink") } },
    legend: figure.layout.legend ?? { orientation: "v", x: 1.01, y: 1, tracegroupgap: 0, itemsizing: hasLines(figure) ? "trace" : "constant" },
  });
  const config = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"], showTips: false };

  // Where two figures share a line, on a narrow screen, and where there are more names than lines beside the plot, the
  // legend stands below, as wide as its longest name lets columns be, and the figure grows by its height.
  // The grey rest of a crowd is named in the legend where there is room for it.
  const isTerse = (plot) => narrow.matches || plot.closest(".beside");
  const dataOf = (figure, plot) => figure.data.map((trace) => (trace.legendrank && isTerse(plot) ? { ...trace, showlegend: false } : trace));
  const named = (figure, plot) => (figure.layout.showlegend ? dataOf(figure, plot).filter((trace) => trace.showlegend !== false) : []);
  const isBelow = (figure, plot) => !figure.layout.legend && named(figure, plot).length > 0
    && (narrow.matches || plot.closest(".beside") || 20 * named(figure, plot).length > figure.height - 90);
  const below = (figure, plot, made) => {
    const longest = Math.max(...named(figure, plot).map((trace) => (trace.name ?? "").length));
    const columns = Math.max(1, Math.floor(((made.width || plot.clientWidth || 340) - 70) / (52 + 6.4 * longest)));
    return 19 * Math.ceil(named(figure, plot).length / columns) + 14;
  };
  const layoutOf = (plot) => {
    const figure = figures[Number(plot.dataset.figure)];
    const made = layout(figure);
    if (plot.closest(".beside")) {
      made.margin = { ...made.margin, t: 14 };
      if (paper) made.width = (paper - GAP) / 2;
    }
    if (!isBelow(figure, plot)) return made;
    made.height = figure.height + below(figure, plot, made);
    made.margin = { ...made.margin, b: 50 + below(figure, plot, made) };
    made.legend = { ...made.legend, orientation: "h", x: 0, xanchor: "left", y: 0, yref: "container", yanchor: "bottom", font: { size: 11 } };
    return made;
  };

  // Where lines are many, that which is pointed at, or its name, stands out.
  const many = 6;
  const single = (plot, uid) => {
    for (const line of plot.querySelectorAll(".scatterlayer .trace")) {
      line.classList.toggle("faint", Boolean(uid) && !line.classList.contains(`trace${uid}`));
    }
  };
  const follow = (plot) => {
    const figure = figures[Number(plot.dataset.figure)];
    if (!figure.layout.showlegend || figure.data.length <= many) return;
    plot.on("plotly_hover", (event) => single(plot, event.points[0].fullData.uid));
    plot.on("plotly_unhover", () => single(plot, ""));
    plot.addEventListener("mouseover", (event) => {
      const name = event.target.closest(".legend .traces");
      if (name) single(plot, name.__data__?.[0]?.trace?.uid);
    });
    plot.addEventListener("mouseout", (event) => { if (event.target.closest(".legend")) single(plot, ""); });
  };

  // Plotly's script lies in the page gzipped; without it there are no figures, and each says so. A document that is
  // being written delays the page's load event, which those wait for that print or picture pages.
  const held = (work) => {
    const frame = document.createElement("iframe");
    frame.hidden = true;
    document.body.append(frame);
    frame.contentDocument.open();
    return work.finally(() => { frame.contentDocument.close(); frame.remove(); });
  };
  const unpack = async () => {
    const packed = atob(document.getElementById("plotly").textContent);
    const bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    const script = document.createElement("script");
    script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
    document.head.append(script);
  };
  const excuse = (plot, why) => {
    plot.dataset.drawn = "no";
    plot.classList.add("nothing");
    plot.style.minHeight = "";
    plot.textContent = `${plot.getAttribute("aria-label")} ${why}`;
    plot.removeAttribute("role");
    plot.removeAttribute("aria-label");
  };
  const excuseAll = (error) => plots.forEach((plot) => excuse(
    plot,
    `This browser cannot unpack the figure (${error.message}): Chrome 80, Firefox 113, Safari 16.4 and later ones can.`,
  ));

  const draw = (plot) => {
    if (plot.dataset.drawn || !window.Plotly) return;
    plot.dataset.drawn = "yes";
    // A chart from a file may be none that plotly draws: it says so, and the others are drawn.
    const refuse = (error) => excuse(plot, `Its data cannot be drawn (${error.message}).`);
    try {
      const figure = figures[Number(plot.dataset.figure)];
      plot.style.minHeight = `${layoutOf(plot).height}px`;
      Plotly.newPlot(plot, dataOf(figure, plot), layoutOf(plot), { ...config, displayModeBar: !narrow.matches }).then(() => follow(plot), refuse);
    } catch (error) {
      refuse(error);
    }
  };
  const redraw = () => {
    for (const plot of plots) {
      if (plot.dataset.drawn === "yes") Plotly.relayout(plot, layoutOf(plot));
    }
  };
  // Each figure is drawn when it comes near to being seen.
  const watch = () => {
    const seen = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
      }
    }, { rootMargin: "600px" });
    plots.forEach((plot) => seen.observe(plot));
  };
  if (plots.length) held(unpack()).then(watch, excuseAll);

  const button = document.getElementById("theme");
  const label = () => { button.textContent = isDark() ? "Light" : "Dark"; };
  button.hidden = false;
  label();
  button.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; label(); redraw(); });
  dark.addEventListener("change", () => { label(); redraw(); });
  narrow.addEventListener("change", redraw);

  // Paper is as wide as page.css makes it, and browsers shrink that to a sheet. It is white, shows figures that nobody scrolled to, and cannot be unfolded.
  const PAPER = 960;
  let theme;
  let folded = [];
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    paper = PAPER;
    folded = [...document.querySelectorAll("details:not([open])")];
    folded.forEach((details) => { details.open = true; });
    redraw();
    plots.forEach(draw);
  });
  addEventListener("afterprint", () => {
    paper = 0;
    if (theme) { root.dataset.theme = theme; } else { delete root.dataset.theme; }
    folded.forEach((details) => { details.open = false; });
    redraw();
  });
})();
