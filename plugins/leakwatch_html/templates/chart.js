"use strict";
/* Growth of memory over time: scopes as bands, leaks as dots that lead to their rows. */
addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("chart");
  const data = JSON.parse(document.getElementById("chart-data").textContent);
  const readout = document.getElementById("readout");
  const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];
  const STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);
  const DASHES = [[], [6, 3], [2, 3], [9, 3, 2, 3], [1, 2], [4, 2, 1, 2]];

  /* A custom property keeps light-dark() as it was written: only a property of its own resolves. */
  const probe = document.createElement("span");
  place.after(probe);
  probe.hidden = true;
  const paint = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  function size(bytes) {
    let value = Math.abs(bytes);
    let unit = 0;
    while (value >= 1024 && unit < UNITS.length - 1) {
      value /= 1024;
      unit += 1;
    }
    return `${bytes < 0 ? "-" : ""}${value.toFixed(unit && value % 1 ? 1 : 0)} ${UNITS[unit]}`;
  }

  function bands(chart) {
    for (const band of data.bands) {
      const left = chart.valToPos(band.from, "x", true);
      const width = chart.valToPos(band.to, "x", true) - left;
      chart.ctx.fillStyle = paint("--band");
      chart.ctx.fillRect(left, chart.bbox.top, width, chart.bbox.height);
    }
  }

  function dots(chart) {
    for (const dot of data.dots) {
      chart.ctx.beginPath();
      chart.ctx.fillStyle = paint("--bad");
      chart.ctx.arc(...spot(chart, dot, true), 4 * devicePixelRatio, 0, 2 * Math.PI);
      chart.ctx.fill();
    }
  }

  function spot(chart, dot, onCanvas) {
    return [chart.valToPos(dot.at, "x", onCanvas), chart.valToPos(dot.bytes, "y", onCanvas)];
  }

  function under(chart) {
    const { left, top } = chart.cursor;
    const near = data.dots.filter((dot) => {
      const [x, y] = spot(chart, dot, false);
      return Math.hypot(x - left, y - top) < 10;
    });
    return near[0];
  }

  function time(place) {
    if (data.unit === "run") return `run ${place}`;
    if (data.unit) return `${place.toPrecision(3)} ${data.unit}`;
    return place ? "end" : "start";
  }

  function tell(chart) {
    const dot = under(chart);
    chart.over.style.cursor = dot ? "pointer" : "";
    const index = chart.cursor.idx;
    if (dot) readout.textContent = dot.label;
    else if (index == null) readout.textContent = "";
    else {
      const read = data.lines.filter((line) => line.values[index] !== null);
      const said = read.map((line) => `${line.label} ${size(line.values[index])}`);
      const counted = data.counts.filter((line) => line.values[index] !== null);
      said.push(...counted.map((line) => `${line.label} ${line.values[index].toLocaleString("en")}`));
      readout.textContent = `${time(data.at[index])}: ${said.join(", ")}`;
    }
  }

  function highest() {
    const values = data.lines.flatMap((line) => line.values).filter((value) => value !== null);
    return [...values, ...data.dots.map((dot) => dot.bytes), 0];
  }

  function range() {
    const [low, high] = [Math.min(...highest()), Math.max(...highest())];
    const room = (high - low || 1) * 0.08;
    return [low < 0 ? low - room : low, high + room];
  }

  function span() {
    const [first, last] = [data.at[0], data.at[data.at.length - 1]];
    const room = (last - first || 1) * 0.04;
    return [first - room, last + room];
  }

  const axis = { stroke: () => paint("--quiet"), grid: { stroke: () => paint("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
  const ends = data.unit ? { space: 90 } : { splits: () => data.at };
  const options = {
    width: place.clientWidth - 16,
    height: 230,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false, range: span }, y: { range }, n: { range: (_, low, high) => [0, high * 1.08 || 1] } },
    axes: [
      { ...axis, ...ends, size: 30, grid: { show: false }, values: (_, places) => places.map(time) },
      { ...axis, size: 76, incrs: STEPS, values: (_, values) => values.map(size) },
      ...(data.counts.length ? [{ ...axis, scale: "n", side: 1, size: 64, grid: { show: false }, incrs: STEPS, values: (_, values) => values.map((value) => value.toLocaleString("en")) }] : []),
    ],
    series: [{}, ...data.lines.map((line, index) => ({
      label: line.label, width: 2, spanGaps: true, dash: DASHES[index % 4], points: { show: false },
      stroke: () => paint(`--line-${index % 4}`),
    })), ...data.counts.map((line, index) => ({
      label: line.label, scale: "n", width: 2, spanGaps: true, dash: DASHES[index + 4], points: { show: false },
      stroke: () => paint(`--line-${index + 4}`),
    }))],
    hooks: { drawClear: [bands], draw: [dots], setCursor: [tell] },
  };
  const chart = new uPlot(options, [data.at, ...[...data.lines, ...data.counts].map((line) => line.values)], place);
  chart.over.addEventListener("click", () => {
    const dot = under(chart);
    if (dot) location.hash = dot.anchor;
  });
  const redraw = () => chart.redraw(false, true);
  addEventListener("theme", redraw);
  for (const query of ["print", "(prefers-color-scheme: dark)"]) {
    matchMedia(query).addEventListener("change", redraw);
  }
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth - 16, height: 230 })).observe(place);
});
