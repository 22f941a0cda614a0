// Charts as SVG, each of this form:
//
//   const chart = lineChart({ title: "Quality", x: "Round", series: [{ name: "ROC-AUC", tone: "two", shown: (v) => v.toFixed(4) }] });
//   root.append(chart.node);
//   chart.update([{ x: 1, label: "Round 1", values: [0.82] }, …]);      // values in the order of the series; null is a gap
//
// Points are read by pointer and by the arrow keys; a table with the same figures is below each. Heights are fixed, so
// that nothing moves when figures come. Tones: one, two, good, bad, none, open, gold, as in app.css.

export { barChart } from "./charts/bars.js";
export { lineChart } from "./charts/line.js";
export { meter, sparkline } from "./charts/small.js";
